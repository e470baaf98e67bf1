//! `/staff/users/{id}`: somebody's role, a code for a new password, what they have booked, and the end of their account.

use std::rc::Rc;

use futures::try_join;
use http::Method;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use service::{Listed, Moment, Problem, Reply};

use super::{
    framed,
    users::{PLACE, User},
};
use crate::{
    forms::Form,
    siblings::{Booking, found},
    visit::Visit,
};

/// A code that was given out.
#[derive(Deserialize)]
struct Code {
    code: String,
    expires: Moment,
}

#[derive(Deserialize)]
struct Given {
    data: Code,
}

/// `GET /staff/users/:id`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = shown(&visit, &Form::default(), None).await?;
    Ok(visit.personal(page))
}

/// `GET` of what is only sent to.
pub async fn back(visit: Rc<Visit>) -> Result<Reply, Problem> {
    Ok(visit.on_to(&format!("{PLACE}/{}", visit.id()?)))
}

/// `POST /staff/users/:id`: another role.
pub async fn change(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, form) = (visit.id()?, visit.form()?);
    let (users, path) = (visit.sibling("users")?, format!("/users/{id}"));
    let body = json!({"role": form.get("role")});
    match users
        .ask(Method::PATCH, &path, Some(&body), Vec::new())
        .await
    {
        Ok(_) => Ok(visit.on_to(&format!("{PLACE}/{id}?done=kept"))),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), shown(&visit, &form, None).await?))
        }
    }
}

/// `POST /staff/users/:id/code`: shown this once.
pub async fn code(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let id = visit.id()?;
    visit.form()?;
    let (users, path) = (visit.sibling("users")?, format!("/users/{id}/code"));
    let given: Given = users
        .ask_for(Method::POST, &path, None::<&()>, Vec::new())
        .await?;
    let page = shown(&visit, &Form::default(), Some(&given.data)).await?;
    Ok(visit.personal(page))
}

async fn shown(visit: &Visit, form: &Form, code: Option<&Code>) -> Result<Markup, Problem> {
    let (t, id) = (visit.t, visit.id()?);
    let (path, booked) = (
        format!("/users/{id}"),
        format!("/bookings?userid={id}&order=newest&limit=50"),
    );
    let (users, bookings) = (visit.sibling("users")?, visit.sibling("bookings")?);
    let (user, booked) = try_join!(users.one::<User>(&path), bookings.page::<Booking>(&booked))?;
    let user = found(user, "user", id)?;
    let is_oneself = visit.staff()?.id == id;
    let main = html! {
        p.kicker { (user.username) }
        h1 { (user.name()) @if user.is_staff() { " " span.tag { (t.users_staff) } } }
        (form.summary(t, &[]))
        @if let Some(code) = code {
            div.notice.good role="status" tabindex="-1" data-focus {
                p { (t.users_code_given(&user.username)) }
                p.code.big { (code.code) }
                p { (t.users_code_until(visit.clock.time(code.expires))) }
            }
        }
        div.panels {
            section.panel {
                h2 { (t.users_role) }
                @if is_oneself { p.soft { (t.users_oneself) } }
                form method="post" action={ (PLACE) "/" (id) } {
                    (visit.token())
                    fieldset {
                        legend.unseen { (t.users_role) }
                        @for (role, name) in [("customer", t.users_customer), ("staff", t.users_staff)] {
                            label.check { input type="radio" name="role" value=(role) checked[user.role == role]; span { (name) } }
                        }
                    }
                    (form.told(t, "role"))
                    button { (t.staff_save) }
                }
            }
            section.panel {
                h2 { (t.users_code) }
                p { (t.users_code_lead) }
                form method="post" action={ (PLACE) "/" (id) "/code" } { (visit.token()) button { (t.users_code_give) } }
            }
            section.panel {
                h2 { (t.users_bookings) }
                (listed(visit, &booked))
            }
            section.panel {
                h2 { (t.users_remove) }
                p { (t.users_remove_lead) }
                a.button.quiet href={ (PLACE) "/" (id) "/remove" } { (t.users_remove) }
            }
        }
    };
    Ok(framed(visit, &user.username, PLACE, main))
}

fn listed(visit: &Visit, booked: &Listed<Booking>) -> Markup {
    let t = visit.t;
    html! {
        @if booked.data.is_empty() { p.soft { (t.users_bookings_none) } }
        ul.lines {
            @for booking in &booked.data {
                li {
                    a href={ "/staff/bookings/" (booking.id) } { @match booking.date { Some(day) => (visit.when(day, booking.time)), None => (t.ticket_title) } }
                    " · " (t.seats_count(booking.seats))
                    @if let Some(film) = booking.films.first() { " · " (film.title) }
                    @if booking.cancelled.is_some() { " · " b { (t.bookings_cancelled) } }
                }
            }
        }
        @if booked.next.is_some() { p.soft { (t.users_bookings_more) } }
    }
}

/// `GET /staff/users/:id/remove`
pub async fn leaving(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = asked(&visit, &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `POST /staff/users/:id/remove`
pub async fn remove(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, form) = (visit.id()?, visit.form()?);
    let (users, path) = (visit.sibling("users")?, format!("/users/{id}"));
    let done = format!("{PLACE}?done=removed");
    match users.remove(&path).await {
        Ok(()) => Ok(visit.on_to(&done)),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), asked(&visit, &form).await?))
        }
    }
}

async fn asked(visit: &Visit, form: &Form) -> Result<Markup, Problem> {
    let (t, id) = (visit.t, visit.id()?);
    let (path, booked) = (
        format!("/users/{id}"),
        format!("/bookings?userid={id}&order=newest&limit=100"),
    );
    let (users, bookings) = (visit.sibling("users")?, visit.sibling("bookings")?);
    let (user, mut booked) =
        try_join!(users.one::<User>(&path), bookings.page::<Booking>(&booked))?;
    let user = found(user, "user", id)?;
    booked.data.retain(|booking| {
        booking.cancelled.is_none()
            && booking
                .date
                .is_none_or(|day| !visit.clock.has_begun(day, booking.time))
    });
    let main = html! {
        section.narrow {
            h1 { (t.users_remove_title(user.name())) }
            (form.summary(t, &[]))
            p.lead { (t.users_remove_lead) }
            @if !booked.data.is_empty() {
                p.notice.bad { (t.users_remove_hangs(booked.data.len() as u32)) }
                (listed(visit, &booked))
            }
            form method="post" action={ (PLACE) "/" (id) "/remove" } {
                (visit.token())
                p.actions { button.danger { (t.users_remove) } a.button.quiet href={ (PLACE) "/" (id) } { (t.form_cancel) } }
            }
        }
    };
    Ok(framed(visit, t.users_remove, PLACE, main))
}
