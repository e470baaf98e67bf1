//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::testing::FakeSibling;

use crate::{
    handlers::Showtimes,
    model::{NewShowtime, Showtime, ShowtimeChanges},
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

fn changes() -> Value {
    json!({"time": "20:45", "capacity": null})
}

fn showtime() -> Showtime {
    let mut showtime = new();
    showtime["minutes"] = json!(104);
    showtime["revision"] = json!(0);
    showtime["id"] = json!(examples::SHOWTIME);
    showtime["createdon"] = json!(examples::WHEN);
    serde_json::from_value(showtime).expect("a showtime")
}

const TAKEN: &str = "the screen Screen 1 is taken then: the showtime 68a1f0c27d5b3e9a41c80f02 is on there at 19:30 on 2030-01-15";

const PLACE: &str =
    "Where `after` was in the list, as `next` says; without it, `after` has to be there still.";

fn api() -> Api {
    Api::new::<Showtimes<Memory, FakeSibling>>(
        "showtimes",
        "Showtimes: the programme.",
        routes,
    )
    .route(
        Route::new("GET", "/showtimes", "listShowtimes", "List showtimes")
            .says("In the order of day, time and screen; what has no time or no screen comes after what has. Whatever is asked for has to hold at once.")
            .page("A page of showtimes.", &showtime())
            .query("date", schema::day(), "Just this day.")
            .query("from", schema::day(), "This day, and those after it.")
            .query("to", schema::day(), "This day, and those before it.")
            .query("movie", schema::id(), "Those that show this film.")
            .query("ids", schema::ids(), "Just these, up to 100.")
            .query("place", schema::text(), PLACE),
    )
    .route(
        Route::new("POST", "/showtimes", "addShowtime", "Add a showtime")
            .says("One screen shows one thing at a time: what takes the `minutes` of its films where those of each are known, and else begins then.")
            .takes::<NewShowtime>(new())
            .created("The showtime as it was added.", &showtime())
            .problem(409, "The screen is taken.", TAKEN),
    )
    .route(
        Route::new(
            "GET",
            "/showtimes/:id",
            "readShowtime",
            "Read a showtime, or a day's",
        )
        .says("An id gives one showtime, a day that day's programme as a whole, up to a thousand showtimes; it may be empty.")
        .one_or_list("The showtime, or the day's showtimes.", &showtime())
        .path("id", schema::id_or_day(), "The showtime's id, or a day.")
        .query("place", schema::text(), PLACE),
    )
    .route(
        Route::new("PATCH", "/showtimes/:id", "changeShowtime", "Change a showtime")
            .says("It is not moved to where its screen is taken, or into the past, and keeps as many seats as are sold, and each film that is booked.")
            .patched_by::<ShowtimeChanges>(changes())
            .one("The showtime as it is then.", &showtime())
            .problem(409, "The screen is taken, or more is sold than the change leaves.", TAKEN),
    )
    .route(
        Route::new(
            "DELETE",
            "/showtimes/:id",
            "deleteShowtime",
            "Delete a showtime",
        )
        .says("Not while bookings of it stand, unless they are to be cancelled with it, as their customers then see.")
        .query("cancel_bookings", schema::only("true"), "Cancel the bookings of it.")
        .nothing("It is gone.")
        .problem(409, "Bookings of it stand.", "bookings that hang on it: 2; send cancel_bookings=true to have them cancelled"),
    )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    probe::body::<NewShowtime>(&new());
    probe::body::<ShowtimeChanges>(&changes());
}
