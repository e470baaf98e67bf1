//! The cinema as people see it: pages, made of what the services say, with the rights of whoever looks at them. It keeps nothing and
//! has no rules of its own; whatever a form has wrong is told in the services' words.
//!
//! - `pages`: a page a file, and what several of them show
//! - `visit`: a request as pages see it: who asks, in which language, and the siblings that are asked for them
//! - `session`: who is signed in, by the cookies that auth sets, and how they stay it
//! - `siblings`: what the services say, as far as pages show it
//! - `forms`: what people fill in, told back with what is wrong with it
//! - `layout`: what all pages have; `answers`: how they are sent; `errors`: the pages of what went wrong
//! - `kept`: pages for everybody, kept for a moment
//! - `messages`: what pages say, in each language
//! - `poster`: pictures of films, drawn of their titles
//! - `assets`: the files that pages refer to

mod answers;
mod assets;
mod errors;
mod forms;
mod kept;
mod layout;
mod messages;
mod pages;
mod poster;
mod session;
mod siblings;
mod visit;

use std::{future::Future, rc::Rc};

use futures::future::LocalBoxFuture;
use http::header;
use service::{Access, Problem, Reply, Request, Routes};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};

use pages::{
    account, book, bookings, calendar, cancel, day, film, for_you, home, language, leaving, reset,
    search, seats, sign_in, sign_up, ticket,
};
use visit::{Site, Visit};

#[http_component]
async fn website(request: IncomingRequest, out: ResponseOutparam) {
    service::serve(
        "website",
        request,
        out,
        |context| Ok(Site { context }),
        routes,
    )
    .await;
}

fn routes(routes: &mut Routes<Site>) {
    routes.get("/assets/:file", Access::Anyone, assets::read);
    routes.get("/favicon.ico", Access::Anyone, assets::icon);
    routes.get("/robots.txt", Access::Anyone, assets::robots);
    routes.get("/posters/:id", Access::Anyone, by(film::poster));
    routes.get("/language/:tag", Access::Anyone, by(language::choose));

    routes.get("/", Access::Anyone, by(home::page));
    routes.get("/programme", Access::Anyone, by(day::today));
    routes.get("/programme/:day", Access::Anyone, by(day::page));
    routes.get("/films/:id", Access::Anyone, by(film::page));
    routes.get("/search", Access::Anyone, by(search::page));
    routes.get("/seats", Access::Anyone, by(seats::read));

    routes.get("/sign-in", Access::Anyone, by(sign_in::page));
    routes.post("/sign-in", Access::Anyone, by(sign_in::sent));
    routes.get("/sign-up", Access::Anyone, by(sign_up::page));
    routes.post("/sign-up", Access::Anyone, by(sign_up::sent));
    routes.get("/reset", Access::Anyone, by(reset::page));
    routes.post("/reset", Access::Anyone, by(reset::sent));
    routes.post("/sign-out", Access::Anyone, by(leaving::sign_out));

    routes.get("/book/:id", Access::Anyone, by(book::page));
    routes.post("/book/:id", Access::Anyone, by(book::sent));
    routes.get("/me", Access::Anyone, by(account::page));
    routes.post("/me", Access::Anyone, by(account::names));
    // Where a form's own path is asked for, as after signing in again.
    for path in ["/me/password", "/me/sessions", "/sign-out"] {
        routes.get(path, Access::Anyone, by(account::back));
    }
    routes.post("/me/password", Access::Anyone, by(account::password));
    routes.post("/me/sessions", Access::Anyone, by(account::end));
    routes.get("/me/delete", Access::Anyone, by(leaving::page));
    routes.post("/me/delete", Access::Anyone, by(leaving::delete));
    routes.get("/me/for-you", Access::Anyone, by(for_you::page));
    routes.get("/me/bookings", Access::Anyone, by(bookings::page));
    routes.get("/me/bookings/:id", Access::Anyone, by(ticket::page));
    routes.get(
        "/me/bookings/:id/calendar",
        Access::Anyone,
        by(calendar::file),
    );
    routes.get("/me/bookings/:id/cancel", Access::Anyone, by(cancel::page));
    routes.post("/me/bookings/:id/cancel", Access::Anyone, by(cancel::sent));
    pages::staff::routes(routes);
    routes.get("/tickets/:id", Access::Anyone, by(ticket::found_by_picture));
}

/// A route that is a page: whoever visits it is known, stays signed in, and is told on a page what went wrong.
fn by<F>(
    page: fn(Rc<Visit>) -> F,
) -> impl Fn(Rc<Site>, Request) -> LocalBoxFuture<'static, Result<Reply, Problem>>
where
    F: Future<Output = Result<Reply, Problem>> + 'static,
{
    move |site, request| Box::pin(visited(site, request, page))
}

async fn visited<F: Future<Output = Result<Reply, Problem>>>(
    site: Rc<Site>,
    request: Request,
    page: impl FnOnce(Rc<Visit>) -> F,
) -> Result<Reply, Problem> {
    let visit = Rc::new(Visit::of(&site, request).await?);
    if let Some(reply) = visit.kept() {
        return Ok(reply);
    }
    let reply = match page(Rc::clone(&visit)).await {
        Ok(reply) => reply,
        Err(problem) => errors::told(&visit, problem)?,
    };
    let cookies = visit.session.cookies.iter();
    Ok(cookies.fold(reply, |reply, cookie| {
        reply.header(header::SET_COOKIE, cookie.clone())
    }))
}
