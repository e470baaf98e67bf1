//! Signing in.
//!
//! - `model`: a session as it is shown, and the bodies that begin and renew one
//! - `handlers`: a function a route
//! - `grpc`: of which route each method of `cinema.v1.Auth` is
//! - `attempt`: an attempt to sign in, and what comes of it
//! - `presented`: a refresh token as it comes
//! - `sessions`: refresh tokens, each of which works once
//! - `keys`: what tokens are signed with, and the keys that everybody may know
//! - `grant`: what whoever is signed in is given: tokens, or cookies
//! - `storage`: what all of it asks of storage

mod attempt;
mod grant;
mod grpc;
mod handlers;
mod keys;
mod model;
#[cfg(test)]
mod openapi;
mod presented;
mod sessions;
mod storage;
#[cfg(test)]
mod tests;

use door::Transport;
use service::{Access, Context, Moment, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

use handlers::Auth;
use keys::Keys;
use storage::Storage;

#[http_component]
async fn auth(request: IncomingRequest, out: ResponseOutparam) {
    let open = |context: Context| {
        Ok(Auth {
            storage: Storage::new(context.storage()?),
            keys: Keys::by(|name| context.setting(name)),
            now: Moment::now,
        })
    };
    service::grpc::serve("auth", request, out, open, routes, grpc::methods).await;
}

fn routes<T: Transport + 'static>(routes: &mut Routes<Auth<T>>) {
    routes.post("/auth/login", Access::Anyone, handlers::login);
    routes.post("/auth/refresh", Access::Anyone, handlers::refresh);
    routes.post("/auth/logout", Access::Anyone, handlers::logout);
    routes.post("/auth/reset", Access::Anyone, handlers::reset);
    routes.get("/auth/sessions", Access::SignedIn, handlers::sessions);
    routes.delete("/auth/sessions", Access::SignedIn, handlers::end_all);
    routes.delete("/auth/sessions/:id", Access::SignedIn, handlers::end_one);
    routes.get("/auth/me", Access::SignedIn, handlers::me);
    routes.get(
        "/auth/.well-known/jwks.json",
        Access::Anyone,
        handlers::jwks,
    );
}
