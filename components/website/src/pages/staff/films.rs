//! `/staff/films`: the catalogue, and what is changed of it.

use std::rc::Rc;

use futures::try_join;
use http::{Method, StatusCode};
use maud::{Markup, html};
use serde_json::{Value, json};
use service::{Id, Listed, Problem, Reply};

use super::{framed, words};
use crate::{
    forms::{Field, Form},
    siblings::{Film, Programme, found},
    visit::{Visit, quoted},
};

const PLACE: &str = "/staff/films";

/// `GET /staff/films`
pub async fn list(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, title) = (visit.t, words(&visit, "title"));
    let after = visit.request.query_as::<Id>("after")?;
    let mut path = "/movies?limit=50".to_owned();
    if !title.is_empty() {
        path.push_str(&format!("&title={}", quoted(&title)));
    }
    if let Some(after) = after {
        path.push_str(&format!("&after={after}"));
    }
    let (films, more, said) = match visit
        .sibling("movies")?
        .ask_for::<Listed<Film>>(Method::GET, &path, None::<&()>, Vec::new())
        .await
    {
        Ok(listed) => (listed.data, listed.next.is_some(), None),
        // What is too short to look for.
        Err(problem) if problem.status == StatusCode::BAD_REQUEST => {
            (Vec::new(), false, Some(problem.detail))
        }
        Err(problem) => return Err(problem),
    };
    let last = films.last().filter(|_| more).map(|film| film.id);
    let main = html! {
        div.heading { h1 { (t.films_title) } a.button href="/staff/films/new" { (t.films_add) } }
        form.search role="search" action=(PLACE) {
            label for="title" { (t.films_search) }
            div { input #title type="search" name="title" value=(title) autocomplete="off"; button { (t.search_button) } }
        }
        div role="status" {
            @if let Some(said) = said { p.notice.bad { (t.said(&said)) } }
            @else if films.is_empty() { p { (t.films_none) } }
        }
        @if !films.is_empty() {
            div.scroll role="region" aria-label=(t.films_title) tabindex="0" {
                table {
                    thead { tr { th scope="col" { (t.films_name) } th scope="col" { (t.films_director) } th.number scope="col" { (t.films_rating) } th.number scope="col" { (t.films_minutes) } } }
                    tbody {
                        @for film in &films {
                            tr {
                                th scope="row" { a href={ (PLACE) "/" (film.id) } { (film.title) } }
                                td { (film.director) }
                                td.number { (t.decimal(film.rating)) }
                                td.number { @if let Some(minutes) = film.minutes { (minutes) } }
                            }
                        }
                    }
                }
            }
        }
        nav.pager {
            @if after.is_some() { a href={ (PLACE) "?title=" (quoted(&title)) } { (t.staff_first_page) } }
            @if let Some(last) = last { a href={ (PLACE) "?title=" (quoted(&title)) "&after=" (last) } { (t.staff_next_page) } }
        }
    };
    Ok(visit.personal(framed(&visit, t.films_title, PLACE, main)))
}

/// `GET /staff/films/new`
pub async fn new(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = blank(&visit, &Form::default());
    Ok(visit.personal(page))
}

/// `POST /staff/films/new`
pub async fn add(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let form = visit.form()?;
    let refused = match poster_fault(&visit, &form) {
        Some(fault) => form.refused(fault)?,
        None => {
            let movies = visit.sibling("movies")?;
            match movies
                .ask(Method::POST, "/movies", Some(&body(&form)), Vec::new())
                .await
            {
                Ok(_) => return Ok(visit.on_to("/staff/films?done=added")),
                Err(problem) => form.refused(problem)?,
            }
        }
    };
    Ok(visit.with_status(refused.status(), blank(&visit, &refused)))
}

fn blank(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    let main = html! {
        section.narrow {
            h1 { (t.films_add) }
            (fields(visit, form, None, "/staff/films/new"))
        }
    };
    framed(visit, t.films_add, PLACE, main)
}

/// `GET /staff/films/:id`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = shown(&visit, &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `POST /staff/films/:id`
pub async fn change(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, form) = (visit.id()?, visit.form()?);
    let refused = match poster_fault(&visit, &form) {
        Some(fault) => form.refused(fault)?,
        None => {
            let (movies, path) = (visit.sibling("movies")?, format!("/movies/{id}"));
            match movies
                .ask(Method::PATCH, &path, Some(&body(&form)), Vec::new())
                .await
            {
                Ok(_) => return Ok(visit.on_to(&format!("{PLACE}/{id}?done=kept"))),
                Err(problem) => form.refused(problem)?,
            }
        }
    };
    Ok(visit.with_status(refused.status(), shown(&visit, &refused).await?))
}

async fn shown(visit: &Visit, form: &Form) -> Result<Markup, Problem> {
    let (t, id) = (visit.t, visit.id()?);
    let (film, programme) = read(visit, id).await?;
    let main = html! {
        div.heading { h1 { (film.title) } a.button.quiet href={ "/films/" (id) } { (t.films_public) } }
        div.panels {
            section.panel {
                h2 { (t.films_change) }
                (fields(visit, form, Some(&film), &format!("{PLACE}/{id}")))
            }
            section.panel {
                h2 { (t.film_when) }
                (coming(visit, &programme))
                p.actions {
                    a.button href={ "/staff/showtimes/new?film=" (id) } { (t.films_put_on) }
                    a.button.quiet href={ (PLACE) "/" (id) "/remove" } { (t.films_remove) }
                }
            }
        }
    };
    Ok(framed(visit, &film.title, PLACE, main))
}

/// The film, and where it is to be shown.
async fn read(visit: &Visit, id: Id) -> Result<(Film, Programme), Problem> {
    let (path, movies) = (format!("/movies/{id}"), visit.sibling("movies")?);
    let times = format!("movie={id}&from={}", visit.clock.today());
    let (film, mut programme) = try_join!(movies.one::<Film>(&path), visit.times(&times))?;
    programme
        .showtimes
        .retain(|one| !visit.clock.has_begun(one.date, one.time));
    Ok((found(film, "movie", id)?, programme))
}

fn coming(visit: &Visit, programme: &Programme) -> Markup {
    let t = visit.t;
    html! {
        @if programme.showtimes.is_empty() { p { (t.film_not_on) } }
        ul.lines {
            @for one in &programme.showtimes {
                li {
                    a href={ "/staff/showtimes/" (one.id) } { (visit.when(one.date, one.time)) }
                    @if let Some(screen) = &one.screen { " · " (visit.screen(screen)) }
                    @if let (Some(capacity), Some(left)) = (one.capacity, programme.seats.get(&one.id).and_then(|seats| seats.left)) {
                        " · " span.soft { (t.showtimes_sold(capacity.saturating_sub(left), capacity)) }
                    }
                }
            }
        }
        @if programme.next.is_some() { p.soft { (t.film_more) } }
    }
}

/// `GET /staff/films/:id/remove`
pub async fn leaving(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let page = asked(&visit, &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `POST /staff/films/:id/remove`
pub async fn remove(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (id, form) = (visit.id()?, visit.form()?);
    let (movies, path) = (visit.sibling("movies")?, format!("/movies/{id}"));
    match movies.remove(&path).await {
        Ok(()) => Ok(visit.on_to("/staff/films?done=removed")),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), asked(&visit, &form).await?))
        }
    }
}

async fn asked(visit: &Visit, form: &Form) -> Result<Markup, Problem> {
    let (t, id) = (visit.t, visit.id()?);
    let (film, programme) = read(visit, id).await?;
    let count = programme.showtimes.len() as u32;
    let main = html! {
        section.narrow {
            h1 { (t.films_remove_title(&film.title)) }
            (form.summary(t, &[]))
            @if count == 0 {
                p.lead { (t.films_remove_lead) }
                form method="post" action={ (PLACE) "/" (id) "/remove" } {
                    (visit.token())
                    p.actions { button.danger { (t.films_remove) } a.button.quiet href={ (PLACE) "/" (id) } { (t.form_cancel) } }
                }
            } @else {
                p.notice { (t.films_hangs(count)) }
                (coming(visit, &programme))
                p.actions { a.button.quiet href={ (PLACE) "/" (id) } { (t.staff_back) } }
            }
        }
    };
    Ok(framed(visit, t.films_remove, PLACE, main))
}

fn fields(visit: &Visit, form: &Form, film: Option<&Film>, path: &str) -> Markup {
    let t = visit.t;
    let rating = film.map(|film| t.decimal(film.rating)).unwrap_or_default();
    let minutes = film
        .and_then(|film| film.minutes)
        .map(|minutes| minutes.to_string())
        .unwrap_or_default();
    let text = |name, label, value| Field {
        name,
        label,
        value,
        ..Field::default()
    };
    let own = film.map(|film| {
        (
            film.title.as_str(),
            film.director.as_str(),
            film.poster.as_deref().unwrap_or_default(),
        )
    });
    let (title, director, poster) = own.unwrap_or_default();
    let sources = sources(visit).join(", ");
    let fields = [
        text("title", t.films_name, title),
        text("director", t.films_director, director),
        Field {
            hint: t.films_rating_hint,
            inputmode: "decimal",
            ..text("rating", t.films_rating, &rating)
        },
        Field {
            hint: t.films_minutes_hint,
            inputmode: "numeric",
            is_optional: true,
            ..text("minutes", t.films_minutes, &minutes)
        },
    ];
    let hint = t.films_poster_hint(&sources);
    let picture = Field {
        kind: "url",
        hint: &hint,
        is_optional: true,
        ..text("poster", t.films_poster, poster)
    };
    let with_poster = !sources.is_empty() || !poster.is_empty();
    html! {
        (form.summary(t, &[&fields[..], &[picture]].concat()))
        form method="post" action=(path) {
            (visit.token())
            (form.fields(t, &fields))
            @if with_poster { (form.field(t, picture)) }
            p.actions { button { (t.staff_save) } a.button.quiet href=(PLACE) { (t.form_cancel) } }
        }
    }
}

/// What movies is told. What is left empty may be so, or is told as it is.
fn body(form: &Form) -> Value {
    let rating = form.get("rating").trim().replace(',', ".");
    let rating = rating
        .parse::<f64>()
        .map_or_else(|_| Value::from(form.get("rating")), Value::from);
    let mut body = json!({"title": form.get("title"), "director": form.get("director"), "rating": rating, "minutes": form.number_or_none("minutes")});
    if form.has("poster") {
        body["poster"] = form.text_or_none("poster");
    }
    body
}

/// Where pictures may come from, beside the site itself.
fn sources(visit: &Visit) -> Vec<String> {
    let sources = visit.setting("image_sources").unwrap_or_default();
    sources.split_whitespace().map(str::to_owned).collect()
}

/// That a picture would not be shown, since browsers are told to take none from there.
fn poster_fault(visit: &Visit, form: &Form) -> Option<Problem> {
    let poster = form.get("poster").trim();
    let fine = poster.is_empty() || !poster.starts_with("https://") || visit.may_show(poster);
    (!fine).then(|| {
        Problem::fault(
            "poster",
            &visit.t.films_poster_elsewhere(sources(visit).join(", ")),
        )
    })
}
