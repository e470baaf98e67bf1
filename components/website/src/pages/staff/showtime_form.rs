//! What is filled in of a showtime, and what showtimes is told of it.

use std::collections::HashSet;

use maud::{Markup, html};
use serde_json::{Value, json};
use service::{Id, Listed, Problem};

use crate::{
    forms::{Field, Form},
    siblings::{Film, Showtime},
    visit::{Visit, quoted},
};

/// So many films can be chosen from at once.
const MOST: usize = 100;

/// What a form has before anybody fills it in.
#[derive(Default)]
pub struct Given {
    pub date: String,
    pub time: String,
    pub screen: String,
    pub capacity: String,
    pub movies: Vec<Id>,
}

impl Given {
    pub fn of(showtime: &Showtime) -> Self {
        Self {
            date: showtime.date.to_string(),
            time: showtime
                .time
                .map(|time| time.to_string())
                .unwrap_or_default(),
            screen: showtime.screen.clone().unwrap_or_default(),
            capacity: showtime
                .capacity
                .map(|seats| seats.to_string())
                .unwrap_or_default(),
            movies: showtime.movies.clone(),
        }
    }
}

/// The films to choose from: those that are chosen, and the catalogue's, or those of a title.
pub async fn choices(visit: &Visit, chosen: &[Id], title: &str) -> Result<Vec<Film>, Problem> {
    let mut path = format!("/movies?limit={MOST}");
    if !title.is_empty() {
        path.push_str(&format!("&title={}", quoted(title)));
    }
    let movies = visit.sibling("movies")?;
    let mut films = movies
        .page::<Film>(&path)
        .await
        .map(|listed: Listed<Film>| listed.data)?;
    let known: HashSet<Id> = films.iter().map(|film| film.id).collect();
    let others: Vec<Id> = chosen
        .iter()
        .filter(|id| !known.contains(id))
        .copied()
        .collect();
    films.extend(visit.films(&others).await?.into_values());
    films.sort_by_key(|film| (!chosen.contains(&film.id), film.title.to_lowercase()));
    Ok(films)
}

pub fn fields(
    visit: &Visit,
    form: &Form,
    given: &Given,
    films: &[Film],
    path: &str,
    back: &str,
) -> Markup {
    let t = visit.t;
    let text = |name, label, value| Field {
        name,
        label,
        value,
        ..Field::default()
    };
    let fields = [
        Field {
            kind: "date",
            ..text("date", t.book_day, &given.date)
        },
        Field {
            kind: "time",
            is_optional: true,
            ..text("time", t.book_time, &given.time)
        },
        Field {
            is_optional: true,
            ..text("screen", t.book_screen, &given.screen)
        },
        Field {
            is_optional: true,
            inputmode: "numeric",
            hint: t.showtimes_capacity_hint,
            ..text("capacity", t.showtimes_capacity, &given.capacity)
        },
    ];
    let chosen = chosen(form, given);
    let all = [&fields[..], &[text("movies", t.showtimes_films, "")]].concat();
    html! {
        (form.summary(t, &all))
        form method="post" action=(path) {
            (visit.token())
            div.beside { (form.fields(t, &fields)) }
            fieldset #movies tabindex="-1" {
                legend { (t.showtimes_films) }
                (form.told(t, "movies"))
                @if films.is_empty() { p { (t.films_none) } }
                div.choices {
                    @for film in films {
                        label.check {
                            input type="checkbox" name="movies" value=(film.id) checked[chosen.contains(&film.id)];
                            span { (film.title) @if let Some(minutes) = film.minutes { " " span.soft { (t.film_minutes(minutes)) } } }
                        }
                    }
                }
                @if films.len() >= MOST { p.soft { (t.showtimes_more_films) } }
            }
            p.actions { button { (t.staff_save) } a.button.quiet href=(back) { (t.form_cancel) } }
        }
    }
}

/// The films that were chosen last.
pub fn chosen(form: &Form, given: &Given) -> Vec<Id> {
    if form.has("date") {
        return form
            .all("movies")
            .filter_map(|id| id.parse().ok())
            .collect();
    }
    given.movies.clone()
}

/// What showtimes is told.
pub fn body(form: &Form) -> Value {
    let movies: Vec<_> = form.all("movies").collect();
    json!({
        "date": form.get("date"),
        "time": form.text_or_none("time"),
        "screen": form.text_or_none("screen"),
        "capacity": form.number_or_none("capacity"),
        "movies": movies,
    })
}
