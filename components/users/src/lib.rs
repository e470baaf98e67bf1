//! Users: who they are, what they have booked, and which films to suggest to them.
//!
//! - `model`: the bodies that make and change users
//! - `handlers`: a function a route
//! - `grpc`: of which route each method of `cinema.v1.Users` is
//! - `signup`: who may become what
//! - `passwords`: how a password takes another's place
//! - `siblings`: what is asked of bookings, showtimes and movies
//! - `booked`: a user's bookings with what they are of
//! - `catalogue`: which films are ranked, and how they are had at a bounded price
//! - `common`: what suggestions to everybody have in common, and an instance keeps for a moment
//! - `suggestions`: what is handed to the recommender, and what becomes of its answer
//! - `recommender`: the component that ranks, which the manifest composes in

mod booked;
mod catalogue;
mod common;
mod grpc;
mod handlers;
mod model;
#[cfg(test)]
mod openapi;
mod passwords;
mod recommender;
mod siblings;
mod signup;
mod suggestions;
#[cfg(test)]
mod tests;

use door::Transport;
use service::{Access, Context, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

use common::Kept;
use handlers::Users;
use recommender::{Composed, Recommender};
use siblings::Siblings;
use signup::FirstStaff;

thread_local! {
    static KEPT: Kept = Kept::default();
}

#[http_component]
async fn users(request: IncomingRequest, out: ResponseOutparam) {
    let open = |context: Context| {
        let siblings = Siblings {
            bookings: context.sibling("bookings")?,
            showtimes: context.sibling("showtimes")?,
            movies: context.sibling("movies")?,
        };
        let first_staff = FirstStaff::of(&context);
        Ok(Users::new(
            context.storage()?,
            siblings,
            Composed,
            KEPT.with(Kept::clone),
            first_staff,
            context.clock()?,
        ))
    };
    service::grpc::serve("users", request, out, open, routes, grpc::methods).await;
}

fn routes<T, S, R>(routes: &mut Routes<Users<T, S, R>>)
where
    T: Transport + 'static,
    S: Transport + 'static,
    R: Recommender + 'static,
{
    routes
        .get("/users", Access::Staff, handlers::list)
        .query(&["ids", "username", "limit", "after"]);
    routes.post("/users", Access::Anyone, handlers::create);
    routes.get("/users/:id", Access::Oneself("id"), handlers::read);
    routes.patch("/users/:id", Access::Oneself("id"), handlers::change);
    routes.put(
        "/users/:id/password",
        Access::Oneself("id"),
        passwords::change,
    );
    routes.post("/users/:id/code", Access::Staff, passwords::code);
    routes.delete("/users/:id", Access::Oneself("id"), handlers::delete);
    routes
        .get(
            "/users/:id/bookings",
            Access::Oneself("id"),
            handlers::bookings,
        )
        .query(&["limit", "after"]);
    routes
        .get(
            "/users/:id/suggested",
            Access::Oneself("id"),
            handlers::suggested,
        )
        .query(&["limit"]);
}
