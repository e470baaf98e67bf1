//! Films: the catalogue.

mod grpc;
mod handlers;
mod model;
#[cfg(test)]
mod openapi;
mod storage;
#[cfg(test)]
mod tests;

use door::Transport;
use service::{Access, Context, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

use handlers::Movies;
use storage::Storage;

#[http_component]
async fn movies(request: IncomingRequest, out: ResponseOutparam) {
    let open = |context: Context| {
        Ok(Movies {
            storage: Storage::new(context.storage()?),
            showtimes: context.sibling("showtimes")?,
            clock: context.clock()?,
        })
    };
    service::grpc::serve("movies", request, out, open, routes, grpc::methods).await;
}

fn routes<T: Transport + 'static, S: Transport + 'static>(routes: &mut Routes<Movies<T, S>>) {
    routes
        .get("/movies", Access::Anyone, handlers::list)
        .query(&[
            "title",
            "director",
            "like",
            "min_rating",
            "max_rating",
            "ids",
            "order",
            "limit",
            "after",
        ]);
    routes.post("/movies", Access::Staff, handlers::create);
    routes.get("/movies/:id", Access::Anyone, handlers::read);
    routes.patch("/movies/:id", Access::Staff, handlers::update);
    routes.delete("/movies/:id", Access::Staff, handlers::delete);
}
