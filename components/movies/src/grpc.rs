//! The methods of `cinema.v1.Movies`: of which route each is, and how both say the same.

use proto::{
    CreateMovieRequest, CreateMovieResponse, DeleteMovieRequest, DeleteMovieResponse,
    GetMovieRequest, GetMovieResponse, ListMoviesRequest, ListMoviesResponse, StreamMoviesRequest,
    StreamMoviesResponse, UpdateMovieRequest, UpdateMovieResponse,
};
use service::grpc::{Call, Methods, timestamp};

use crate::model::Movie;

pub fn methods(methods: &mut Methods) {
    methods.page("ListMovies", list, |movies, next_page_token| {
        let movies = movies.into_iter().map(movie).collect();
        ListMoviesResponse {
            movies,
            next_page_token,
        }
    });
    methods.stream("StreamMovies", stream, |film| StreamMoviesResponse {
        movie: Some(movie(film)),
    });
    methods.one("GetMovie", get, |film| GetMovieResponse {
        movie: Some(movie(film)),
    });
    methods.one("CreateMovie", create, |film| CreateMovieResponse {
        movie: Some(movie(film)),
    });
    methods.one("UpdateMovie", update, |film| UpdateMovieResponse {
        movie: Some(movie(film)),
    });
    methods.unary("DeleteMovie", delete, |()| DeleteMovieResponse {});
}

fn list(asked: ListMoviesRequest) -> Call {
    Call::get("/movies")
        .query("title", asked.title)
        .query("director", asked.director)
        .several("like", asked.like)
        .query("min_rating", asked.min_rating)
        .query("max_rating", asked.max_rating)
        .several("ids", asked.ids)
        .query("order", asked.order)
        .page(asked.page_size, asked.page_token)
}

fn stream(asked: StreamMoviesRequest) -> Call {
    Call::get("/movies")
        .query("title", asked.title)
        .query("director", asked.director)
        .several("like", asked.like)
        .query("min_rating", asked.min_rating)
        .query("max_rating", asked.max_rating)
}

fn get(asked: GetMovieRequest) -> Call {
    Call::get("/movies/:id").param("id", asked.id)
}

fn create(asked: CreateMovieRequest) -> Call {
    Call::post("/movies")
        .field("title", asked.title)
        .field("director", asked.director)
        .given("rating", asked.rating)
        .given("minutes", asked.minutes)
        .given("poster", asked.poster)
}

fn update(asked: UpdateMovieRequest) -> Call {
    Call::patch("/movies/:id")
        .param("id", asked.id)
        .given("title", asked.title)
        .given("director", asked.director)
        .given("rating", asked.rating)
        .given("minutes", asked.minutes)
        .given("poster", asked.poster)
        .masked(asked.update_mask)
}

fn delete(asked: DeleteMovieRequest) -> Call {
    Call::delete("/movies/:id").param("id", asked.id)
}

fn movie(movie: Movie) -> proto::Movie {
    proto::Movie {
        id: movie.id.to_string(),
        title: movie.title,
        director: movie.director,
        rating: movie.rating,
        minutes: movie.minutes,
        poster: movie.poster,
        createdon: Some(timestamp(movie.createdon)),
    }
}
