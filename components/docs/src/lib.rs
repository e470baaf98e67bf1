//! What the whole API is, and how it is, for programs and for people.
//!
//! - `handlers`: its description, which is made when the component is built, of what each service says of itself in its `openapi.json`:
//!   see `build`
//! - `reflection`: the contract by gRPC; `health`: whether the services serve, by gRPC

mod handlers;
mod health;
#[cfg(test)]
mod openapi;
mod reflection;
#[cfg(test)]
mod tests;

use handlers::Docs;
use service::{Access, Routes, grpc};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

#[http_component]
async fn docs(request: IncomingRequest, out: ResponseOutparam) {
    let path = request.path_with_query().unwrap_or_default();
    match path.as_str() {
        health::CHECK => grpc::converse("docs", request, out, health::check).await,
        path if reflection::INFO.contains(&path) => {
            grpc::converse("docs", request, out, reflection::info).await
        }
        _ => grpc::serve("docs", request, out, |_| Ok(Docs), routes, |_| ()).await,
    }
}

fn routes(routes: &mut Routes<Docs>) {
    routes.get("/openapi.json", Access::Anyone, handlers::description);
    routes.get("/docs", Access::Anyone, handlers::page);
}
