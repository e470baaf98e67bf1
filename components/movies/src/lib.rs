//! Films: the catalogue.

mod handlers;
mod model;
#[cfg(test)]
mod openapi;
mod storage;
#[cfg(test)]
mod tests;

use handlers::Movies;
use service::{Access, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};
use storage::Storage;

#[http_component]
async fn movies(request: IncomingRequest, out: ResponseOutparam) {
    service::serve(
        "movies",
        request,
        out,
        |context| Ok(Movies::new(context.storage()?)),
        routes,
    )
    .await;
}

fn routes<S: Storage + 'static>(routes: &mut Routes<Movies<S>>) {
    routes
        .get("/movies", handlers::list)
        .open_to(Access::Anyone);
    routes
        .post("/movies", handlers::create)
        .open_to(Access::Staff);
    routes
        .get("/movies/:id", handlers::read)
        .open_to(Access::Anyone);
    routes
        .patch("/movies/:id", handlers::update)
        .open_to(Access::Staff);
    routes
        .delete("/movies/:id", handlers::delete)
        .open_to(Access::Staff);
}
