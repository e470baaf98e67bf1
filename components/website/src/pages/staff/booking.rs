//! `/staff/bookings/{id}`: a booking, as where a ticket's picture leads whoever stands at the door.

use std::rc::Rc;

use futures::try_join;
use http::Method;
use maud::{Markup, html};
use service::{Problem, Reply};

use super::{
    framed,
    guests::{Customer, admission},
};
use crate::{
    forms::Form,
    pages::ticket::code,
    siblings::{Booking, Showtime, found},
    visit::{Visit, is_ours},
};

/// A booking with what it is of and whose it is.
struct Known {
    booking: Booking,
    showtime: Option<Showtime>,
    user: Option<Customer>,
}

impl Known {
    async fn read(visit: &Visit) -> Result<Self, Problem> {
        let id = visit.id()?;
        let booking: Option<Booking> = visit
            .sibling("bookings")?
            .one(&format!("/bookings/{id}"))
            .await?;
        let booking = found(booking, "booking", id)?;
        let paths = (
            format!("/showtimes/{}", booking.showtimeid),
            format!("/users/{}", booking.userid),
        );
        let (showtimes, users) = (visit.sibling("showtimes")?, visit.sibling("users")?);
        let (showtime, user) = try_join!(showtimes.one(&paths.0), users.one(&paths.1))?;
        Ok(Self {
            booking,
            showtime,
            user,
        })
    }

    fn name(&self, visit: &Visit) -> String {
        self.user
            .as_ref()
            .map_or_else(|| visit.t.guests_nobody.to_owned(), Customer::name)
    }

    fn title(&self, visit: &Visit) -> String {
        visit.titles(self.booking.films.iter().map(|film| &*film.title))
    }

    /// When and where it is.
    fn when(&self, visit: &Visit) -> String {
        let (day, time) = match &self.showtime {
            Some(showtime) => (Some(showtime.date), showtime.time),
            None => (self.booking.date, self.booking.time),
        };
        day.map(|day| visit.when(day, time)).unwrap_or_default()
    }
}

/// `GET /staff/bookings/:id`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = shown(&visit, &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `POST /staff/bookings/:id`: the guests are let in, or that is taken back.
pub async fn sent(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, form) = (visit.id()?, visit.form()?);
    let (bookings, path) = (
        visit.sibling("bookings")?,
        format!("/bookings/{id}/checkin"),
    );
    let (method, done) = match form.get("do") {
        "back" => (Method::DELETE, "taken-back"),
        _ => (Method::POST, "let-in"),
    };
    let back = Some(form.get("back")).filter(|back| is_ours(back) && back.starts_with("/staff/"));
    let back = back.map_or_else(|| format!("/staff/bookings/{id}"), str::to_owned);
    match bookings.ask(method, &path, None::<&()>, Vec::new()).await {
        Ok(_) => {
            let parted = if back.contains('?') { '&' } else { '?' };
            Ok(visit.on_to(&format!("{back}{parted}done={done}")))
        }
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), shown(&visit, &form).await?))
        }
    }
}

async fn shown(visit: &Visit, form: &Form) -> Result<Markup, Problem> {
    let t = visit.t;
    let known = Known::read(visit).await?;
    let (booking, name) = (&known.booking, known.name(visit));
    let path = format!("/staff/bookings/{}", booking.id);
    let main = html! {
        (form.summary(t, &[]))
        article.ticket {
            header { p.kicker { (known.when(visit)) } h1 { (name) } }
            @if let Some(cancelled) = &booking.cancelled { p.notice.bad { (t.ticket_cancelled(&cancelled.reason)) } }
            dl.sum {
                dt { (t.book_film) } dd { (known.title(visit)) }
                @if let Some(screen) = known.showtime.as_ref().and_then(|showtime| showtime.screen.as_ref()) { dt { (t.book_screen) } dd { (screen) } }
                dt { (t.book_how_many) } dd { (booking.seats) }
                dt { (t.ticket_code) } dd.code { (code(booking.id)) }
                @if let Some(user) = &known.user { dt { (t.sign_in_username) } dd { a href={ "/staff/users/" (booking.userid) } { (user.username) } } }
            }
            div.door { (admission(visit, booking, &name, &path)) }
            p.soft { (t.ticket_booked_on(t.full_day(visit.clock.day(booking.createdon)))) }
        }
        p.actions {
            @if known.showtime.is_some() { a.button.quiet href={ "/staff/showtimes/" (booking.showtimeid) "/bookings" } { (t.guests_see) } }
            @if booking.cancelled.is_none() && booking.checkedin.is_none() { a.button.quiet href={ (path) "/cancel" } { (t.ticket_cancel) } }
        }
    };
    Ok(framed(visit, &name, "/staff/day", main))
}

/// `GET /staff/bookings/:id/cancel`
pub async fn leaving(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = asked(&visit, &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `POST /staff/bookings/:id/cancel`
pub async fn cancel(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, form) = (visit.id()?, visit.form()?);
    let (bookings, path) = (visit.sibling("bookings")?, format!("/bookings/{id}"));
    let back = form.get("showtime").parse::<service::Id>();
    let back = back.map_or_else(
        |_| "/staff".to_owned(),
        |id| format!("/staff/showtimes/{id}/bookings"),
    );
    match bookings.remove(&path).await {
        Ok(()) => Ok(visit.on_to(&format!("{back}?done=cancelled"))),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), asked(&visit, &form).await?))
        }
    }
}

async fn asked(visit: &Visit, form: &Form) -> Result<Markup, Problem> {
    let t = visit.t;
    let known = Known::read(visit).await?;
    let path = format!("/staff/bookings/{}", known.booking.id);
    let main = html! {
        section.narrow {
            h1 { (t.cancel_title) }
            (form.summary(t, &[]))
            p.lead { (known.name(visit)) ": " (t.cancel_lead(t.seats_count(known.booking.seats), known.title(visit), known.when(visit))) }
            form method="post" action={ (path) "/cancel" } {
                (visit.token())
                @if known.showtime.is_some() { input type="hidden" name="showtime" value=(known.booking.showtimeid); }
                p.actions { button.danger { (t.cancel_button) } a.button.quiet href=(path) { (t.form_cancel) } }
            }
        }
    };
    Ok(framed(visit, t.cancel_title, "/staff/day", main))
}
