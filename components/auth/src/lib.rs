//! Signing in.
//!
//! - `requests`: what bodies say
//! - `model`: a user as far as signing in goes, and a session
//! - `handlers`: a function a route
//! - `attempts`: who has to wait after so many wrong passwords, and how long
//! - `sessions`: refresh tokens, each of which works once
//! - `keys`: what tokens are signed with, and the keys that everybody may know
//! - `grant`: what whoever is signed in is given: tokens, or cookies
//! - `storage`: what all of it asks of storage

mod attempts;
mod grant;
mod handlers;
mod keys;
mod model;
#[cfg(test)]
mod openapi;
mod requests;
mod sessions;
mod storage;
#[cfg(test)]
mod tests;

use door::Outbound;
use handlers::Auth;
use keys::Keys;
use service::{Access, Context, Problem, Routes, clock};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};
use storage::{DataApi, Storage};

#[http_component]
async fn auth(request: IncomingRequest, out: ResponseOutparam) {
    service::serve("auth", request, out, open, routes).await;
}

fn open(context: Context) -> Result<Auth<DataApi<Outbound>>, Problem> {
    let storage = DataApi::new(context.storage()?);
    Ok(Auth::new(storage, Keys::of(&context), clock::now))
}

fn routes<S: Storage + 'static>(routes: &mut Routes<Auth<S>>) {
    routes.post("/auth/login", Access::Anyone, handlers::login);
    routes.post("/auth/refresh", Access::Anyone, handlers::refresh);
    routes.post("/auth/logout", Access::Anyone, handlers::logout);
    routes.get("/auth/me", Access::SignedIn, handlers::me);
    routes.get(
        "/auth/.well-known/jwks.json",
        Access::Anyone,
        handlers::jwks,
    );
}
