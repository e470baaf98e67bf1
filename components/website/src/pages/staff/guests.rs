//! `/staff/showtimes/{id}/bookings`: who is awaited, found by name or code, and let in.

use std::rc::Rc;

use futures::try_join;
use maud::{Markup, html};
use serde::Deserialize;
use service::{Id, Listed, Problem, Reply};

use super::{framed, showtimes, words};
use crate::{
    messages::Texts,
    pages::ticket::code,
    siblings::Booking,
    visit::{Visit, quoted},
};

/// A booking, and whose it is.
#[derive(Deserialize)]
pub struct Guest {
    pub booking: Booking,
    /// None where they are not there any more.
    pub user: Option<Customer>,
}

/// Whoever booked.
#[derive(Deserialize)]
pub struct Customer {
    pub username: String,
    pub firstname: String,
    pub lastname: String,
}

impl Customer {
    pub fn name(&self) -> String {
        format!("{} {}", self.firstname, self.lastname)
    }
}

impl Guest {
    pub fn name(&self, t: &Texts) -> String {
        self.user
            .as_ref()
            .map_or_else(|| t.guests_nobody.to_owned(), Customer::name)
    }

    /// Whether it is what somebody looks for: by the beginning of a name, in any case, or by the code, however it is written.
    fn is(&self, words: &str) -> bool {
        let plain = |text: &str| text.to_lowercase();
        let words = plain(words);
        let typed: String = words.chars().filter(char::is_ascii_alphanumeric).collect();
        let code: String = plain(&code(self.booking.id)).replace('-', "");
        if typed.len() >= 4 && code.starts_with(&typed) {
            return true;
        }
        let Some(user) = &self.user else { return false };
        let names = plain(&format!(
            "{} {} {}",
            user.firstname, user.lastname, user.username
        ));
        words
            .split_whitespace()
            .all(|word| names.split(' ').any(|name| name.starts_with(word)))
    }

    /// The order in which they are looked for: by last name.
    fn key(&self) -> (bool, String, Id) {
        let name = self
            .user
            .as_ref()
            .map(|user| format!("{} {}", user.lastname, user.firstname).to_lowercase());
        (name.is_none(), name.unwrap_or_default(), self.booking.id)
    }
}

/// A showtime's guests.
pub async fn read(
    visit: &Visit,
    showtime: Id,
    after: Option<Id>,
) -> Result<Listed<Guest>, Problem> {
    let after = after
        .map(|after| format!("?after={after}"))
        .unwrap_or_default();
    visit
        .sibling("bookings")?
        .page(&format!("/bookings/guests/{showtime}{after}"))
        .await
}

/// `GET /staff/showtimes/:id/bookings`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, id, looked_for) = (visit.t, visit.id()?, words(&visit, "q"));
    let after = visit.request.query_as::<Id>("after")?;
    let (showtime, listed) = try_join!(showtimes::read(&visit, id), read(&visit, id, after))?;
    let films = visit.films(&showtime.movies).await?;
    let titles: Vec<_> = showtime.films(&films).map(|film| &*film.title).collect();
    let last = listed
        .data
        .last()
        .filter(|_| listed.next.is_some())
        .map(|guest| guest.booking.id);
    let standing = || {
        listed
            .data
            .iter()
            .filter(|guest| guest.booking.cancelled.is_none())
    };
    let seats: u32 = standing().map(|guest| guest.booking.seats).sum();
    let inside: u32 = standing()
        .filter(|guest| guest.booking.checkedin.is_some())
        .map(|guest| guest.booking.seats)
        .sum();
    let mut found: Vec<&Guest> = listed
        .data
        .iter()
        .filter(|guest| looked_for.is_empty() || guest.is(&looked_for))
        .collect();
    found.sort_by_key(|guest| guest.key());
    let path = format!("/staff/showtimes/{id}/bookings");
    let back = if looked_for.is_empty() {
        path.clone()
    } else {
        format!("{path}?q={}", quoted(&looked_for))
    };
    let main = html! {
        p.kicker { a href={ "/staff/day/" (showtime.date) } { (t.full_day(showtime.date)) } }
        div.heading {
            h1 { (visit.time(showtime.date, showtime.time)) " " (titles.join(", ")) @if let Some(screen) = &showtime.screen { " " small { (visit.screen(screen)) } } }
            a.button.quiet href={ "/staff/showtimes/" (id) } { (t.showtimes_change) }
        }
        p.lead { (t.guests_count(seats)) " · " (t.guests_inside(inside)) }
        @if seats > 0 { progress.inside max=(seats) value=(inside) aria-label=(t.guests_inside(inside)) {} }
        form.search role="search" action=(path) {
            label for="q" { (t.guests_search) }
            div { input #q type="search" name="q" value=(looked_for) autocomplete="off" enterkeyhint="search"; button { (t.search_button) } }
        }
        div role="status" {
            @if listed.data.is_empty() { p { (t.guests_none) } }
            @else if found.is_empty() { p { (t.search_nothing(&looked_for)) } }
        }
        @if !looked_for.is_empty() { p { a href=(path) { (t.guests_all) } } }
        ul.guests { @for guest in &found { (shown(&visit, guest, &back)) } }
        nav.pager {
            @if after.is_some() { a href=(path) { (t.staff_first_page) } }
            @if let Some(last) = last { a href={ (path) "?after=" (last) } { (t.staff_next_page) } }
        }
    };
    Ok(visit.personal(framed(&visit, t.guests_title, "/staff/day", main)))
}

fn shown(visit: &Visit, guest: &Guest, back: &str) -> Markup {
    let (t, booking) = (visit.t, &guest.booking);
    html! {
        li.inside[booking.checkedin.is_some()].gone[booking.cancelled.is_some()] {
            div {
                h2.h3 { a href={ "/staff/bookings/" (booking.id) } { (guest.name(t)) } }
                p.soft {
                    span.code { (code(booking.id)) } " · " (t.seats_count(booking.seats))
                    @if booking.films.len() == 1 && booking.movies.len() == 1 { " · " (booking.films[0].title) }
                }
            }
            (admission(visit, booking, &guest.name(t), back))
        }
    }
}

/// What can be done at the door, or what was.
pub fn admission(visit: &Visit, booking: &Booking, name: &str, back: &str) -> Markup {
    let t = visit.t;
    html! {
        @if booking.cancelled.is_some() { p.soft { (t.bookings_cancelled) } }
        @else {
            form.admission method="post" action={ "/staff/bookings/" (booking.id) } {
                (visit.token())
                input type="hidden" name="back" value=(back);
                @match &booking.checkedin {
                    Some(noted) => {
                        span.tag { "✓ " (t.guests_in_since(moment(visit, noted.on))) }
                        button.quiet.small name="do" value="back" aria-label=(t.guests_take_back_one(name)) { (t.guests_take_back) }
                    },
                    None => button name="do" value="in" aria-label=(t.guests_let_in_one(name)) { (t.guests_let) },
                }
            }
        }
    }
}

/// A moment on the cinema's clock: the time, and the day where that is another.
fn moment(visit: &Visit, moment: service::Moment) -> String {
    let (day, time) = (visit.clock.day(moment), visit.clock.time(moment));
    if day == visit.clock.today() {
        time.to_string()
    } else {
        visit.t.date_at(visit.t.day(day), time)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_found_by_the_beginning_of_a_name_or_of_the_code() {
        let booking = serde_json::json!({
            "id": "65a1f0c27d5b3e9a41c80f05", "userid": "65a1f0c27d5b3e9a41c80f06", "showtimeid": "65a1f0c27d5b3e9a41c80f07",
            "movies": [], "seats": 2, "createdon": "2026-01-01T00:00:00.000Z",
        });
        let user =
            serde_json::json!({"username": "ada.m", "firstname": "Ada", "lastname": "Márlow"});
        let guest: Guest =
            serde_json::from_value(serde_json::json!({"booking": booking, "user": user})).unwrap();
        let code = code(guest.booking.id);
        for words in [
            "ada",
            "MÁR",
            "ada már",
            "ada.m",
            &code,
            &code.to_lowercase().replace('-', ""),
            &code[..5],
        ] {
            assert!(guest.is(words), "{words}");
        }
        for words in ["arlow", "ada x", &code[..3], &code[1..]] {
            assert!(!guest.is(words), "{words}");
        }
    }
}
