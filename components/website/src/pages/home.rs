//! `/`: what is on today, or on the next day that there is something, and what comes later.

use std::rc::Rc;

use maud::html;
use service::{Problem, Reply};

use crate::{
    layout::{Page, page as framed},
    siblings::Showtime,
    visit::Visit,
};

/// `GET /`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, cinema, today) = (visit.t, visit.cinema(), visit.clock.today());
    let programme = visit.programme(&format!("from={today}")).await?;
    let is_coming = |showtime: &&Showtime| !visit.clock.has_begun(showtime.date, showtime.time);
    let next = programme.showtimes.iter().find(is_coming);
    let day = next.map_or(today, |showtime| showtime.date);
    let shown = programme.by_film(
        programme
            .showtimes
            .iter()
            .filter(|showtime| showtime.date == day),
    );
    let mut later = programme.by_film(
        programme
            .showtimes
            .iter()
            .filter(|showtime| showtime.date > day),
    );
    later.retain(|(film, _)| shown.iter().all(|(other, _)| other.id != film.id));
    let heading = if day == today {
        t.home_today(&cinema)
    } else {
        t.home_on_day(t.near_day(day, today), &cinema)
    };
    let main = html! {
        @if let Some(done) = visit.done() { (done) }
        @if let Some((showtime, film)) = next.and_then(|next| Some((next, programme.films_of(next).next()?))) {
            section.hero {
                div.poster { (visit.picture(film)) }
                div {
                    p.kicker { (t.home_next(&cinema)) }
                    h1 { (film.title) }
                    (visit.facts(film))
                    p.when { (t.near_day(day, today)) @if showtime.time.is_some() { ", " } (visit.time(showtime.date, showtime.time)) }
                    p.actions {
                        a.button href={ "/book/" (showtime.id) } { @match showtime.time { Some(time) => (t.home_book_next(time)), None => (t.book_title) } }
                        a.button.quiet href={ "/films/" (film.id) } { (t.film_when) }
                    }
                }
            }
        } @else {
            h1 { (t.home_title) }
        }
        (visit.days(day))
        @if shown.is_empty() {
            div.empty { p { (t.home_nothing) } p.soft { (t.home_nothing_more) } }
        } @else {
            section {
                h2 { (heading) }
                div.films { @for (film, showtimes) in &shown { (visit.card(&programme, film, showtimes, true)) } }
            }
        }
        @if !later.is_empty() {
            section {
                h2 { (t.home_later) }
                ul.shelf {
                    @for (film, showtimes) in &later {
                        li {
                            a href={ "/films/" (film.id) } {
                                (visit.picture(film))
                                b { (film.title) }
                            }
                            @if let Some(first) = showtimes.first() { p.soft { (t.film_on_from(t.near_day(first.date, today))) } }
                        }
                    }
                }
            }
        }
    };
    let about = Some(t.home_about(&cinema));
    let title = t.home_title;
    Ok(visit.public(framed(
        &visit,
        Page {
            about,
            place: "/",
            ..Page::new(title, main)
        },
    )))
}
