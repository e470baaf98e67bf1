//! `/staff`: the pages of those who run the cinema. Whoever is not of the staff is let see none of them, nor send anything there; that
//! they may do what they ask for is for the services to say.

mod booking;
mod chart;
mod dashboard;
mod day;
mod films;
mod guests;
mod plan;
mod showtime_form;
mod showtimes;
mod user;
mod users;

use std::{future::Future, rc::Rc};

use futures::future::LocalBoxFuture;
use maud::{Markup, html};
use service::{Access, Problem, Reply, Request, Routes};

use crate::{
    layout::{self, Page},
    visit::{Site, Visit},
    visited,
};

pub fn routes(routes: &mut Routes<Site>) {
    let anyone = Access::Anyone;
    routes.get("/staff", anyone, by(dashboard::page));
    routes.get("/staff/day", anyone, by(day::today));
    routes.get("/staff/day/:day", anyone, by(day::page));

    routes.get("/staff/films", anyone, by(films::list));
    routes.get("/staff/films/new", anyone, by(films::new));
    routes.post("/staff/films/new", anyone, by(films::add));
    routes.get("/staff/films/:id", anyone, by(films::page));
    routes.post("/staff/films/:id", anyone, by(films::change));
    routes.get("/staff/films/:id/remove", anyone, by(films::leaving));
    routes.post("/staff/films/:id/remove", anyone, by(films::remove));

    routes.get("/staff/showtimes/new", anyone, by(showtimes::new));
    routes.post("/staff/showtimes/new", anyone, by(showtimes::add));
    routes.get("/staff/showtimes/:id", anyone, by(showtimes::page));
    routes.post("/staff/showtimes/:id", anyone, by(showtimes::change));
    routes.get("/staff/showtimes/:id/bookings", anyone, by(guests::page));
    routes.get(
        "/staff/showtimes/:id/remove",
        anyone,
        by(showtimes::leaving),
    );
    routes.post("/staff/showtimes/:id/remove", anyone, by(showtimes::remove));

    routes.get("/staff/bookings/:id", anyone, by(booking::page));
    routes.post("/staff/bookings/:id", anyone, by(booking::sent));
    routes.get("/staff/bookings/:id/cancel", anyone, by(booking::leaving));
    routes.post("/staff/bookings/:id/cancel", anyone, by(booking::cancel));

    routes.get("/staff/users", anyone, by(users::list));
    routes.get("/staff/users/:id", anyone, by(user::page));
    routes.post("/staff/users/:id", anyone, by(user::change));
    routes.post("/staff/users/:id/code", anyone, by(user::code));
    routes.get("/staff/users/:id/code", anyone, by(user::back));
    routes.get("/staff/users/:id/remove", anyone, by(user::leaving));
    routes.post("/staff/users/:id/remove", anyone, by(user::remove));
}

/// A route that is a page for the staff alone.
fn by<F>(
    page: fn(Rc<Visit>) -> F,
) -> impl Fn(Rc<Site>, Request) -> LocalBoxFuture<'static, Result<Reply, Problem>>
where
    F: Future<Output = Result<Reply, Problem>> + 'static,
{
    move |site, request| {
        Box::pin(visited(site, request, move |visit| async move {
            visit.staff()?;
            page(visit).await
        }))
    }
}

/// A page for the staff, below what leads to the others.
fn framed(visit: &Visit, title: &str, place: &str, main: Markup) -> Markup {
    let t = visit.t;
    let link = |path: &str, text: &str| html! { a href=(path) aria-current=[(place == path).then_some("page")] { (text) } };
    let main = html! {
        nav.staff-nav aria-label=(t.nav_staff) {
            (link("/staff", t.staff_overview))
            (link("/staff/day", t.staff_day))
            (link("/staff/films", t.staff_films))
            (link("/staff/users", t.staff_users))
        }
        @if let Some(done) = visit.done() { (done) }
        (main)
    };
    layout::page(visit, Page::own(title, "/staff", main))
}

/// A query parameter that is a text, trimmed; nothing where it is not there.
fn words(visit: &Visit, name: &str) -> String {
    visit
        .request
        .query(name)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
