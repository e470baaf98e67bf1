//! The description of the whole API, for programs and for people. Both are made when the component is built, of what each
//! service says of itself in its `openapi.json`: see `build`.

mod handlers;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod tests;

use handlers::Docs;
use service::{Access, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

#[http_component]
async fn docs(request: IncomingRequest, out: ResponseOutparam) {
    service::serve("docs", request, out, |_| Ok(Docs), routes).await;
}

fn routes(routes: &mut Routes<Docs>) {
    routes.get("/openapi.json", Access::Anyone, handlers::description);
    routes.get("/docs", Access::Anyone, handlers::page);
}
