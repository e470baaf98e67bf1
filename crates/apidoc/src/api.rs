//! A service's description, from its routes.

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, PathItem, PathItemBuilder, PathsBuilder};
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, ServerBuilder};

use crate::file::kept;
use crate::operation::param;
use crate::route::{Named, Route};
use crate::{answers, schema};
use service::{Access, Routes, Service, cookies, testing};

/// The description of a service's API.
pub struct Api {
    name: &'static str,
    about: &'static str,
    table: Vec<(String, &'static str, Access, &'static [&'static str])>,
    routes: Vec<Route>,
}

impl Api {
    /// Of the service that is called `name` and has these routes.
    pub fn new<S: Service>(
        name: &'static str,
        about: &'static str,
        routes: impl FnOnce(&mut Routes<S>),
    ) -> Self {
        Self {
            name,
            about,
            table: testing::rows(routes),
            routes: Vec::new(),
        }
    }

    /// With what a route takes and gives.
    pub fn route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// Asserts that the service's `openapi.json` has just this description, with the routes that tell of its health; `make openapi`
    /// writes it.
    ///
    /// # Panics
    /// Where the file has another, and where a route is described that the service does not have, or one of its own is not.
    pub fn is_kept(self) {
        kept(self.name, &self.text());
    }

    fn text(self) -> String {
        let (name, about) = (self.name, self.about);
        let (paths, schemas) = self.paths();
        let document = OpenApiBuilder::new()
            .info(
                InfoBuilder::new()
                    .title(format!("Cinema: {name}"))
                    .version(env!("CARGO_PKG_VERSION"))
                    .description(Some(about)),
            )
            .servers(Some([ServerBuilder::new().url("/").build()]))
            .tags(Some([TagBuilder::new()
                .name(name)
                .description(Some(about))
                .build()]))
            .paths(paths)
            .components(Some(components(schemas).build()))
            .build();
        written(&document)
    }

    fn paths(self) -> (PathsBuilder, Vec<Named>) {
        let described: BTreeSet<_> = (self.routes.iter())
            .map(|route| (route.method, route.path))
            .collect();
        let real: BTreeSet<_> = (self.table.iter())
            .map(|(method, path, ..)| (method.as_str(), *path))
            .collect();
        assert_eq!(described, real, "what is described, and what there is");
        assert_eq!(described.len(), self.routes.len(), "a route stands twice");
        let mut schemas = Vec::new();
        let mut paths = PathsBuilder::new();
        for route in self.routes {
            schemas.extend(route.schemas.iter().cloned());
            let row = (self.table.iter())
                .find(|(method, path, ..)| (method.as_str(), *path) == (route.method, route.path));
            let (access, query) = row.map_or((Access::Anyone, &[][..]), |(_, _, access, query)| {
                (*access, query)
            });
            let (at, described) = (route.path, route.queried());
            assert_eq!(
                described,
                query.iter().copied().collect(),
                "the query of {at}"
            );
            let path = template(route.path);
            let method = method(route.method);
            paths = paths.path(path, item(method, route.operation(self.name, access)));
        }
        for (last, route) in health(self.name) {
            let path = format!("/{}/{last}", self.name);
            let operation = route.operation(self.name, Access::Anyone);
            paths = paths.path(path, item(HttpMethod::Get, operation));
        }
        (paths, schemas)
    }
}

/// What every service answers about its health: the last part of the path, and the route.
fn health(service: &str) -> [(&'static str, Route); 2] {
    let route = |path, id: &str, title, says| {
        let route = Route::new("GET", path, format!("{service}{id}"), title);
        (
            path,
            route.media(says, "text/plain", schema::text(), "ok".into()),
        )
    };
    [
        route(
            "healthz",
            "Live",
            "Whether the service lives",
            "It does; nothing else was asked.",
        ),
        route(
            "healthy",
            "Ready",
            "Whether the service is ready",
            "It is: storage answers.",
        ),
    ]
}

fn item(method: HttpMethod, operation: utoipa::openapi::path::Operation) -> PathItem {
    PathItemBuilder::new()
        .operation(method, operation)
        .parameter_refs(Some(["RequestId", "TraceParent"].map(answers::parameter)))
        .build()
}

/// A path as OpenAPI writes it.
fn template(path: &str) -> String {
    let segments = path.split('/').map(|segment| match param(segment) {
        Some(name) => format!("{{{name}}}"),
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

fn method(name: &str) -> HttpMethod {
    match name {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        other => panic!("no route has the method {other}"),
    }
}

fn components(schemas: Vec<Named>) -> ComponentsBuilder {
    let mut components = answers::shared();
    for (name, schema) in schemas {
        components = components.schema(name, schema);
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token, as `POST /auth/login` gives it."));
    let cookie = ApiKeyValue::with_description(
        cookies::ACCESS,
        "The same token, for browsers, as `POST /auth/login` with `\"cookies\": true` sets it. What writes has to send \
         `X-CSRF-Token`, too.",
    );
    components
        .security_scheme("bearerAuth", SecurityScheme::Http(bearer.build()))
        .security_scheme("cookieAuth", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))
}

/// A document as it is committed, without components that nothing in it speaks of.
fn written(document: &OpenApi) -> String {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    prune(&mut document);
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// Takes away what is described and nowhere used, until there is no more of it.
fn prune(document: &mut Value) {
    loop {
        let text = document.to_string();
        let mut pruned = false;
        for kind in ["schemas", "parameters", "headers", "responses"] {
            let Some(components) = document["components"][kind].as_object_mut() else {
                continue;
            };
            let before = components.len();
            components.retain(|name, _| {
                // No route answers it of itself: it is the answer of a path to the methods it does not have.
                name == "MethodNotAllowed"
                    || text.contains(&format!("\"#/components/{kind}/{name}\""))
            });
            pruned |= components.len() < before;
        }
        if !pruned {
            return;
        }
    }
}
