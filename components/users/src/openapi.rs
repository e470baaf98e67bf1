//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::testing::FakeSibling;

use crate::{
    booked,
    handlers::{SUGGESTIONS, Users},
    model::{GivenCode, NewPassword, NewUser, UserPatch},
    recommender::Composed,
    routes, suggestions,
};

fn new() -> Value {
    json!({"username": "ada", "firstname": "Ada", "lastname": "Marlow", "password": "a tide at midnight"})
}

fn patch() -> Value {
    json!({"lastname": "Okafor"})
}

fn password() -> Value {
    json!({"current": "a tide at midnight", "password": "a new tide at dawn"})
}

fn code() -> GivenCode {
    GivenCode {
        code: "7K3M-Q9TX-2B4F-WZ8C".into(),
        expires: examples::WHEN,
    }
}

fn movie() -> Value {
    json!({"id": examples::MOVIE, "title": "The Tide Table", "director": "Ines Marlow", "rating": 8.4, "createdon": examples::WHEN})
}

fn booking() -> booked::View {
    let booking = json!({
        "id": examples::BOOKING,
        "userid": examples::USER,
        "showtime": {"id": examples::SHOWTIME, "date": "2030-01-15", "time": "20:15", "screen": "Screen 1"},
        "movies": [movie()],
        "seats": 2,
        "createdon": examples::WHEN,
    });
    serde_json::from_value(booking).expect("a booking")
}

fn suggestion() -> suggestions::View {
    let suggestion =
        json!({"movie": movie(), "score": 0.84, "reason": "one of the best-rated films"});
    serde_json::from_value(suggestion).expect("a suggestion")
}

fn api() -> Api {
    let about = "Users: who they are, what they have booked, and which films to suggest to them.";
    let (default, most) = SUGGESTIONS;
    Api::new::<Users<Memory, FakeSibling, Composed>>("users", about, routes)
        .route(
            Route::new("GET", "/users", "listUsers", "List users")
                .says("In order of id, oldest first.")
                .page("A page of users.", &examples::user())
                .query("ids", schema::ids(), "Just these, up to 100.")
                .query("username", schema::text(), "Those whose usernames begin so, in any case."),
        )
        .route(
            Route::new("POST", "/users", "signUp", "Sign up")
                .says("Whoever signs up is a customer; staff may add users of any role.")
                .token_counts()
                .takes::<NewUser>(new())
                .created("The user as they were added.", &examples::user())
                .problem(409, "The username is taken.", "the username ada is taken: choose another"),
        )
        .route(
            Route::new("GET", "/users/:id", "readUser", "Read a user").one("The user.", &examples::user()),
        )
        .route(
            Route::new("PATCH", "/users/:id", "changeUser", "Change a user")
                .says("Their names, and, by staff, their role.")
                .takes::<UserPatch>(patch())
                .one("The user as they are now.", &examples::user())
                .problem(409, "The last of the staff stays staff.", "this is the last of the staff: make somebody else staff first"),
        )
        .route(
            Route::new("PUT", "/users/:id/password", "changePassword", "Change a password")
                .says("By whoever knows the current one, which ends their other sessions; or by staff, without it, which signs that user out everywhere.")
                .takes::<NewPassword>(password())
                .nothing("The password is set.")
                .problem(429, "There were too many failures for this name; `Retry-After` says how long to wait.", "too many wrong passwords for this username: try again in 20 s")
                .problem(409, "It was changed at the same time.", "the password has just been changed: try again"),
        )
        .route(
            Route::new("POST", "/users/:id/code", "giveCode", "Give out a code for a forgotten password")
                .says("It is good for an hour, and once, for `POST /auth/reset`; an earlier one works no more.")
                .one("The code, which is shown this once.", &code()),
        )
        .route(
            Route::new("DELETE", "/users/:id", "deleteUser", "Delete a user")
                .says("They are signed out everywhere. What they have booked to come is cancelled; past bookings stay without a name.")
                .nothing("They are gone.")
                .problem(409, "The last of the staff stays staff.", "this is the last of the staff: make somebody else staff first"),
        )
        .route(
            Route::new("GET", "/users/:id/bookings", "listUsersBookings", "List a user's bookings")
                .says("In order of id, oldest first, with what they are of. A showtime or a film that has been deleted is as it was when it was booked, or its id alone where that is not known.")
                .page("A page of bookings.", &booking()),
        )
        .route(
            Route::new("GET", "/users/:id/suggested", "suggest", "Suggest films to a user")
                .says("The best first; never one that the user has booked. What is new on the programme is known within two seconds.")
                .list("The suggestions.", &suggestion())
                .query("limit", schema::count(default, most), "How many at the most."),
        )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    probe::body::<NewUser>(&new());
    probe::body::<UserPatch>(&patch());
    probe::body::<NewPassword>(&password());
}
