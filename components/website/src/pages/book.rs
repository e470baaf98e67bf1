//! `/book/{showtime}`: how many seats, a look at it all, and the booking. The form has a key of its own, by which sending it again books
//! nothing more.

use std::{collections::HashMap, rc::Rc};

use accounts::random;
use futures::try_join;
use http::{HeaderName, Method, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use service::{Id, Problem, Reply};
use tokens::digest;

use crate::{
    forms::Form,
    layout::{Page, page as framed},
    pages::showings::Left,
    siblings::{Booking, Film, Seats, Showtime, found},
    visit::Visit,
};

/// So many seats are offered at the most; how many somebody may have is for the service to say.
const MOST: u32 = 20;

/// A showtime to book.
struct Offer {
    showtime: Showtime,
    films: HashMap<Id, Film>,
    left: Left,
    seats: Option<Seats>,
}

impl Offer {
    async fn read(visit: &Visit) -> Result<Self, Problem> {
        let id = visit.id()?;
        let (path, showtimes) = (format!("/showtimes/{id}"), visit.sibling("showtimes")?);
        let ids = [id];
        let (showtime, mut seats) =
            try_join!(showtimes.one::<Showtime>(&path), visit.seats_of(&ids))?;
        let showtime = found(showtime, "showtime", id)?;
        let films = visit.films(&showtime.movies).await?;
        let seats = seats.remove(&id);
        Ok(Self {
            left: Left::of(visit, &showtime, seats.as_ref()),
            showtime,
            films,
            seats,
        })
    }

    fn shown(&self) -> impl Iterator<Item = &Film> {
        self.showtime.films(&self.films)
    }

    fn title(&self) -> String {
        self.shown()
            .map(|film| film.title.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// `GET /book/:id`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let offer = Offer::read(&visit).await?;
    let seats = visit
        .request
        .query("seats")
        .and_then(|seats| seats.parse().ok());
    let page = match seats {
        Some(seats) if visit.session.caller.is_some() => {
            let (movies, key) = (chosen(&visit, &offer), key(&visit)?);
            summary(&visit, &offer, &movies, seats, &key, &Form::default())
        }
        _ => choice(&visit, &offer, seats, &key(&visit)?),
    };
    Ok(visit.personal(page))
}

/// The booking's key: that of the address, so that going back to it and sending it again is the same booking; or a new one.
fn key(visit: &Visit) -> Result<String, Problem> {
    match visit.request.query("key") {
        Some(key) => Ok(key.into_owned()),
        None => random::secret().map_err(|error| Problem::internal(error.to_string())),
    }
}

/// The films that were chosen; all of them, where none was.
fn chosen(visit: &Visit, offer: &Offer) -> Vec<Id> {
    let target = visit.request.target();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let chosen = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "movie");
    let chosen: Vec<Id> = chosen.filter_map(|(_, id)| id.parse().ok()).collect();
    if chosen.is_empty() {
        offer.showtime.movies.clone()
    } else {
        chosen
    }
}

/// `POST /book/:id`
pub async fn sent(visit: Rc<Visit>) -> Result<Reply, Problem> {
    visit.signed_in()?;
    let (id, form) = (visit.id()?, visit.form()?);
    let movies: Vec<&str> = form.all("movie").collect();
    let body = json!({"showtimeid": id, "movies": movies, "seats": form.number("seats")});
    let key = form.get("key").to_owned();
    // Who goes back and books something else means another booking.
    let once = digest(&format!("{key} {body}"));
    let headers = vec![(HeaderName::from_static("idempotency-key"), once)];
    let problem = match visit
        .sibling("bookings")?
        .ask_for::<Booked>(Method::POST, "/bookings", Some(&body), headers)
        .await
    {
        Ok(booked) => {
            return Ok(visit.on_to(&format!("/me/bookings/{}?done=booked", booked.data.id)));
        }
        Err(problem) => problem,
    };
    let movies = movies
        .iter()
        .filter_map(|id| id.parse().ok())
        .collect::<Vec<Id>>();
    let seats = form.get("seats").parse().unwrap_or(1);
    let form = form.refused(problem)?;
    // Of what has become of the showtime, the page tells what there is to be told.
    let offer = Offer::read(&visit).await?;
    Ok(visit.with_status(
        form.status(),
        summary(&visit, &offer, &movies, seats, &key, &form),
    ))
}

#[derive(Deserialize)]
struct Booked {
    data: Booking,
}

fn choice(visit: &Visit, offer: &Offer, seats: Option<u32>, key: &str) -> Markup {
    let t = visit.t;
    let most = offer
        .seats
        .and_then(|seats| seats.left)
        .map_or(MOST, |left| left.min(MOST));
    let showtime = &offer.showtime;
    let chosen = seats.unwrap_or(2).clamp(1, most.max(1));
    let main = html! {
        (head(visit, offer))
        @if matches!(offer.left, Left::Begun | Left::SoldOut) { (closed(visit, offer)) }
        @else {
            form.choose method="get" action={ "/book/" (showtime.id) } {
                input type="hidden" name="key" value=(key);
                fieldset {
                    legend { (t.book_seats) }
                    div.pills {
                        @for seats in 1..=most {
                            label.pill { input type="radio" name="seats" value=(seats) checked[seats == chosen]; span { (seats) } }
                        }
                    }
                    p.soft data-seats=(showtime.id) { (offer.left.words(visit)) }
                }
                @if showtime.movies.len() > 1 {
                    fieldset {
                        legend { (t.book_films) }
                        @for film in offer.shown() {
                            label.check { input type="checkbox" name="movie" value=(film.id) checked; " " (film.title) }
                        }
                    }
                }
                @if visit.session.caller.is_some() { button { (t.book_on) } }
                @else {
                    a.button href={ "/sign-in?next=/book/" (showtime.id) } { (t.book_sign_in) }
                    p { (t.sign_in_new) " " a href={ "/sign-up?next=/book/" (showtime.id) } { (t.sign_in_sign_up) } }
                }
            }
        }
    };
    framed(
        visit,
        Page {
            is_hidden: true,
            ..Page::new(&t.book_for(offer.title()), main)
        },
    )
}

fn summary(
    visit: &Visit,
    offer: &Offer,
    movies: &[Id],
    seats: u32,
    key: &str,
    form: &Form,
) -> Markup {
    let (t, showtime) = (visit.t, &offer.showtime);
    let chosen = || offer.shown().filter(|film| movies.contains(&film.id));
    let is_over = matches!(offer.left, Left::Begun | Left::SoldOut);
    let main = html! {
        (head(visit, offer))
        section.narrow {
            h2 { (t.book_sum) }
            (form.summary(t, &[]))
            dl.sum {
                dt { (t.book_film) } dd { @for (at, film) in chosen().enumerate() { @if at > 0 { br; } (film.title) } }
                dt { (t.book_day) } dd { (t.full_day(showtime.date)) }
                @if showtime.time.is_some() { dt { (t.book_time) } dd { (visit.time(showtime.date, showtime.time)) } }
                @if let Some(screen) = &showtime.screen { dt { (t.book_screen) } dd { (screen) } }
                dt { (t.book_how_many) } dd { (seats) " " a href={ "/book/" (showtime.id) } { (t.book_change) } }
            }
            @if is_over && form.status() == StatusCode::OK { (closed(visit, offer)) }
            @else {
                form method="post" action={ "/book/" (showtime.id) } {
                    (visit.token())
                    input type="hidden" name="key" value=(key);
                    input type="hidden" name="seats" value=(seats);
                    @for film in movies { input type="hidden" name="movie" value=(film); }
                    button.large { (t.book_button) }
                }
                p.soft { (t.book_free) }
            }
        }
    };
    framed(
        visit,
        Page {
            is_hidden: true,
            ..Page::new(&t.book_for(offer.title()), main)
        },
    )
}

fn head(visit: &Visit, offer: &Offer) -> Markup {
    let (t, showtime) = (visit.t, &offer.showtime);
    html! {
        header.booking {
            @if let Some(film) = offer.shown().next() { div.poster { (visit.picture(film)) } }
            div {
                p.kicker { (t.book_title) }
                h1 { (offer.title()) }
                p.when {
                    (t.near_day(showtime.date, visit.clock.today())) @if showtime.time.is_some() { ", " } (visit.time(showtime.date, showtime.time))
                    @if let Some(screen) = &showtime.screen { " · " (visit.screen(screen)) }
                }
            }
        }
    }
}

fn closed(visit: &Visit, offer: &Offer) -> Markup {
    let t = visit.t;
    html! {
        p.notice { @if matches!(offer.left, Left::Begun) { (t.book_begun) } @else { (t.book_sold_out) } }
        @if let Some(film) = offer.shown().next() { p { a.button href={ "/films/" (film.id) } { (t.book_others) } } }
    }
}
