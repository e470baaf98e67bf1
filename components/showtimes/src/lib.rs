//! Showtimes: the programme.

mod handlers;
mod model;
#[cfg(test)]
mod openapi;
mod storage;
#[cfg(test)]
mod tests;

use door::Transport;
use service::{Access, Context, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

use handlers::Showtimes;
use storage::Storage;

#[http_component]
async fn showtimes(request: IncomingRequest, out: ResponseOutparam) {
    let open = |context: Context| {
        Ok(Showtimes {
            storage: Storage::new(context.storage()?),
            movies: context.sibling("movies")?,
        })
    };
    service::serve("showtimes", request, out, open, routes).await;
}

fn routes<T: Transport + 'static, S: Transport + 'static>(routes: &mut Routes<Showtimes<T, S>>) {
    routes
        .get("/showtimes", Access::Anyone, handlers::list)
        .query(&[
            "date", "from", "to", "movie", "ids", "order", "limit", "after",
        ]);
    routes.post("/showtimes", Access::Staff, handlers::create);
    routes
        .get("/showtimes/:id", Access::Anyone, handlers::read)
        .query(&["limit", "after"]);
    routes.delete("/showtimes/:id", Access::Staff, handlers::delete);
}
