//! `/staff/day/{day}`: what is on which screen, as a picture, and as a table.

use std::rc::Rc;

use futures::try_join;
use maud::html;
use service::{Day, Id, Listed, Problem, Reply};

use super::{framed, plan};
use crate::{
    siblings::{Programme, Showtime},
    visit::Visit,
};

/// `GET /staff/day`: today, or the day that was chosen.
pub async fn today(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let chosen = visit.request.query_as::<Day>("day").ok().flatten();
    let day = chosen.unwrap_or(visit.clock.today());
    Ok(visit.on_to(&format!("/staff/day/{day}")))
}

/// `GET /staff/day/:day`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, text) = (visit.t, visit.request.param("day"));
    let day: Day = text
        .parse()
        .map_err(|_| Problem::not_found(format!("{text} is no day")))?;
    let programme = read(&visit, day).await?;
    let (title, today) = (t.day_title(t.day(day)), visit.clock.today());
    let add = format!("/staff/showtimes/new?date={day}");
    let sold: u32 = programme
        .showtimes
        .iter()
        .filter_map(|one| sold(&programme, one))
        .map(|(sold, _)| sold)
        .sum();
    let main = html! {
        div.heading {
            h1 { (t.near_day(day, today)) @if day >= today && day <= today.plus_days(1) { " " small { (t.day(day)) } } }
            @if day >= today { a.button href=(add) { (t.showtimes_add) } }
        }
        div.chooser {
            a.button.quiet.small href={ "/staff/day/" (day.plus_days(-1)) } rel="prev" { "← " (t.programme_earlier) }
            form action="/staff/day" {
                label for="day" { (t.book_day) }
                input #day type="date" name="day" value=(day) required;
                button.small { (t.staff_show) }
            }
            a.button.quiet.small href={ "/staff/day/" (day.plus_days(1)) } rel="next" { (t.programme_later) " →" }
        }
        @if programme.showtimes.is_empty() {
            div.empty { p { (t.programme_nothing) } @if day >= today { p { a.button href=(add) { (t.showtimes_add) } } } }
        } @else {
            p.lead { (t.day_lead(programme.showtimes.len() as u32)) " · " (t.day_sold(sold)) }
            (plan::draw(&visit, day, &programme))
            h2 { (t.day_table) }
            div.scroll role="region" aria-label=(t.day_table) tabindex="0" {
                table {
                    thead { tr { th scope="col" { (t.book_time) } th scope="col" { (t.book_screen) } th scope="col" { (t.book_film) } th.number scope="col" { (t.day_seats) } th scope="col" { span.unseen { (t.staff_do) } } } }
                    tbody {
                        @for one in &programme.showtimes {
                            @let films = titles(&visit, &programme, one);
                            tr {
                                td { (visit.time(day, one.time)) }
                                td { @if let Some(screen) = &one.screen { (screen) } }
                                th scope="row" { a href={ "/staff/showtimes/" (one.id) "/bookings" } { (films) } }
                                td.number { (taken(&visit, &programme, one)) }
                                td { a href={ "/staff/showtimes/" (one.id) } aria-label=(t.showtimes_change_one(&films)) { (t.showtimes_change) } }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(visit.personal(framed(&visit, &title, "/staff/day", main)))
}

/// All of a day: its showtimes first, then their films beside what is sold, of those that are over as well.
async fn read(visit: &Visit, day: Day) -> Result<Programme, Problem> {
    let listed: Listed<Showtime> = visit
        .sibling("showtimes")?
        .page(&format!("/showtimes/{day}"))
        .await?;
    let showtimes = listed.data;
    let ids: Vec<Id> = showtimes.iter().map(|one| one.id).collect();
    let mut movies: Vec<Id> = showtimes
        .iter()
        .flat_map(|one| one.movies.iter().copied())
        .collect();
    movies.sort_unstable();
    movies.dedup();
    let (films, seats) = try_join!(visit.films(&movies), visit.seats_of(&ids))?;
    Ok(Programme {
        showtimes,
        films,
        seats,
        next: None,
    })
}

/// How many seats are sold, and of how many, where there is an end to them.
pub fn sold(programme: &Programme, showtime: &Showtime) -> Option<(u32, u32)> {
    let left = programme.seats.get(&showtime.id)?.left?;
    let capacity = showtime.capacity?;
    Some((capacity.saturating_sub(left), capacity))
}

/// The same in words.
pub fn taken(visit: &Visit, programme: &Programme, showtime: &Showtime) -> String {
    match sold(programme, showtime) {
        Some((sold, capacity)) => visit.t.showtimes_sold(sold, capacity),
        None => visit.t.showtimes_unlimited.to_owned(),
    }
}

pub fn titles(visit: &Visit, programme: &Programme, showtime: &Showtime) -> String {
    visit.titles(programme.films_of(showtime).map(|film| &*film.title))
}
