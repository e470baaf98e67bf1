//! Showtimes: the programme.

mod handlers;
mod model;
#[cfg(test)]
mod openapi;
mod storage;
#[cfg(test)]
mod tests;

use handlers::Showtimes;
use service::{Access, Ask, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};
use storage::Storage;

#[http_component]
async fn showtimes(request: IncomingRequest, out: ResponseOutparam) {
    let open = |context: service::Context| {
        Ok(Showtimes::new(
            context.storage()?,
            context.sibling("movies")?,
        ))
    };
    service::serve("showtimes", request, out, open, routes).await;
}

fn routes<S: Storage + 'static, A: Ask + 'static>(routes: &mut Routes<Showtimes<S, A>>) {
    routes
        .get("/showtimes", handlers::list)
        .open_to(Access::Anyone);
    routes
        .post("/showtimes", handlers::create)
        .open_to(Access::Staff);
    routes
        .get("/showtimes/:id", handlers::read)
        .open_to(Access::Anyone);
    routes
        .delete("/showtimes/:id", handlers::delete)
        .open_to(Access::Staff);
}
