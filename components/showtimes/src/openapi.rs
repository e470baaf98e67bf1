//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::testing::FakeSibling;

use crate::{
    handlers::Showtimes,
    model::{NewShowtime, Showtime},
    routes,
};

fn new() -> Value {
    json!({
        "date": "2030-01-15",
        "time": "20:15",
        "screen": "Screen 1",
        "movies": [examples::MOVIE],
        "capacity": 120,
    })
}

fn showtime() -> Showtime {
    let mut showtime = new();
    showtime["id"] = json!(examples::SHOWTIME);
    showtime["createdon"] = json!(examples::WHEN);
    serde_json::from_value(showtime).expect("a showtime")
}

fn api() -> Api {
    Api::new::<Showtimes<Memory, FakeSibling>>(
        "showtimes",
        "Showtimes: the programme.",
        routes,
    )
    .route(
        Route::new("GET", "/showtimes", "listShowtimes", "List showtimes")
            .says("In order of id, oldest first, or of day. Whatever is asked for has to hold at once.")
            .page("A page of showtimes.", &showtime())
            .query("date", schema::day(), "Just this day.")
            .query("from", schema::day(), "This day, and those after it.")
            .query("to", schema::day(), "This day, and those before it.")
            .query("movie", schema::id(), "Those that show this film.")
            .query("ids", schema::ids(), "Just these, up to 100.")
            .query(
                "order",
                schema::only("date"),
                "The soonest first, in order of day: one page, without a next one.",
            ),
    )
    .route(
        Route::new("POST", "/showtimes", "addShowtime", "Add a showtime")
            .takes::<NewShowtime>(new())
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
        .path("id", schema::id_or_day(), "The showtime's id, or a day."),
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
    probe::body::<NewShowtime>(&new());
}
