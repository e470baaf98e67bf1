//! The methods of `cinema.v1.Showtimes`: of which route each is, and how both say the same.

use proto::{
    CreateShowtimeRequest, CreateShowtimeResponse, DeleteShowtimeRequest, DeleteShowtimeResponse,
    GetShowtimeRequest, GetShowtimeResponse, ListShowtimesRequest, ListShowtimesResponse,
    StreamShowtimesRequest, StreamShowtimesResponse, UpdateShowtimeRequest, UpdateShowtimeResponse,
};
use service::grpc::{Call, Methods, timestamp};

use crate::model::Showtime;

pub fn methods(methods: &mut Methods) {
    methods.page("ListShowtimes", list, |showtimes, next_page_token| {
        let showtimes = showtimes.into_iter().map(showtime).collect();
        ListShowtimesResponse {
            showtimes,
            next_page_token,
        }
    });
    methods.stream("StreamShowtimes", stream, |one| StreamShowtimesResponse {
        showtime: Some(showtime(one)),
    });
    methods.one("GetShowtime", get, |one| GetShowtimeResponse {
        showtime: Some(showtime(one)),
    });
    methods.one("CreateShowtime", create, |one| CreateShowtimeResponse {
        showtime: Some(showtime(one)),
    });
    methods.one("UpdateShowtime", update, |one| UpdateShowtimeResponse {
        showtime: Some(showtime(one)),
    });
    methods.unary("DeleteShowtime", delete, |()| DeleteShowtimeResponse {});
}

fn list(asked: ListShowtimesRequest) -> Call {
    Call::get("/showtimes")
        .query("date", asked.date)
        .query("from", asked.from)
        .query("to", asked.to)
        .query("movie", asked.movie)
        .several("ids", asked.ids)
        .page(asked.page_size, asked.page_token)
}

fn stream(asked: StreamShowtimesRequest) -> Call {
    Call::get("/showtimes")
        .query("date", asked.date)
        .query("from", asked.from)
        .query("to", asked.to)
        .query("movie", asked.movie)
}

fn get(asked: GetShowtimeRequest) -> Call {
    // Of a day, the route gives a list.
    Call::get("/showtimes/:id").id("id", asked.id)
}

fn create(asked: CreateShowtimeRequest) -> Call {
    Call::post("/showtimes")
        .field("date", asked.date)
        .given("time", asked.time)
        .given("screen", asked.screen)
        .field("movies", asked.movies)
        .given("capacity", asked.capacity)
}

fn update(asked: UpdateShowtimeRequest) -> Call {
    let movies = (!asked.movies.is_empty()).then_some(asked.movies);
    Call::patch("/showtimes/:id")
        .param("id", asked.id)
        .given("date", asked.date)
        .given("time", asked.time)
        .given("screen", asked.screen)
        .given("movies", movies)
        .given("capacity", asked.capacity)
        .masked(asked.update_mask)
}

fn delete(asked: DeleteShowtimeRequest) -> Call {
    Call::delete("/showtimes/:id")
        .param("id", asked.id)
        .flag("cancel_bookings", asked.cancel_bookings)
}

fn showtime(showtime: Showtime) -> proto::Showtime {
    proto::Showtime {
        id: showtime.id.to_string(),
        date: showtime.date.to_string(),
        time: showtime.time.map(|time| time.to_string()),
        screen: showtime.screen,
        movies: showtime.movies.iter().map(ToString::to_string).collect(),
        capacity: showtime.capacity,
        minutes: showtime.minutes,
        revision: showtime.revision,
        createdon: Some(timestamp(showtime.createdon)),
    }
}
