//! The methods of `cinema.v1.Users`: of which route each is, and how both say the same.

use accounts::User;
use proto::{
    BookingCancelled, ChangePasswordRequest, ChangePasswordResponse, CreateCodeRequest,
    CreateCodeResponse, CreateUserRequest, CreateUserResponse, DeleteUserRequest,
    DeleteUserResponse, GetUserRequest, GetUserResponse, ListSuggestionsRequest,
    ListSuggestionsResponse, ListUserBookingsRequest, ListUserBookingsResponse, ListUsersRequest,
    ListUsersResponse, ResetCode, Suggestion, UpdateUserRequest, UpdateUserResponse, UserBooking,
    UserBookingMovie, UserBookingShowtime,
};
use serde::Deserialize;
use serde_json::Value;
use service::{
    Moment, Role,
    grpc::{Call, Methods, timestamp},
};

use crate::{
    booked::{self, BookedMovie, BookedShowtime},
    model::GivenCode,
    siblings::{Cancelled, Movie},
    suggestions,
};

pub fn methods(methods: &mut Methods) {
    methods.page("ListUsers", list, |users: Vec<User>, next_page_token| {
        let users = users.into_iter().map(Into::into).collect();
        ListUsersResponse {
            users,
            next_page_token,
        }
    });
    methods.one("GetUser", get, |one: User| GetUserResponse {
        user: Some(one.into()),
    });
    methods.one("CreateUser", create, |one: User| CreateUserResponse {
        user: Some(one.into()),
    });
    methods.one("UpdateUser", update, |one: User| UpdateUserResponse {
        user: Some(one.into()),
    });
    methods.unary("DeleteUser", delete, |()| DeleteUserResponse {});
    methods.unary("ChangePassword", password, |()| ChangePasswordResponse {});
    methods.one("CreateCode", give_code, |given| CreateCodeResponse {
        code: Some(code(given)),
    });
    methods.page("ListUserBookings", bookings, |bookings, next_page_token| {
        let bookings = bookings.into_iter().map(booking).collect();
        ListUserBookingsResponse {
            bookings,
            next_page_token,
        }
    });
    methods.page("ListSuggestions", suggested, |suggestions, _| {
        let suggestions = suggestions.into_iter().map(suggestion).collect();
        ListSuggestionsResponse { suggestions }
    });
}

fn list(asked: ListUsersRequest) -> Call {
    Call::get("/users")
        .several("ids", asked.ids)
        .query("username", asked.username)
        .page(asked.page_size, asked.page_token)
}

fn get(asked: GetUserRequest) -> Call {
    Call::get("/users/:id").param("id", asked.id)
}

fn create(asked: CreateUserRequest) -> Call {
    Call::post("/users")
        .field("username", asked.username)
        .field("firstname", asked.firstname)
        .field("lastname", asked.lastname)
        .field("password", asked.password)
        .given("role", role(asked.role))
}

fn update(asked: UpdateUserRequest) -> Call {
    Call::patch("/users/:id")
        .param("id", asked.id)
        .given("firstname", asked.firstname)
        .given("lastname", asked.lastname)
        .given("role", role(asked.role))
        .masked(asked.update_mask)
}

fn delete(asked: DeleteUserRequest) -> Call {
    Call::delete("/users/:id").param("id", asked.id)
}

fn password(asked: ChangePasswordRequest) -> Call {
    Call::put("/users/:id/password")
        .param("id", asked.id)
        .given("current", asked.current)
        .field("password", asked.password)
}

fn give_code(asked: CreateCodeRequest) -> Call {
    Call::post("/users/:id/code").param("id", asked.id)
}

fn bookings(asked: ListUserBookingsRequest) -> Call {
    Call::get("/users/:id/bookings")
        .param("id", asked.id)
        .page(asked.page_size, asked.page_token)
}

fn suggested(asked: ListSuggestionsRequest) -> Call {
    Call::get("/users/:id/suggested")
        .param("id", asked.id)
        .size(asked.page_size)
}

/// A role by its name, where it is given; what is none stays a number, which the route refuses.
fn role(number: i32) -> Option<Value> {
    match proto::Role::try_from(number) {
        Ok(proto::Role::Unspecified) => None,
        Ok(proto::Role::Customer) => Some(Role::Customer.name().into()),
        Ok(proto::Role::Staff) => Some(Role::Staff.name().into()),
        Err(_) => Some(number.into()),
    }
}

fn code(given: GivenCode) -> ResetCode {
    ResetCode {
        code: given.code,
        expires: Some(timestamp(given.expires)),
    }
}

fn booking(booking: booked::View) -> UserBooking {
    UserBooking {
        id: booking.id.to_string(),
        userid: booking.userid.to_string(),
        showtime: Some(showtime(booking.showtime)),
        movies: booking.movies.into_iter().map(booked_movie).collect(),
        seats: booking.seats,
        cancelled: booking.cancelled.map(cancelled),
        createdon: Some(timestamp(booking.createdon)),
    }
}

fn showtime(showtime: BookedShowtime) -> UserBookingShowtime {
    UserBookingShowtime {
        id: showtime.id.to_string(),
        date: showtime.date.map(|date| date.to_string()),
        time: showtime.time.map(|time| time.to_string()),
        screen: showtime.screen,
    }
}

fn cancelled(cancelled: Cancelled) -> BookingCancelled {
    BookingCancelled {
        on: Some(timestamp(cancelled.on)),
        reason: cancelled.reason,
    }
}

fn booked_movie(movie: BookedMovie) -> UserBookingMovie {
    UserBookingMovie {
        id: movie.id.to_string(),
        title: movie.title,
        director: movie.director,
        rating: movie.rating,
        minutes: movie.minutes,
        poster: movie.poster,
        createdon: movie.createdon.map(timestamp),
    }
}

fn suggestion(suggestion: suggestions::View) -> Suggestion {
    Suggestion {
        movie: Some(movie(suggestion.movie)),
        score: suggestion.score,
        reason: suggestion.reason,
    }
}

/// What a suggested film is passed on with, beside what it is ranked by.
#[derive(Default, Deserialize)]
struct More {
    minutes: Option<i32>,
    poster: Option<String>,
    createdon: Option<Moment>,
}

fn movie(movie: Movie) -> proto::Movie {
    let more: More = serde_json::from_str(movie.whole.get()).unwrap_or_default();
    proto::Movie {
        id: movie.id.to_string(),
        title: movie.title,
        director: movie.director,
        rating: movie.rating,
        minutes: more.minutes,
        poster: more.poster,
        createdon: more.createdon.map(timestamp),
    }
}
