//! Films: the catalogue.

mod handlers;
mod model;
mod storage;
#[cfg(test)]
mod tests;

use handlers::Movies;
use service::Routes;
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
    routes.get("/movies", handlers::list);
    routes.post("/movies", handlers::create);
    routes.get("/movies/:id", handlers::read);
    routes.patch("/movies/:id", handlers::update);
    routes.delete("/movies/:id", handlers::delete);
}
