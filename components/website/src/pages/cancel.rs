//! `/me/bookings/{id}/cancel`

use std::rc::Rc;

use maud::{Markup, html};
use service::{Problem, Reply};

use crate::{
    forms::Form,
    layout::{Page, page as framed},
    pages::ticket::Ticket,
    visit::Visit,
};

/// `GET /me/bookings/:id/cancel`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let ticket = Ticket::read(&visit).await?;
    if !ticket.is_coming(&visit) {
        return Ok(visit.on_to(&format!("/me/bookings/{}", ticket.booking.id)));
    }
    Ok(visit.personal(shown(&visit, &ticket, &Form::default())))
}

/// `POST /me/bookings/:id/cancel`
pub async fn sent(visit: Rc<Visit>) -> Result<Reply, Problem> {
    visit.signed_in()?;
    let (id, form) = (visit.id()?, visit.form()?);
    match visit
        .sibling("bookings")?
        .remove(&format!("/bookings/{id}"))
        .await
    {
        Ok(()) => Ok(visit.on_to("/me/bookings?done=cancelled")),
        Err(problem) => {
            let form = form.refused(problem)?;
            let ticket = Ticket::read(&visit).await?;
            Ok(visit.with_status(form.status(), shown(&visit, &ticket, &form)))
        }
    }
}

fn shown(visit: &Visit, ticket: &Ticket, form: &Form) -> Markup {
    let (t, id) = (visit.t, ticket.booking.id);
    let (day, time) = ticket.when();
    let when = day.map(|day| visit.when(day, time)).unwrap_or_default();
    let main = html! {
        section.narrow {
            h1 { (t.cancel_title) }
            p.lead { (t.cancel_lead(t.seats_count(ticket.booking.seats), ticket.title(), when)) }
            (form.summary(t, &[]))
            form method="post" action={ "/me/bookings/" (id) "/cancel" } {
                (visit.token())
                p.actions { button.danger { (t.cancel_button) } a.button.quiet href={ "/me/bookings/" (id) } { (t.form_cancel) } }
            }
        }
    };
    framed(visit, Page::own(t.cancel_title, "/me/bookings", main))
}
