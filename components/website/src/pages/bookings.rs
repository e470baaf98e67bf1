//! `/me/bookings`: what somebody has booked, coming and past.

use std::{collections::HashMap, rc::Rc};

use maud::{Markup, html};
use service::{Day, Id, Listed, Problem, Reply, Time};

use crate::{
    layout::{Page, page as framed},
    poster,
    siblings::{Booking, Showtime},
    visit::Visit,
};

/// A booking, and when it is by now.
struct Row {
    booking: Booking,
    day: Option<Day>,
    time: Option<Time>,
}

/// `GET /me/bookings`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, caller) = (visit.t, visit.signed_in()?);
    let after = visit.request.query_as::<Id>("after")?;
    let after = after
        .map(|after| format!("&after={after}"))
        .unwrap_or_default();
    let path = format!(
        "/bookings?userid={}&order=newest&limit=50{after}",
        caller.id
    );
    let booked: Listed<Booking> = visit.sibling("bookings")?.page(&path).await?;
    let last = booked
        .data
        .last()
        .filter(|_| booked.next.is_some())
        .map(|booking| booking.id);
    let rows = rows(&visit, booked.data).await?;
    let is_coming = |row: &Row| {
        row.day
            .is_some_and(|day| !visit.clock.has_begun(day, row.time))
    };
    let (mut coming, mut past): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_coming);
    coming.sort_by_key(|row| (row.day, row.time));
    past.sort_by_key(|row| std::cmp::Reverse((row.day, row.time)));
    let main = html! {
        h1 { (t.bookings_title) }
        @if let Some(done) = visit.done() { (done) }
        section {
            h2 { (t.bookings_coming) }
            @if coming.is_empty() { div.empty { p { (t.bookings_none) } p { a.button href="/" { (t.bookings_find) } } } }
            ul.bookings { @for row in &coming { (shown(&visit, row)) } }
        }
        section {
            h2 { (t.bookings_past) }
            @if past.is_empty() { p.soft { (t.bookings_none_past) } }
            ul.bookings.past { @for row in &past { (shown(&visit, row)) } }
        }
        nav.pager {
            @if !after.is_empty() { a href="/me/bookings" { (t.bookings_newest) } }
            @if let Some(last) = last { a href={ "/me/bookings?after=" (last) } { (t.bookings_older) } }
        }
    };
    Ok(visit.personal(framed(
        &visit,
        Page::own(t.bookings_title, "/me/bookings", main),
    )))
}

/// The bookings, with when their showtimes are by now.
async fn rows(visit: &Visit, bookings: Vec<Booking>) -> Result<Vec<Row>, Problem> {
    let mut ids: Vec<Id> = bookings.iter().map(|booking| booking.showtimeid).collect();
    ids.sort_unstable();
    ids.dedup();
    let showtimes: Vec<Showtime> = if ids.is_empty() {
        Vec::new()
    } else {
        visit
            .sibling("showtimes")?
            .by_ids("/showtimes", &ids)
            .await?
    };
    let showtimes: HashMap<Id, Showtime> = showtimes
        .into_iter()
        .map(|showtime| (showtime.id, showtime))
        .collect();
    let row = |booking: Booking| {
        let (day, time) = match showtimes.get(&booking.showtimeid) {
            Some(showtime) => (Some(showtime.date), showtime.time),
            None => (booking.date, booking.time),
        };
        Row { booking, day, time }
    };
    Ok(bookings.into_iter().map(row).collect())
}

fn shown(visit: &Visit, row: &Row) -> Markup {
    let (t, Row { booking, day, time }) = (visit.t, row);
    let titles = booking.films.iter().map(|film| &*film.title);
    html! {
        li {
            div.poster aria-hidden="true" { (poster::draw(titles.clone().next().unwrap_or(t.ticket_title), "")) }
            div {
                h3 { a href={ "/me/bookings/" (booking.id) } { (visit.titles(titles)) } }
                @if let Some(day) = *day {
                    p { (t.near_day(day, visit.clock.today())) @if time.is_some() { ", " (visit.time(day, *time)) } @if let Some(screen) = &booking.screen { " · " (visit.screen(screen)) } }
                }
                p.soft { (t.seats_count(booking.seats)) @if booking.cancelled.is_some() { " · " b { (t.bookings_cancelled) } } }
            }
        }
    }
}
