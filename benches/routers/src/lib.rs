//! A film by id, by three routers: the services' own, the SDK's, and axum's. Each is made for each request, as on Spin, and has as many
//! routes as movies has. The first part of the path says which router it is.
//!
//! The services' own does more: it checks the query and whom a route is open to, ties the request to its log, and tells errors as
//! problems.

use axum::{Json, body::Body};
use http_body_util::BodyExt;
use serde::Serialize;
use service::{Access, Context, Problem, Reply, Routes, Service};
use spin_sdk::{
    http::{
        IncomingRequest, IntoResponse, Params, Request, Response, ResponseOutparam, Router,
        conversions::TryFromIncomingRequest,
    },
    http_component,
};
use tower::ServiceExt;

/// What is answered.
#[derive(Serialize)]
struct One {
    data: Film,
}

#[derive(Serialize)]
struct Film {
    id: String,
    title: &'static str,
    director: &'static str,
    rating: f64,
}

fn film(id: &str) -> Film {
    Film {
        id: id.to_owned(),
        title: "The Third Man",
        director: "Carol Reed",
        rating: 8.1,
    }
}

#[http_component]
async fn routers(request: IncomingRequest, out: ResponseOutparam) {
    let path = request.path_with_query().unwrap_or_default();
    match path.split('/').nth(1) {
        Some("ours") => service::serve("ours", request, out, |_: Context| Ok(Films), ours).await,
        Some("sdk") => respond(out, sdk(request).await).await,
        _ => respond(out, axums(request).await).await,
    }
}

struct Films;

impl Service for Films {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }
}

fn ours(routes: &mut Routes<Films>) {
    let other = async |_, _| Ok(Reply::no_content());
    routes.get("/ours/films", Access::Anyone, other);
    routes.post("/ours/films", Access::Staff, other);
    routes.get("/ours/films/:id", Access::Anyone, async |_, request| {
        Ok(Reply::one(film(request.param("id"))))
    });
    routes.patch("/ours/films/:id", Access::Staff, other);
    routes.delete("/ours/films/:id", Access::Staff, other);
}

async fn sdk(request: IncomingRequest) -> Response {
    let other = |_: Request, _: Params| no_content();
    let mut router = Router::new();
    router.get("/sdk/films", other);
    router.post("/sdk/films", other);
    router.get("/sdk/films/:id", |_: Request, params: Params| {
        json(film(params.get("id").unwrap_or_default()))
    });
    router.patch("/sdk/films/:id", other);
    router.delete("/sdk/films/:id", other);
    match Request::try_from_incoming_request(request).await {
        Ok(request) => router.handle(request),
        Err(error) => error.into_response(),
    }
}

async fn axums(request: IncomingRequest) -> Response {
    use axum::{Router, extract::Path, routing};
    let other = async || http::StatusCode::NO_CONTENT;
    let read = async |Path(id): Path<String>| Json(One { data: film(&id) });
    let router = Router::new()
        .route("/axum/films", routing::get(other).post(other))
        .route(
            "/axum/films/{id}",
            routing::get(read).patch(other).delete(other),
        );
    let request = match http::Request::<Vec<u8>>::try_from_incoming_request(request).await {
        Ok(request) => request.map(Body::from),
        Err(error) => return error.into_response(),
    };
    let Ok(response) = router.oneshot(request).await;
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => http::Response::from_parts(parts, body.to_bytes().to_vec()).into_response(),
        Err(error) => failed(&error),
    }
}

fn json(data: Film) -> Response {
    match serde_json::to_vec(&One { data }) {
        Ok(body) => Response::builder()
            .status(200)
            .header("content-type", "application/json")
            .body(body)
            .build(),
        Err(error) => failed(&error),
    }
}

fn no_content() -> Response {
    Response::builder().status(204).build()
}

fn failed(error: &dyn std::error::Error) -> Response {
    Response::builder()
        .status(500)
        .body(error.to_string())
        .build()
}

async fn respond(out: ResponseOutparam, mut response: Response) {
    let body = std::mem::take(response.body_mut());
    match response.try_into() {
        Ok(outgoing) => {
            if let Err(error) = out.set_with_body(outgoing, body).await {
                eprintln!("the answer was not taken: {error}");
            }
        }
        Err(error) => eprintln!("the answer is none: {error}"),
    }
}
