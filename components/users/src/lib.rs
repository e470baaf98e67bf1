//! Users: who they are, what they have booked, and which films to suggest to them.
//!
//! - `model`: what makes a user valid, how one is stored and shown
//! - `handlers`: a function a route
//! - `registration`: a name is given to one user, whoever else asks for it at the same time
//! - `signup`: who may become what
//! - `storage`: what all of it asks of storage
//! - `siblings`: what is asked of bookings, showtimes and movies
//! - `booked`: a user's bookings with what they are of
//! - `catalogue`: which films are ranked, and how they are had at a bounded price
//! - `suggestions`: what is handed to the recommender, and what becomes of its answer
//! - `recommender`: the component that ranks, which the manifest composes in

mod booked;
mod catalogue;
mod handlers;
mod model;
#[cfg(test)]
mod openapi;
mod recommender;
mod registration;
mod siblings;
mod signup;
mod storage;
mod suggestions;
#[cfg(test)]
mod tests;

use door::Transport;
use handlers::Users;
use recommender::Recommender;
use service::{Access, Routes};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;
use storage::Storage;

#[http_component]
async fn users(request: IncomingRequest, out: ResponseOutparam) {
    service::serve("users", request, out, Users::open, routes).await;
}

fn routes<S, A, R>(routes: &mut Routes<Users<S, A, R>>)
where
    S: Storage + 'static,
    A: Transport + 'static,
    R: Recommender + 'static,
{
    routes.get("/users", Access::Staff, handlers::list);
    routes.post("/users", Access::Anyone, handlers::create);
    routes.get("/users/:id", Access::Oneself("id"), handlers::read);
    routes.delete("/users/:id", Access::Oneself("id"), handlers::delete);
    routes.get(
        "/users/:id/bookings",
        Access::Oneself("id"),
        handlers::bookings,
    );
    routes.get(
        "/users/:id/suggested",
        Access::Oneself("id"),
        handlers::suggested,
    );
}
