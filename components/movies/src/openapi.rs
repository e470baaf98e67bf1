//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::testing::FakeSibling;

use crate::{
    handlers::Movies,
    model::{Movie, MovieChanges, NewMovie, RATING},
    routes,
};

fn new() -> Value {
    json!({"title": "The Tide Table", "director": "Ines Marlow", "rating": 8.4, "minutes": 104, "poster": "https://pictures.example.com/the-tide-table.jpg"})
}

fn changes() -> Value {
    json!({"rating": 8.6, "minutes": null})
}

fn movie() -> Movie {
    let mut movie = new();
    movie["id"] = json!(examples::MOVIE);
    movie["createdon"] = json!(examples::WHEN);
    serde_json::from_value(movie).expect("a film")
}

fn api() -> Api {
    Api::new::<Movies<Memory, FakeSibling>>("movies", "Films: the catalogue.", routes)
        .route(
            Route::new("GET", "/movies", "listMovies", "List films")
                .says("In order of id, oldest first, or the best-rated first. Whatever is asked for has to hold at once.")
                .page("A page of films.", &movie())
                .query("title", schema::text(), "A part of the title, in any case.")
                .query(
                    "director",
                    schema::text(),
                    "A part of the director's name, in any case.",
                )
                .query(
                    "like",
                    schema::ids(),
                    "Films by the directors of these, of which those after the tenth do not count.",
                )
                .query("min_rating", schema::number(RATING), "The least rating.")
                .query("max_rating", schema::number(RATING), "The greatest rating.")
                .query("ids", schema::ids(), "Just these, up to 100.")
                .query(
                    "order",
                    schema::only("rating"),
                    "The best-rated first, the newest of those that are rated alike: one page, without a next one.",
                ),
        )
        .route(
            Route::new("POST", "/movies", "addMovie", "Add a film")
                .takes::<NewMovie>(new())
                .created("The film as it was added.", &movie()),
        )
        .route(
            Route::new("GET", "/movies/:id", "readMovie", "Read a film").one("The film.", &movie()),
        )
        .route(
            Route::new("PATCH", "/movies/:id", "changeMovie", "Change a film")
                .patched_by::<MovieChanges>(changes())
                .one("The film as it is then.", &movie()),
        )
        .route(
            Route::new("DELETE", "/movies/:id", "deleteMovie", "Delete a film")
                .nothing("It is gone.")
                .problem(
                    409,
                    "A showtime to come shows it.",
                    "the showtime 68a1f0c27d5b3e9a41c80f02 on 2030-01-15 is to show it",
                ),
        )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    probe::body::<NewMovie>(&new());
    probe::body::<MovieChanges>(&changes());
}
