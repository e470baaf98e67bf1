//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde::Serialize;
use service::testing::FakeSibling;
use service::{Caller, Role};
use utoipa::ToSchema;

use crate::handlers::{SUGGESTIONS, Users};
use crate::model::{User, View};
use crate::recommender::Composed;
use crate::storage::DataApi;
use crate::{booked, routes, signup, suggestions};

/// A user to add.
#[derive(Serialize, ToSchema)]
struct NewUser {
    /// No other user's, without regard to case.
    #[schema(min_length = 3, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")]
    username: &'static str,
    #[schema(min_length = 1, max_length = 100)]
    firstname: &'static str,
    #[schema(min_length = 1, max_length = 100)]
    lastname: &'static str,
    /// Any characters. It is never given back.
    #[schema(min_length = 10, max_length = 128, format = Password)]
    password: &'static str,
    /// What the user may do. Of staff alone it is taken: everybody else makes customers, whatever it says.
    role: Option<Role>,
}

const NEW: NewUser = NewUser {
    username: "ada",
    firstname: "Ada",
    lastname: "Marlow",
    password: "a tide at midnight",
    role: None,
};

fn user() -> View {
    let user = User {
        id: examples::USER,
        username: NEW.username.into(),
        firstname: NEW.firstname.into(),
        lastname: NEW.lastname.into(),
        role: Role::Customer,
        createdon: Some(bson::DateTime::from_millis(examples::WHEN.millis())),
    };
    user.view()
}

fn api() -> Api {
    let about = "Users: who they are, what they have booked, and which films to suggest to them.";
    let (default, most) = SUGGESTIONS;
    Api::new::<Users<DataApi<Memory>, FakeSibling, Composed>>("users", about, routes)
        .route(
            Route::new("GET", "/users", "listUsers", "List users")
                .says("In order of id, oldest first.")
                .page("A page of users.", &user()),
        )
        .route(
            Route::new("POST", "/users", "signUp", "Sign up")
                .says("Whoever signs up is a customer; staff may add users of any role.")
                .token_counts()
                .with::<Role>()
                .body(&NEW)
                .created("The user as they were added.", &user())
                .problem(409, "The username is taken."),
        )
        .route(
            Route::new("GET", "/users/:id", "readUser", "Read a user").one("The user.", &user()),
        )
        .route(
            Route::new("DELETE", "/users/:id", "deleteUser", "Delete a user")
                .says("They are signed out everywhere, and their bookings stay without a name.")
                .nothing("They are gone."),
        )
        .route(
            Route::new("GET", "/users/:id/bookings", "listUsersBookings", "List a user's bookings")
                .says("In order of id, oldest first, with what they are of. A showtime or a film that has been deleted is its id alone.")
                .page("A page of bookings.", &booked::example()),
        )
        .route(
            Route::new("GET", "/users/:id/suggested", "suggest", "Suggest films to a user")
                .says("The best first; never one that the user has booked.")
                .list("The suggestions.", &suggestions::example())
                .query("limit", schema::count(default, most), "How many at the most."),
        )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    let staff = Caller {
        id: examples::USER,
        role: Role::Staff,
    };
    probe::described(&NEW, |fields| {
        signup::read(fields, Some(staff), None).map(drop)
    });
}
