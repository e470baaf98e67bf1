//! Bookings: seats at showtimes, sold once. Customers see and change their own, staff anyone's.
//!
//! - `model`: a booking, the order that becomes one, the tombstone that takes its place
//! - `handlers`: a function a route; `grpc`: a method a route
//! - `offer`: what an order is for
//! - `sale`: a sale and its undoing, step by step
//! - `ledger`: which booking holds how many seats of a showtime, and why none is ever sold twice
//! - `terms`: on which terms a showtime is sold, changed and ended while others buy
//! - `availability`: how many seats are left
//! - `checkin`, `guests`: who is let in, and who is awaited
//! - `report`: what was sold, by day, film and hour
//! - `leaving`: what becomes of a user's bookings who leaves
//! - `idempotency`: the same request sent again gets the first answer again
//! - `seats`, `record`: what is stored beside bookings: who holds seats, keys seen
//! - `storage`: what all of it asks of storage, and what is cleared away there

mod availability;
mod checkin;
mod grpc;
mod guests;
mod handlers;
mod idempotency;
mod leaving;
mod ledger;
mod model;
mod offer;
#[cfg(test)]
mod openapi;
mod record;
mod report;
mod sale;
mod seats;
mod storage;
mod terms;
#[cfg(test)]
mod tests;

use door::Transport;
use service::{Access, Context, Fresh, Id, Moment, Problem, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

use handlers::Bookings;
use model::Film;
use storage::Storage;

thread_local! {
    /// Films hardly ever change their titles.
    static TITLES: Fresh<Id, Film> = Fresh::default();
}

#[http_component]
async fn bookings(request: IncomingRequest, out: ResponseOutparam) {
    let open = |context: Context| {
        let mut storage = Storage::new(context.storage()?, Moment::now);
        if let Some(seats) = seats_per_customer(&context)? {
            storage.seats_per_customer = seats;
        }
        Ok(Bookings {
            storage,
            showtimes: context.sibling("showtimes")?,
            movies: context.sibling("movies")?,
            users: context.sibling("users")?,
            clock: context.clock()?,
            titles: TITLES.with(Fresh::clone),
        })
    };
    service::grpc::serve("bookings", request, out, open, routes, grpc::methods).await;
}

/// How many seats of one showtime a customer may have, if it is said.
fn seats_per_customer(context: &Context) -> Result<Option<i32>, Problem> {
    const NAME: &str = "seats_per_customer";
    let said = context.setting(NAME).filter(|said| !said.is_empty());
    let seats = said.map(|said| said.parse().ok().filter(|seats| *seats > 0));
    let unusable = || Problem::unusable(NAME, "give a whole number, 1 or greater");
    seats.map(|seats| seats.ok_or_else(unusable)).transpose()
}

fn routes<T: Transport + 'static, S: Transport + 'static>(routes: &mut Routes<Bookings<T, S>>) {
    routes
        .get("/bookings", Access::SignedIn, handlers::list)
        .query(&["userid", "showtimeid", "movies", "order", "limit", "after"]);
    routes
        .delete("/bookings", Access::SignedIn, leaving::delete_all)
        .query(&["userid"]);
    routes
        .get("/bookings/availability", Access::Anyone, availability::read)
        .query(&["showtimeids"]);
    routes.put("/bookings/terms/:id", Access::Staff, handlers::set_terms);
    routes
        .delete("/bookings/terms/:id", Access::Staff, handlers::close)
        .query(&["cancel_bookings"]);
    routes
        .get("/bookings/guests/:id", Access::Staff, guests::read)
        .query(&["after"]);
    routes
        .get("/bookings/report", Access::Staff, report::read)
        .query(&["from", "to"]);
    routes.post("/bookings/:id/checkin", Access::Staff, checkin::set);
    routes.delete("/bookings/:id/checkin", Access::Staff, checkin::take_back);
    routes.post("/bookings", Access::SignedIn, handlers::create);
    routes.get("/bookings/:id", Access::SignedIn, handlers::read);
    routes.delete("/bookings/:id", Access::SignedIn, handlers::delete);
}
