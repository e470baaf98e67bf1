//! Showtimes: the programme.
//!
//! - `model`: a showtime, what makes one valid, and its place in the programme
//! - `handlers`: a function a route; `grpc`: a method a route
//! - `programme`: what is put on the programme, changed there and taken off it, step by step
//! - `screens`: which screen is taken when, and why nothing else is ever on it then; `sheets`: how that is stored
//! - `storage`: what all of it asks of storage

mod grpc;
mod handlers;
mod model;
#[cfg(test)]
mod openapi;
mod programme;
mod screens;
mod sheets;
mod storage;
#[cfg(test)]
mod tests;

use door::Transport;
use service::{Access, Context, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

use handlers::Showtimes;
use storage::Storage;

#[http_component]
async fn showtimes(request: IncomingRequest, out: ResponseOutparam) {
    let open = |context: Context| {
        Ok(Showtimes {
            storage: Storage::new(context.storage()?, context.clock()?),
            movies: context.sibling("movies")?,
            bookings: context.sibling("bookings")?,
        })
    };
    service::grpc::serve("showtimes", request, out, open, routes, grpc::methods).await;
}

fn routes<T: Transport + 'static, S: Transport + 'static>(routes: &mut Routes<Showtimes<T, S>>) {
    routes
        .get("/showtimes", Access::Anyone, handlers::list)
        .query(&[
            "date", "from", "to", "movie", "ids", "limit", "after", "place",
        ]);
    routes.post("/showtimes", Access::Staff, handlers::create);
    routes
        .get("/showtimes/:id", Access::Anyone, handlers::read)
        .query(&["after", "place"]);
    routes.patch("/showtimes/:id", Access::Staff, handlers::update);
    routes
        .delete("/showtimes/:id", Access::Staff, handlers::delete)
        .query(&["cancel_bookings"]);
}
