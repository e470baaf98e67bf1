//! `/programme/{day}`: what is on that day, by film or by time.

use std::rc::Rc;

use maud::{Markup, html};
use service::{Day, Problem, Reply};

use crate::{
    layout::{Page, page as framed},
    siblings::{Programme, Showtime},
    visit::Visit,
};

/// `GET /programme`
pub async fn today(visit: Rc<Visit>) -> Result<Reply, Problem> {
    Ok(visit.on_to(&format!("/programme/{}", visit.clock.today())))
}

/// `GET /programme/:day`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, cinema, today) = (visit.t, visit.cinema(), visit.clock.today());
    let text = visit.request.param("day");
    let day: Day = text
        .parse()
        .map_err(|_| Problem::not_found(format!("{text} is no day")))?;
    // Where the day is longer than a page, the services say how it goes on.
    let mut query = form_urlencoded::Serializer::new(format!("date={day}"));
    for name in ["after", "place"] {
        query.extend_pairs(visit.request.query(name).map(|value| (name, value)));
    }
    let programme = visit.programme(&query.finish()).await?;
    let by_time = visit.request.query("by").is_some_and(|by| by == "time");
    let order = if by_time { "&by=time" } else { "" };
    let next = programme.next.as_deref().map(|next| {
        let kept = form_urlencoded::parse(next.as_bytes())
            .filter(|(name, _)| matches!(&**name, "after" | "place"));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .finish()
    });
    let title = t.programme_title(t.day(day));
    let main = html! {
        h1 { (t.near_day(day, today)) @if day <= today.plus_days(1) && day >= today { " " small { (t.day(day)) } } }
        (visit.days(day))
        @if programme.showtimes.is_empty() {
            div.empty { p { (t.programme_nothing) } p { a.button href="/" { (t.programme_next) } } }
        } @else {
            nav.tabs aria-label=(t.programme_order) {
                a href={ "/programme/" (day) } aria-current=[(!by_time).then_some("true")] { (t.programme_by_film) }
                a href={ "/programme/" (day) "?by=time" } aria-current=[by_time.then_some("true")] { (t.programme_by_time) }
            }
            @if by_time { (by_times(&visit, &programme)) }
            @else {
                div.films {
                    @for (film, showtimes) in &programme.by_film(programme.showtimes.iter()) { (visit.card(&programme, film, showtimes, false)) }
                }
            }
            @if let Some(next) = &next { p { a.button.quiet href={ "/programme/" (day) "?" (next) (order) } { (t.programme_more) } } }
        }
        nav.pager {
            a href={ "/programme/" (day.plus_days(-1)) } rel="prev" { "← " (t.programme_earlier) }
            a href={ "/programme/" (day.plus_days(1)) } rel="next" { (t.programme_later) " →" }
        }
    };
    let mut films: Vec<_> = programme
        .by_film(programme.showtimes.iter())
        .into_iter()
        .map(|(film, _)| film.title.as_str())
        .collect();
    films.truncate(8);
    let about =
        (!films.is_empty()).then(|| t.programme_about(&cinema, t.day(day), films.join(", ")));
    Ok(visit.public(framed(
        &visit,
        Page {
            about,
            place: "/programme",
            is_hidden: day < today,
            ..Page::new(&title, main)
        },
    )))
}

fn by_times(visit: &Visit, programme: &Programme) -> Markup {
    let films = |showtime: &Showtime| {
        programme
            .films_of(showtime)
            .map(|film| film.title.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    html! {
        ol.times {
            @for showtime in &programme.showtimes {
                li {
                    (visit.showing(programme, showtime, &films(showtime)))
                    div {
                        @for film in programme.films_of(showtime) {
                            p { a href={ "/films/" (film.id) } { (film.title) } @if let Some(minutes) = film.minutes { " " span.soft { (visit.t.film_minutes(minutes)) } } }
                        }
                        @if showtime.movies.len() > 1 { p.soft { (visit.t.showing_together) } }
                    }
                }
            }
        }
    }
}
