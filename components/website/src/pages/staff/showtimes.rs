//! `/staff/showtimes`: what is put on the programme, changed there and taken off it, with what hangs on it said before.

use std::rc::Rc;

use futures::try_join;
use http::Method;
use maud::{Markup, html};
use service::{Id, Problem, Reply};

use super::{
    framed,
    guests::{self, Guest},
    showtime_form::{self as form, Given},
    words,
};
use crate::{
    forms::Form,
    siblings::{Showtime, found},
    visit::Visit,
};

const PLACE: &str = "/staff/day";

/// `GET /staff/showtimes/new`
pub async fn new(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = blank(&visit, &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `POST /staff/showtimes/new`
pub async fn add(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let form = visit.form()?;
    let showtimes = visit.sibling("showtimes")?;
    match showtimes
        .ask(
            Method::POST,
            "/showtimes",
            Some(&form::body(&form)),
            Vec::new(),
        )
        .await
    {
        Ok(_) => Ok(visit.on_to(&format!("{PLACE}/{}?done=added", form.get("date")))),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), blank(&visit, &form).await?))
        }
    }
}

async fn blank(visit: &Visit, form: &Form) -> Result<Markup, Problem> {
    let (t, title) = (visit.t, words(visit, "title"));
    let film = visit.request.query_as::<Id>("film").ok().flatten();
    let date = match words(visit, "date") {
        date if date.is_empty() => visit.clock.today().to_string(),
        date => date,
    };
    let given = Given {
        movies: film.into_iter().collect(),
        date,
        ..Given::default()
    };
    let films = form::choices(visit, &form::chosen(form, &given), &title).await?;
    let main = html! {
        h1 { (t.showtimes_add) }
        (form::fields(visit, form, &given, &films, "/staff/showtimes/new", PLACE))
    };
    Ok(framed(visit, t.showtimes_add, PLACE, main))
}

/// `GET /staff/showtimes/:id`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = shown(&visit, &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `POST /staff/showtimes/:id`
pub async fn change(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, form) = (visit.id()?, visit.form()?);
    let (showtimes, path) = (visit.sibling("showtimes")?, format!("/showtimes/{id}"));
    match showtimes
        .ask(Method::PATCH, &path, Some(&form::body(&form)), Vec::new())
        .await
    {
        Ok(_) => Ok(visit.on_to(&format!("/staff/showtimes/{id}?done=kept"))),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), shown(&visit, &form).await?))
        }
    }
}

async fn shown(visit: &Visit, form: &Form) -> Result<Markup, Problem> {
    let (t, id, title) = (visit.t, visit.id()?, words(visit, "title"));
    let showtime = read(visit, id).await?;
    let given = Given::of(&showtime);
    let chosen = form::chosen(form, &given);
    let ids = [id];
    let (films, seats) = try_join!(form::choices(visit, &chosen, &title), visit.seats_of(&ids))?;
    let when = visit.when(showtime.date, showtime.time);
    let left = seats.get(&id).and_then(|seats| seats.left);
    let sold = showtime
        .capacity
        .zip(left)
        .map(|(capacity, left)| (capacity.saturating_sub(left), capacity));
    let path = format!("/staff/showtimes/{id}");
    let main = html! {
        p.kicker { a href={ (PLACE) "/" (showtime.date) } { (t.full_day(showtime.date)) } }
        h1 { (t.showtimes_change_title) }
        p.notice {
            @match sold {
                Some((sold, capacity)) => { (t.showtimes_sold(sold, capacity)) ". " @if sold > 0 { (t.showtimes_hangs) " " } },
                None => { (t.showtimes_unlimited) ". " },
            }
            a href={ (path) "/bookings" } { (t.guests_see) }
        }
        @if visit.clock.has_begun(showtime.date, showtime.time) { p.notice.bad { (t.showtimes_begun) } }
        (form::fields(visit, form, &given, &films, &path, &format!("{PLACE}/{}", showtime.date)))
        p.actions { a.button.quiet href={ (path) "/remove" } { (t.showtimes_remove) } }
    };
    Ok(framed(
        visit,
        &format!("{} · {when}", t.showtimes_change_title),
        PLACE,
        main,
    ))
}

/// The showtime with an id; 404 where there is none.
pub async fn read(visit: &Visit, id: Id) -> Result<Showtime, Problem> {
    let showtime = visit
        .sibling("showtimes")?
        .one(&format!("/showtimes/{id}"))
        .await?;
    found(showtime, "showtime", id)
}

/// `GET /staff/showtimes/:id/remove`
pub async fn leaving(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = asked(&visit, &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `POST /staff/showtimes/:id/remove`
pub async fn remove(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, form) = (visit.id()?, visit.form()?);
    let how = if form.get("cancel") == "yes" {
        "?cancel_bookings=true"
    } else {
        ""
    };
    let (showtimes, path) = (visit.sibling("showtimes")?, format!("/showtimes/{id}{how}"));
    let day = form.get("date").to_owned();
    let back = format!("{PLACE}/{day}?done=removed");
    let place = if day.parse::<service::Day>().is_ok() {
        back.as_str()
    } else {
        "/staff?done=removed"
    };
    match showtimes.remove(&path).await {
        Ok(()) => Ok(visit.on_to(place)),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), asked(&visit, &form).await?))
        }
    }
}

async fn asked(visit: &Visit, form: &Form) -> Result<Markup, Problem> {
    let (t, id) = (visit.t, visit.id()?);
    let (showtime, listed) = try_join!(read(visit, id), guests::read(visit, id, None))?;
    let films = visit.films(&showtime.movies).await?;
    let titles: Vec<_> = showtime.films(&films).map(|film| &*film.title).collect();
    let standing: Vec<&Guest> = listed
        .data
        .iter()
        .filter(|guest| guest.booking.cancelled.is_none())
        .collect();
    let seats: u32 = standing.iter().map(|guest| guest.booking.seats).sum();
    let when = visit.when(showtime.date, showtime.time);
    let path = format!("/staff/showtimes/{id}");
    let main = html! {
        section.narrow {
            h1 { (t.showtimes_remove_title) }
            p.lead { (titles.join(", ")) " · " (when) @if let Some(screen) = &showtime.screen { " · " (visit.screen(screen)) } }
            (form.summary(t, &[]))
            @if standing.is_empty() { p { (t.showtimes_remove_free) } }
            @else {
                div.notice.bad {
                    p { b { (t.showtimes_remove_hangs(standing.len() as u32, t.seats_count(seats))) } }
                    p { (t.showtimes_remove_lead) }
                }
                ul.lines { @for guest in standing.iter().take(20) { li { (guest.name(t)) " · " (t.seats_count(guest.booking.seats)) } } }
                @if standing.len() > 20 { p { a href={ (path) "/bookings" } { (t.guests_see) } } }
            }
            form method="post" action={ (path) "/remove" } {
                (visit.token())
                input type="hidden" name="date" value=(showtime.date);
                @if !standing.is_empty() { label.check { input type="checkbox" name="cancel" value="yes" required; span { (t.showtimes_remove_sure) } } }
                p.actions { button.danger { (t.showtimes_remove) } a.button.quiet href=(path) { (t.form_cancel) } }
            }
        }
    };
    Ok(framed(visit, t.showtimes_remove, PLACE, main))
}
