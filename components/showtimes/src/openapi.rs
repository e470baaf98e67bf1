//! The description of the API, which the tests make and hold against the routes.

use data_api_client::{Client, memory::Memory};
use serde::Serialize;
use service::openapi::{Api, Route, probe, words};
use service::testing::FakeSibling;
use utoipa::ToSchema;

use crate::{
    handlers::Showtimes,
    model::{Showtime, View},
    routes,
};

/// A showtime to add.
#[derive(Serialize, ToSchema)]
struct NewShowtime {
    #[schema(value_type = words::Day)]
    date: &'static str,
    #[schema(value_type = Option<words::Time>)]
    time: Option<&'static str>,
    #[schema(min_length = 1, max_length = 50)]
    screen: Option<&'static str>,
    /// Each of them has to exist.
    #[schema(value_type = BTreeSet<words::Id>, min_items = 1, max_items = 50)]
    movies: [String; 1],
    /// How many seats there are; without it there is always one more.
    #[schema(minimum = 1, maximum = 10_000)]
    capacity: Option<i64>,
}

fn new() -> NewShowtime {
    NewShowtime {
        date: "2030-01-15",
        time: Some("20:15"),
        screen: Some("Screen 1"),
        movies: [words::MOVIE.to_hex()],
        capacity: Some(120),
    }
}

fn showtime() -> View {
    let new = new();
    let showtime = Showtime {
        id: words::SHOWTIME,
        date: Some(new.date.into()),
        time: new.time.map(Into::into),
        screen: new.screen.map(Into::into),
        movies: vec![words::MOVIE],
        capacity: new.capacity,
        createdon: Some(words::WHEN),
    };
    showtime.view()
}

fn api() -> Api {
    Api::new::<Showtimes<Client<Memory>, FakeSibling>>(
        "showtimes",
        "Showtimes: the programme.",
        routes,
    )
    .route(
        Route::new("GET", "/showtimes", "listShowtimes", "List showtimes")
            .says("In order of id, oldest first. Whatever is asked for has to hold at once.")
            .page("A page of showtimes.", &showtime())
            .query("date", words::day(), "Just this day.")
            .query("from", words::day(), "This day, and those after it.")
            .query("to", words::day(), "This day, and those before it.")
            .query("movie", words::id(), "Those that show this film.")
            .query("ids", words::ids(), "Just these, up to 100."),
    )
    .route(
        Route::new("POST", "/showtimes", "addShowtime", "Add a showtime")
            .body(&new())
            .created("The showtime as it was added.", &showtime()),
    )
    .route(
        Route::new(
            "GET",
            "/showtimes/:id",
            "readShowtime",
            "Read a showtime, or a day's",
        )
        .says("An id gives one showtime, a day a page of that day's showtimes, which may be empty.")
        .one_or_page("The showtime, or the day's showtimes.", &showtime())
        .path("id", words::id_or_day(), "The showtime's id, or a day."),
    )
    .route(
        Route::new(
            "DELETE",
            "/showtimes/:id",
            "deleteShowtime",
            "Delete a showtime",
        )
        .nothing("It is gone."),
    )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    probe::body(&new(), |mut fields| {
        Showtime::create(&mut fields);
        fields.finish()
    });
}
