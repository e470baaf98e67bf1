//! The description of this service's own part of the API.

use apidoc::{Api, Route, schema};

use crate::{handlers::Docs, routes};

fn api() -> Api {
    Api::new::<Docs>("docs", "The description of the API.", routes)
        .route(
            Route::new(
                "GET",
                "/openapi.json",
                "readDescription",
                "The description, for programs",
            )
            .media(
                "An OpenAPI 3.1 document.",
                "application/json",
                schema::object(),
                serde_json::json!({"openapi": "3.1.0"}),
            ),
        )
        .route(
            Route::new("GET", "/docs", "readPage", "The description, for people").media(
                "A page.",
                "text/html",
                schema::text(),
                "<!DOCTYPE html>".into(),
            ),
        )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}
