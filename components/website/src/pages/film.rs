//! `/films/{id}`: a film, and when it is on; `/posters/{id}`: its picture.

use std::rc::Rc;

use futures::try_join;
use http::header;
use maud::{Markup, html};
use service::{Day, Problem, Reply};

use crate::{
    layout::{Page, page as framed},
    poster,
    siblings::{Film, Programme, Showtime, found},
    visit::Visit,
};

/// `GET /films/:id`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, cinema, today, id) = (visit.t, visit.cinema(), visit.clock.today(), visit.id()?);
    let (path, times) = (format!("/movies/{id}"), format!("movie={id}&from={today}"));
    let movies = visit.sibling("movies")?;
    let (film, programme) = try_join!(movies.one::<Film>(&path), visit.times(&times))?;
    let film = found(film, "movie", id)?;
    let coming: Vec<_> = programme
        .showtimes
        .iter()
        .filter(|one| !visit.clock.has_begun(one.date, one.time))
        .collect();
    let main = html! {
        article.feature {
            div.poster { (visit.picture(&film)) }
            div {
                h1 { (film.title) }
                (visit.facts(&film))
                h2 { (t.film_when) }
                @if coming.is_empty() {
                    p { (t.film_not_on) }
                    p { a.button.quiet href="/" { (t.programme_next) } }
                }
                @for (day, showtimes) in by_day(&coming) {
                    (on_day(&visit, &programme, &film, day, &showtimes))
                }
                @if programme.next.is_some() { p.soft { (t.film_more) } }
            }
        }
    };
    let page = Page {
        about: Some(t.film_about(&film.title, &film.director, &cinema)),
        picture: Some(format!("/posters/{id}.svg")),
        ..Page::new(&film.title, main)
    };
    Ok(visit.public(framed(&visit, page)))
}

fn on_day(
    visit: &Visit,
    programme: &Programme,
    film: &Film,
    day: Day,
    showtimes: &[&Showtime],
) -> Markup {
    html! {
        section.on-day {
            h3 { a href={ "/programme/" (day) } { (visit.t.near_day(day, visit.clock.today())) } }
            div.showings { @for showtime in showtimes { (visit.showing(programme, showtime, &film.title)) } }
        }
    }
}

fn by_day<'a>(showtimes: &[&'a Showtime]) -> Vec<(Day, Vec<&'a Showtime>)> {
    let chunks = showtimes.chunk_by(|one, other| one.date == other.date);
    chunks
        .filter_map(|day| Some((day.first()?.date, day.to_vec())))
        .collect()
}

/// `GET /posters/:id`
pub async fn poster(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let text = visit.request.param("id");
    let id = text.strip_suffix(".svg").unwrap_or(text);
    let id = id
        .parse()
        .map_err(|_| Problem::not_found(format!("there is no poster {id}")))?;
    let film: Option<Film> = visit
        .sibling("movies")?
        .one(&format!("/movies/{id}"))
        .await?;
    let film = found(film, "movie", id)?;
    let picture = poster::file(&film.title, &film.director).into_string();
    Ok(Reply::text("image/svg+xml", picture)
        .header(header::CACHE_CONTROL, "public, max-age=3600")
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'"))
}
