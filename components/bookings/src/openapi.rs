//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde::Serialize;
use service::testing::FakeSibling;
use utoipa::ToSchema;

use crate::handlers::Bookings;
use crate::model::{Booking, Draft, Shown};
use crate::routes;
use crate::storage::DataApi;

/// Seats to book.
#[derive(Serialize, ToSchema)]
struct NewBooking {
    /// Who books: whoever is signed in, unless staff name somebody else.
    #[schema(value_type = Option<schema::Id>)]
    userid: Option<String>,
    #[schema(value_type = schema::Id)]
    showtimeid: String,
    /// A part of the showtime's.
    #[schema(value_type = BTreeSet<schema::Id>, min_items = 1, max_items = 50)]
    movies: [String; 1],
    /// How many seats: one, unless it is said.
    #[schema(minimum = 1, maximum = 20)]
    seats: Option<i64>,
}

fn new() -> NewBooking {
    NewBooking {
        userid: None,
        showtimeid: examples::SHOWTIME.to_string(),
        movies: [examples::MOVIE.to_string()],
        seats: Some(2),
    }
}

fn booking() -> Shown {
    Shown::from(Booking {
        id: examples::BOOKING,
        userid: Some(examples::USER),
        showtimeid: Some(examples::SHOWTIME),
        movies: vec![examples::MOVIE],
        seats: 2,
        createdon: bson::DateTime::from_millis(examples::WHEN.millis()),
    })
}

fn api() -> Api {
    let about = "Bookings: seats at showtimes, sold once. Customers see and change their own, staff anyone's.";
    Api::new::<Bookings<DataApi<Memory>, FakeSibling>>("bookings", about, routes)
        .route(
            Route::new("GET", "/bookings", "listBookings", "List bookings")
                .says("In order of id, oldest or newest first: one's own, and for staff everybody's.")
                .page("A page of bookings.", &booking())
                .query("userid", schema::id(), "Just this user's. Of others, staff alone may ask.")
                .query("showtimeid", schema::id(), "Just those of this showtime.")
                .query("movies", schema::ids(), "Just those with any of these films, up to 100.")
                .query("order", schema::only("newest"), "The newest first.")
                .problem(403, "The user who is asked for is somebody else."),
        )
        .route(
            Route::new("POST", "/bookings", "book", "Book seats")
                .body(&new())
                .header(
                    "Idempotency-Key",
                    schema::printable(128),
                    "A key of one's own, with which the same request may safely be sent again: it is given the first answer again.",
                )
                .created("The booking.", &booking())
                .problem(403, "Customers book for themselves alone.")
                .problem(409, "The showtime has fewer seats left than were asked for."),
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
    probe::described(&new(), |fields| {
        Draft::read(fields, examples::USER).finish().map(drop)
    });
}
