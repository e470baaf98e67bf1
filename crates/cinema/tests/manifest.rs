//! The project's own `spin.toml`, as the host reads it.
#![allow(clippy::unwrap_used)]

use host::manifest::{Sources, load};
use std::path::Path;

#[test]
fn the_projects_own_manifest_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spin.toml");
    let app = load(&path, &Sources::default()).unwrap();
    assert_eq!(app.name, "cinema");
    assert_eq!(app.components.len(), 8);
    for (path, component) in [
        ("/users/1/suggested", "users"),
        ("/openapi.json", "docs"),
        ("/", "website"),
        // data-api is private
        ("/action/find", "website"),
    ] {
        assert_eq!(app.routes.lookup(path).unwrap().component, component);
    }
    assert!(app.routes.duplicates().is_empty());

    let users = app.component("users").unwrap();
    assert!(users.serves_http);
    assert_eq!(
        users.variables.get("movies_url"),
        Some("http://movies.spin.internal")
    );
    assert!(
        users
            .allowed_outbound_hosts
            .allows("http", "data-api.spin.internal", None)
    );
    assert!(
        !users
            .allowed_outbound_hosts
            .allows("http", "users.spin.internal", None)
    );
    let (name, dependency) = &users.dependencies[0];
    assert_eq!(name, "cinema:recommender/rank@1.0.0");
    assert!(
        dependency
            .path
            .ends_with("target/wasm32-wasip1/release/recommender.wasm")
    );
    assert!(!dependency.inherits_configuration);

    let data_api = app.component("data-api").unwrap();
    assert!(data_api.serves_http);
    assert_eq!(data_api.sqlite_databases, ["default"]);
    assert!(
        !data_api
            .allowed_outbound_hosts
            .allows("http", "example.com", None)
    );
}
