//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::testing::FakeSibling;

use crate::{
    availability::Availability,
    guests::Guest,
    handlers::Bookings,
    model::{Booking, NewBooking, NewTerms},
    report::Report,
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
    booking["checkedin"] = json!({"on": examples::WHEN, "by": examples::USER});
    booking["films"] = json!([{"id": examples::MOVIE, "title": "The Tide Table"}]);
    serde_json::from_value(booking).expect("a booking")
}

fn awaited() -> Booking {
    Booking {
        checkedin: None,
        ..booking()
    }
}

fn guest() -> Guest {
    let user =
        json!({"id": examples::USER, "username": "ada", "firstname": "Ada", "lastname": "Marlow"});
    serde_json::from_value(json!({"booking": booking(), "user": user})).expect("a guest")
}

fn sold() -> Report {
    let report = json!({
        "from": "2030-01-15",
        "to": "2030-01-15",
        "days": [{"date": "2030-01-15", "showtimes": 1, "seats": 103}],
        "films": [{"id": examples::MOVIE, "seats": 103}],
        "hours": [{"weekday": 2, "hour": 20, "showtimes": 1, "capacity": 120, "seats": 103}],
    });
    serde_json::from_value(report).expect("a report")
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
                .problem(409, "The cinema has cancelled it, or its guests were let in.", "the cinema has cancelled this booking already"),
        )
        .route(
            Route::new("POST", "/bookings/:id/checkin", "checkIn", "Let the guests of a booking in")
                .says("Once: whoever tries again is told when it was.")
                .one("The booking, with when that was.", &booking())
                .problem(409, "Its guests were let in already, or the cinema has cancelled it.", "the guests of this booking were let in already, on 2030-01-15 at 19:58"),
        )
        .route(
            Route::new("DELETE", "/bookings/:id/checkin", "takeCheckInBack", "Take back that guests were let in")
                .one("The booking, whose guests are awaited again.", &awaited()),
        )
        .route(
            Route::new("GET", "/bookings/guests/:id", "listGuests", "List the guests of a showtime")
                .says("What is booked there in order of id, with whose it is: all of it, up to a thousand bookings at once.")
                .long_list("The guests.", &guest()),
        )
        .route(
            Route::new("GET", "/bookings/report", "report", "What was sold between two days")
                .says("By what is on the programme of these days.")
                .one("What was sold.", &sold())
                .asked("from", schema::day(), "The first day.")
                .asked("to", schema::day(), "The last day, 31 days in all at the most."),
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
