//! `/me/bookings/{id}`: a ticket, with its code and its picture.

use std::{collections::HashMap, rc::Rc};

use futures::try_join;
use maud::{Markup, PreEscaped, html};
use qrcode::{Color, EcLevel, QrCode};
use service::{Day, Id, Problem, Reply, Time};
use tokens::digest;

use crate::{
    layout::{Page, page as framed},
    siblings::{Booking, Film, Showtime, found},
    visit::Visit,
};

/// A booking with what it is of by now.
pub struct Ticket {
    pub booking: Booking,
    /// None where it is not on the programme any more.
    pub showtime: Option<Showtime>,
    films: HashMap<Id, Film>,
}

impl Ticket {
    /// The one of the path, with what is known of its showtime and its films.
    pub async fn read(visit: &Visit) -> Result<Self, Problem> {
        let (id, _) = (visit.id()?, visit.signed_in()?);
        let booking: Option<Booking> = visit
            .sibling("bookings")?
            .one(&format!("/bookings/{id}"))
            .await?;
        let booking = found(booking, "booking", id)?;
        let (path, showtimes) = (
            format!("/showtimes/{}", booking.showtimeid),
            visit.sibling("showtimes")?,
        );
        let (showtime, films) = try_join!(showtimes.one(&path), visit.films(&booking.movies))?;
        Ok(Self {
            booking,
            showtime,
            films,
        })
    }

    /// What is shown, by today's titles, or by those it was booked by.
    pub fn title(&self) -> String {
        let title = |id: &Id| {
            let known = self.films.get(id).map(|film| film.title.as_str());
            known.or_else(|| {
                self.booking
                    .films
                    .iter()
                    .find(|film| film.id == *id)
                    .map(|film| film.title.as_str())
            })
        };
        self.booking
            .movies
            .iter()
            .filter_map(title)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// When it is.
    pub fn when(&self) -> (Option<Day>, Option<Time>) {
        match &self.showtime {
            Some(showtime) => (Some(showtime.date), showtime.time),
            None => (self.booking.date, self.booking.time),
        }
    }

    /// Where it is.
    pub fn screen(&self) -> Option<&str> {
        self.showtime
            .as_ref()
            .map_or(self.booking.screen.as_deref(), |showtime| {
                showtime.screen.as_deref()
            })
    }

    /// Whether it is to come, and can still be cancelled.
    pub fn is_coming(&self, visit: &Visit) -> bool {
        let (day, time) = self.when();
        self.booking.cancelled.is_none() && day.is_none_or(|day| !visit.clock.has_begun(day, time))
    }
}

/// What a booking is called at the entrance: eight letters and digits that nobody takes for one another, which follow from its id.
pub fn code(booking: Id) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let digest = digest(&format!("code.{booking}"));
    let mut code: String = digest
        .bytes()
        .take(8)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    code.insert(4, '-');
    code
}

/// `GET /me/bookings/:id`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let ticket = Ticket::read(&visit).await?;
    let (t, booking) = (visit.t, &ticket.booking);
    let (day, time) = ticket.when();
    let is_moved = ticket.showtime.is_some()
        && booking.date.is_some()
        && (booking.date, booking.time) != (day, time);
    let is_coming = ticket.is_coming(&visit);
    let title = ticket.title();
    let main = html! {
        @if let Some(done) = visit.done() { (done) }
        article.ticket {
            header {
                p.kicker { (visit.cinema()) }
                h1 { (title) }
            }
            @if let Some(cancelled) = &booking.cancelled { p.notice.bad { (t.ticket_cancelled(&cancelled.reason)) } }
            @else if !is_coming { p.notice { (t.ticket_over) } }
            @if is_moved && let Some(before) = booking.date { p.notice { (t.ticket_moved(visit.when(before, booking.time))) } }
            dl.sum {
                @if let Some(day) = day {
                    dt { (t.book_day) } dd { (t.full_day(day)) }
                    @if time.is_some() { dt { (t.book_time) } dd { (visit.time(day, time)) } }
                }
                @if let Some(screen) = ticket.screen() { dt { (t.book_screen) } dd { (screen) } }
                dt { (t.book_how_many) } dd { (booking.seats) }
                dt { (t.ticket_code) } dd.code { (code(booking.id)) }
            }
            @if is_coming {
                figure { (picture(&visit, booking.id)) figcaption { (t.ticket_show) } }
            }
            p.soft { (t.ticket_booked_on(t.full_day(visit.clock.day(booking.createdon)))) }
        }
        p.actions {
            @if is_coming {
                a.button.quiet href={ "/me/bookings/" (booking.id) "/calendar" } download="cinema.ics" { (t.ticket_calendar) }
                button.quiet type="button" data-print hidden { (t.ticket_print) }
                a.button.quiet href={ "/me/bookings/" (booking.id) "/cancel" } { (t.ticket_cancel) }
            }
            a href="/me/bookings" { (t.ticket_all) }
        }
    };
    Ok(visit.personal(framed(
        &visit,
        Page::own(
            &format!("{title} · {}", t.ticket_title),
            "/me/bookings",
            main,
        ),
    )))
}

/// The address at which a booking is found, as a picture for a camera: dark on light, whatever the page's colours are.
fn picture(visit: &Visit, booking: Id) -> Markup {
    let address = format!("{}/tickets/{booking}", visit.address());
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::M) else {
        return html! {};
    };
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", at % width + 4, at / width + 4));
        }
    }
    let size = width + 8;
    html! {
        svg.qr viewBox={ "0 0 " (size) " " (size) } role="img" aria-label=(visit.t.ticket_picture) shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(PreEscaped(path)) fill="#000" {}
        }
    }
}

/// `GET /tickets/:id`: where the picture leads. Staff see the booking, and whoever booked their ticket.
pub async fn found_by_picture(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, caller) = (visit.id()?, visit.signed_in()?);
    let place = if caller.is_staff() {
        "/staff/bookings"
    } else {
        "/me/bookings"
    };
    Ok(visit.on_to(&format!("{place}/{id}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_booking_s_own() {
        let (one, other): (Id, Id) = (
            "65a1f0c27d5b3e9a41c80f05".parse().unwrap(),
            "65a1f0c27d5b3e9a41c80f06".parse().unwrap(),
        );
        assert_eq!(code(one), code(one));
        assert_ne!(code(one), code(other));
        assert_eq!(code(one).len(), 9);
    }
}
