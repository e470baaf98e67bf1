//! The description of the API, which the tests make and hold against the routes.

use data_api_client::{Client, memory::Memory};
use serde::Serialize;
use service::openapi::{Api, Route, probe, words};
use utoipa::ToSchema;

use crate::{
    handlers::Movies,
    model::{Movie, View},
    routes,
};

/// A film to add.
#[derive(Serialize, ToSchema)]
struct NewMovie {
    #[schema(min_length = 1, max_length = 200)]
    title: &'static str,
    #[schema(min_length = 1, max_length = 200)]
    director: &'static str,
    /// Kept with one decimal.
    #[schema(minimum = 0, maximum = 10)]
    rating: f64,
}

/// What to change of a film; what is left out stays.
#[derive(Serialize, ToSchema)]
struct MovieChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    director: Option<&'static str>,
    /// Kept with one decimal.
    #[schema(minimum = 0, maximum = 10, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
}

const NEW: NewMovie = NewMovie {
    title: "The Tide Table",
    director: "Ines Marlow",
    rating: 8.4,
};

const CHANGES: MovieChanges = MovieChanges {
    title: None,
    director: None,
    rating: Some(8.6),
};

fn movie() -> View {
    let movie = Movie {
        id: words::MOVIE,
        title: NEW.title.into(),
        director: NEW.director.into(),
        rating: Some(NEW.rating),
        createdon: Some(words::WHEN),
    };
    movie.view()
}

fn api() -> Api {
    Api::new::<Movies<Client<Memory>>>("movies", "Films: the catalogue.", routes)
        .route(
            Route::new("GET", "/movies", "listMovies", "List films")
                .says("In order of id, oldest first. Whatever is asked for has to hold at once.")
                .page("A page of films.", &movie())
                .query("title", words::text(), "A part of the title, in any case.")
                .query(
                    "director",
                    words::text(),
                    "A part of the director's name, in any case.",
                )
                .query("min_rating", words::number(0.0, 10.0), "The least rating.")
                .query("ids", words::ids(), "Just these, up to 100."),
        )
        .route(
            Route::new("POST", "/movies", "addMovie", "Add a film")
                .body(&NEW)
                .created("The film as it was added.", &movie()),
        )
        .route(
            Route::new("GET", "/movies/:id", "readMovie", "Read a film").one("The film.", &movie()),
        )
        .route(
            Route::new("PATCH", "/movies/:id", "changeMovie", "Change a film")
                .merge_patch(&CHANGES)
                .one("The film as it is then.", &movie()),
        )
        .route(
            Route::new("DELETE", "/movies/:id", "deleteMovie", "Delete a film")
                .nothing("It is gone."),
        )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    probe::body(&NEW, |mut fields| {
        Movie::create(&mut fields);
        fields.finish()
    });
    probe::body(&CHANGES, |mut fields| {
        Movie::patch(&mut fields);
        fields.finish()
    });
}
