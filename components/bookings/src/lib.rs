//! Bookings: seats at showtimes, sold once. Customers see and change their own, staff anyone's.
//!
//! - `model`: a booking, the order that becomes one, the tombstone that takes its place
//! - `handlers`: a function a route
//! - `sale`: a sale and its undoing, step by step
//! - `ledger`: which booking holds how many seats of a showtime, and why none is ever sold twice
//! - `idempotency`: the same request sent again gets the first answer again
//! - `seats`, `record`: what is stored beside bookings: who holds seats, keys seen
//! - `storage`: what all of it asks of storage, and what is cleared away there

mod handlers;
mod idempotency;
mod ledger;
mod model;
#[cfg(test)]
mod openapi;
mod record;
mod sale;
mod seats;
mod storage;
#[cfg(test)]
mod tests;

use door::Transport;
use service::{Access, Context, Moment, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

use handlers::Bookings;
use storage::Storage;

#[http_component]
async fn bookings(request: IncomingRequest, out: ResponseOutparam) {
    let open = |context: Context| {
        Ok(Bookings {
            storage: Storage::new(context.storage()?, Moment::now),
            showtimes: context.sibling("showtimes")?,
        })
    };
    service::serve("bookings", request, out, open, routes).await;
}

fn routes<T: Transport + 'static, S: Transport + 'static>(routes: &mut Routes<Bookings<T, S>>) {
    routes
        .get("/bookings", Access::SignedIn, handlers::list)
        .query(&["userid", "showtimeid", "movies", "order", "limit", "after"]);
    routes.post("/bookings", Access::SignedIn, handlers::create);
    routes.get("/bookings/:id", Access::SignedIn, handlers::read);
    routes.delete("/bookings/:id", Access::SignedIn, handlers::delete);
}
