//! The description of the API, which the tests make and hold against the routes.

use apidoc::{Api, Route, examples, probe, schema};
use data_api_client::memory::Memory;
use serde::Serialize;
use serde_json::{Value, json};
use service::testing::JWKS;
use utoipa::ToSchema;

use crate::{
    grant,
    handlers::Auth,
    model::{Login, Renewal, Reset, View},
    routes,
};

/// Public keys (RFC 7517).
#[derive(Serialize, ToSchema)]
struct Jwks {
    #[schema(value_type = Vec<Object>)]
    keys: Value,
}

/// When a cookie is not enough, and what is said then.
const NO_CSRF: (&str, &str) = (
    "The refresh token came by cookie, and without the CSRF token.",
    "send the CSRF token, which the cookie cinema_csrf has, in the header X-CSRF-Token",
);

fn login() -> Value {
    json!({"username": "ada", "password": "a tide at midnight"})
}

fn renewal() -> Value {
    json!({"refresh_token": "68a1f0c27d5b3e9a41c80f05.b25lLWZhbWlseQ.b25lLW9mLW1hbnk"})
}

fn reset() -> Value {
    json!({"username": "ada", "code": "7K3M-Q9TX-2B4F-WZ8C", "password": "a tide at midnight"})
}

fn session() -> View {
    View {
        id: examples::USER,
        agent: Some(
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(),
        ),
        current: true,
        usedon: examples::WHEN,
        expires: examples::WHEN,
        createdon: examples::WHEN,
    }
}

fn jwks() -> Jwks {
    let mut jwks: Value = serde_json::from_str(JWKS).unwrap_or_default();
    Jwks {
        keys: jwks["keys"].take(),
    }
}

fn api() -> Api {
    let (tokens, by_cookie) = grant::examples();
    let csrf =
        "Demanded where the refresh token comes by cookie: what the cookie `cinema_csrf` has.";
    Api::new::<Auth<Memory>>("auth", "Signing in.", routes)
        .route(
            Route::new("POST", "/auth/login", "login", "Sign in")
                .says("Gives a token for 15 minutes and what renews it; for browsers by cookie, where the body asks for it.")
                .takes::<Login>(login())
                .json_of_either("The tokens, or, by cookie, what goes with them.", &tokens, &by_cookie)
                .problem(401, "The username or the password is wrong.", "the username or the password is wrong")
                .problem(429, "There were too many failures for this name; `Retry-After` says how long to wait.", "too many wrong passwords for this username: try again in 20 s"),
        )
        .route(
            Route::new("POST", "/auth/refresh", "refresh", "Renew a session")
                .says("Each refresh token works once, and gives the same again within 10 seconds. One that is used later ends its session.")
                .may_take::<Renewal>(renewal())
                .header("X-CSRF-Token", schema::text(), csrf)
                .json_of_either("New tokens, as they were given by login.", &tokens, &by_cookie)
                .problem(401, "The refresh token works no more.", "the refresh token works no more: sign in again")
                .problem(403, NO_CSRF.0, NO_CSRF.1),
        )
        .route(
            Route::new("POST", "/auth/logout", "logout", "Sign out")
                .says("Ends the session of the refresh token, if there is such a session.")
                .may_take::<Renewal>(renewal())
                .header("X-CSRF-Token", schema::text(), csrf)
                .nothing("The session is over, and the cookies are taken back.")
                .problem(403, NO_CSRF.0, NO_CSRF.1),
        )
        .route(
            Route::new("POST", "/auth/reset", "resetPassword", "Set a forgotten password")
                .says("By the code that staff gave out, which works once. It ends all sessions.")
                .takes::<Reset>(reset())
                .nothing("The password is set.")
                .problem(401, "The username or the code is wrong, or the code works no more.", "the username or the code is wrong, or the code works no more")
                .problem(429, "There were too many failures for this name; `Retry-After` says how long to wait.", "too many wrong passwords for this username: try again in 20 s"),
        )
        .route(
            Route::new("GET", "/auth/sessions", "listSessions", "List one's sessions")
                .says("The oldest first.")
                .list("Where one is signed in.", &session()),
        )
        .route(
            Route::new("DELETE", "/auth/sessions", "endSessions", "End all of one's sessions")
                .nothing("They are over, that of whoever asks among them."),
        )
        .route(
            Route::new("DELETE", "/auth/sessions/:id", "endSession", "End one of one's sessions")
                .nothing("It is over."),
        )
        .route(
            Route::new("GET", "/auth/me", "readMe", "Who is signed in")
                .one("Whoever is signed in.", &examples::user()),
        )
        .route(
            Route::new("GET", "/auth/.well-known/jwks.json", "readKeys", "The public keys")
                .says("What access tokens are verified with.")
                .json("The public keys.", &jwks()),
        )
}

#[test]
fn the_description_is_as_committed() {
    api().is_kept();
}

#[test]
fn bodies_are_read_as_described() {
    probe::body::<Login>(&login());
    probe::body::<Renewal>(&renewal());
    probe::body::<Reset>(&reset());
}
