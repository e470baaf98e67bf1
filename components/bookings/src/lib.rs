//! Bookings: seats at showtimes, sold once. Customers see and change their own, staff anyone's.
//!
//! - `model`: what makes a booking valid, how it is stored and shown
//! - `handlers`: a function a route
//! - `sale`: a sale and its undoing, step by step
//! - `ledger`: which booking holds how many seats of a showtime, and why none is ever sold twice
//! - `idempotency`: the same request sent again gets the first answer again
//! - `entry`, `seats`, `record`: what is stored beside bookings: their tombstones, who holds seats, keys seen
//! - `storage`: what all of it asks of storage

mod entry;
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

use door::{Outbound, Transport};
use handlers::Bookings;
use service::{Access, Context, Problem, Routes, clock};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};
use storage::{DataApi, Storage};

#[http_component]
async fn bookings(request: IncomingRequest, out: ResponseOutparam) {
    service::serve("bookings", request, out, open, routes).await;
}

fn open(context: Context) -> Result<Bookings<DataApi<Outbound>, Outbound>, Problem> {
    let storage = DataApi::new(context.storage()?, clock::now);
    Ok(Bookings::new(storage, context.sibling("showtimes")?))
}

fn routes<S: Storage + 'static, A: Transport + 'static>(routes: &mut Routes<Bookings<S, A>>) {
    routes.get("/bookings", Access::SignedIn, handlers::list);
    routes.post("/bookings", Access::SignedIn, handlers::create);
    routes.get("/bookings/:id", Access::SignedIn, handlers::read);
    routes.delete("/bookings/:id", Access::SignedIn, handlers::delete);
}
