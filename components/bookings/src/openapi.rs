//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::testing::FakeSibling;

use crate::{
    handlers::Bookings,
    model::{Booking, NewBooking},
    routes,
};

fn new() -> Value {
    json!({"showtimeid": examples::SHOWTIME, "movies": [examples::MOVIE], "seats": 2})
}

fn booking() -> Booking {
    let mut booking = new();
    booking["id"] = json!(examples::BOOKING);
    booking["userid"] = json!(examples::USER);
    booking["createdon"] = json!(examples::WHEN);
    serde_json::from_value(booking).expect("a booking")
}

/// What is said to customers who ask for others.
const OTHERS: &str = "userid: you see and make your own bookings only; leave it out";

fn api() -> Api {
    let about = "Bookings: seats at showtimes, sold once. Customers see and change their own, staff anyone's.";
    Api::new::<Bookings<Memory, FakeSibling>>("bookings", about, routes)
        .route(
            Route::new("GET", "/bookings", "listBookings", "List bookings")
                .says("In order of id, oldest or newest first: one's own, and for staff everybody's.")
                .page("A page of bookings.", &booking())
                .query("userid", schema::id(), "Just this user's. Of others, staff alone may ask.")
                .query("showtimeid", schema::id(), "Just those of this showtime.")
                .query("movies", schema::ids(), "Just those with any of these films, up to 100.")
                .query("order", schema::only("newest"), "The newest first.")
                .problem(403, "The user who is asked for is somebody else.", OTHERS),
        )
        .route(
            Route::new("POST", "/bookings", "book", "Book seats")
                .takes::<NewBooking>(new())
                .header(
                    "Idempotency-Key",
                    schema::printable(128),
                    "A key of one's own, with which the same request may safely be sent again: it is given the first answer again.",
                )
                .created("The booking.", &booking())
                .problem(403, "Customers book for themselves alone.", OTHERS)
                .problem(409, "The showtime has fewer seats left than were asked for.", "sold out: seats asked for 4, seats left 2"),
        )
        .route(
            Route::new("GET", "/bookings/:id", "readBooking", "Read a booking")
                .one("The booking.", &booking()),
        )
        .route(
            Route::new("DELETE", "/bookings/:id", "cancelBooking", "Cancel a booking")
                .nothing("It is cancelled, and its seats are free."),
        )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    probe::body::<NewBooking>(&new());
}
