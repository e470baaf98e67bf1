//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::testing::FakeSibling;

use crate::{
    availability::Availability,
    handlers::Bookings,
    model::{Booking, NewBooking, NewTerms},
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
    booking["date"] = json!("2030-01-15");
    booking["time"] = json!("20:15");
    booking["screen"] = json!("Screen 1");
    booking["films"] = json!([{"id": examples::MOVIE, "title": "The Tide Table"}]);
    serde_json::from_value(booking).expect("a booking")
}

fn terms() -> Value {
    json!({"revision": 3, "capacity": 120, "movies": [examples::MOVIE]})
}

fn availability() -> Availability {
    Availability {
        showtimeid: examples::SHOWTIME,
        capacity: Some(120),
        left: Some(17),
    }
}

/// What is said to customers who ask for others.
const OTHERS: &str = "userid: you see and make your own bookings only; leave it out";

fn api() -> Api {
    let about = "Bookings: seats at showtimes, sold once. Customers see and change their own, staff anyone's.";
    Api::new::<Bookings<Memory, FakeSibling>>("bookings", about, routes)
        .route(
            Route::new("GET", "/bookings", "listBookings", "List bookings")
                .says("In order of id, oldest or newest first: one's own, and for staff everybody's. Those that the cinema has cancelled are among them, marked so.")
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
                    "A key of one's own, with which the same request may safely be sent again: what was booked is given again. What was not booked may be tried again.",
                )
                .created("The booking.", &booking())
                .problem(403, "Customers book for themselves alone.", OTHERS)
                .problem(
                    409,
                    "The showtime has fewer seats left than were asked for, or less of them for one customer; it has begun, or was cancelled; or what was booked under the key was cancelled since.",
                    "sold out: seats asked for 4, seats left 2",
                ),
        )
        .route(
            Route::new("GET", "/bookings/:id", "readBooking", "Read a booking")
                .one("The booking.", &booking()),
        )
        .route(
            Route::new("DELETE", "/bookings/:id", "cancelBooking", "Cancel a booking")
                .nothing("It is cancelled, and its seats are free.")
                .problem(409, "The cinema has cancelled it.", "the cinema has cancelled this booking already"),
        )
        .route(
            Route::new("DELETE", "/bookings", "cancelBookings", "Cancel a user's bookings to come")
                .says("As it is done for a user who leaves. Those of showtimes that have begun stay.")
                .asked("userid", schema::id(), "Whose they are. Of others, staff alone may cancel them.")
                .nothing("They are cancelled, and their seats are free.")
                .problem(403, "The user is somebody else.", OTHERS),
        )
        .route(
            Route::new("GET", "/bookings/availability", "readAvailability", "How many seats are left")
                .list("The seats of those of the showtimes that there are.", &availability())
                .asked("showtimeids", schema::ids(), "Which showtimes, up to 100."),
        )
        .route(
            Route::new("PUT", "/bookings/terms/:id", "setTerms", "Change the terms of a showtime")
                .says("For showtimes, which asks before it changes one: no seat is sold on other terms from then on.")
                .takes::<NewTerms>(terms())
                .nothing("They count from now on.")
                .problem(
                    409,
                    "More seats are sold, or another film is booked; or there are terms of this revision or a later one, which `revision` tells then.",
                    "more seats are sold: 57",
                ),
        )
        .route(
            Route::new("DELETE", "/bookings/terms/:id", "closeShowtime", "End the sale for a showtime")
                .says("For showtimes, which asks before it removes one: no seat is sold from then on.")
                .query("cancel_bookings", schema::only("true"), "Cancels what is booked there; their customers see that.")
                .nothing("Nothing is booked there any more, and nothing will be.")
                .problem(409, "Something is booked there.", "bookings that hang on it: 12; send cancel_bookings=true to have them cancelled"),
        )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    probe::body::<NewBooking>(&new());
    probe::body::<NewTerms>(&terms());
}
