//! Showtimes: the programme.

mod handlers;
mod model;
mod storage;
#[cfg(test)]
mod tests;

use handlers::Showtimes;
use service::{Ask, Routes};
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
    routes.get("/showtimes", handlers::list);
    routes.post("/showtimes", handlers::create);
    routes.get("/showtimes/:id", handlers::read);
    routes.delete("/showtimes/:id", handlers::delete);
}
