//! `/staff`: what was sold, at a glance: by day and by film, and how full it was by weekday and hour.

use std::{collections::HashMap, rc::Rc};

use maud::{Markup, html};
use serde::Deserialize;
use service::{Day, Id, Problem, Reply};

use super::{
    chart::{self, Bar, Share},
    framed,
};
use crate::{siblings::Film, visit::Visit};

/// So many days are shown at once, of which so many are to come.
const DAYS: i64 = 28;
const COMING: i64 = 7;

/// So many films are named.
const FILMS: usize = 10;

/// What bookings tells of these days.
#[derive(Deserialize)]
struct Report {
    days: Vec<OfDay>,
    films: Vec<OfFilm>,
    hours: Vec<OfHour>,
}

#[derive(Deserialize)]
struct OfDay {
    date: Day,
    showtimes: u32,
    seats: u32,
}

#[derive(Deserialize)]
struct OfFilm {
    id: Id,
    seats: u32,
}

#[derive(Deserialize)]
struct OfHour {
    weekday: usize,
    hour: u32,
    capacity: u32,
    seats: u32,
}

/// `GET /staff`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, today) = (visit.t, visit.clock.today());
    let chosen = visit.request.query_as::<Day>("to").ok().flatten();
    let to = chosen.unwrap_or(today.plus_days(COMING));
    let from = to.plus_days(1 - DAYS);
    let report: Option<Report> = visit
        .sibling("bookings")?
        .one(&format!("/bookings/report?from={from}&to={to}"))
        .await?;
    let report = report.ok_or_else(|| Problem::not_found("there is no report"))?;
    let named: Vec<Id> = report
        .films
        .iter()
        .take(FILMS)
        .map(|film| film.id)
        .collect();
    let films = visit.films(&named).await?;
    let (seats, showtimes) = (
        report.days.iter().map(|day| day.seats).sum::<u32>(),
        report.days.iter().map(|day| day.showtimes).sum::<u32>(),
    );
    let full = report
        .hours
        .iter()
        .fold(Share::default(), |sum, hour| Share {
            part: sum.part + hour.seats,
            whole: sum.whole + hour.capacity,
        });
    let now = report.days.iter().find(|day| day.date == today);
    let main = html! {
        div.heading { h1 { (t.staff_overview) } a.button href={ "/staff/day/" (today) } { (t.staff_today) } }
        nav.pager.period aria-label=(t.dashboard_period) {
            a href={ "/staff?to=" (to.plus_days(-DAYS)) } rel="prev" { "← " (t.dashboard_earlier) }
            b { (t.dashboard_from_to(t.short_day(from).1, t.short_day(to).1)) }
            a href={ "/staff?to=" (to.plus_days(DAYS)) } rel="next" { (t.dashboard_later) " →" }
        }
        dl.tiles {
            @if let Some(now) = now { div { dt { (t.dashboard_now) } dd { (now.seats) } } }
            div { dt { (t.dashboard_seats) } dd { (seats) } }
            div { dt { (t.dashboard_showtimes) } dd { (showtimes) } }
            @if full.whole > 0 { div { dt { (t.dashboard_full) } dd { (full.percent()) small { " %" } } } }
        }
        (by_day(&visit, &report.days, today))
        div.panels.wide {
            (by_film(&visit, &report.films, &films))
            (by_hour(&visit, &report.hours))
        }
    };
    Ok(visit.personal(framed(&visit, t.staff_overview, "/staff", main)))
}

/// A picture with what it is called, and the table of what it shows.
fn panel(visit: &Visit, title: &str, lead: &str, picture: &Markup, table: &Markup) -> Markup {
    html! {
        section.panel {
            h2 { (title) }
            p.soft { (lead) }
            (picture)
            details { summary { (visit.t.dashboard_table) } div.scroll role="region" aria-label={ (title) ", " (visit.t.dashboard_table) } tabindex="0" { (table) } }
        }
    }
}

fn by_day(visit: &Visit, days: &[OfDay], today: Day) -> Markup {
    let t = visit.t;
    let bar = |day: &OfDay| Bar {
        label: (day.date.weekday() == 1 || day.date == today).then(|| {
            if day.date == today {
                t.date_today.to_owned()
            } else {
                t.short_day(day.date).1
            }
        }),
        words: format!("{}: {}", t.day(day.date), t.seats_count(day.seats)),
        value: day.seats,
        kind: if day.date == today {
            "now"
        } else if day.date > today {
            "coming"
        } else {
            "past"
        },
    };
    let mut bars: Vec<_> = days.iter().map(bar).collect();
    // Where today stands, the Monday beside it has no room.
    if let Some(at) = days.iter().position(|day| day.date == today) {
        for near in bars
            .iter_mut()
            .skip(at.saturating_sub(2))
            .take(5)
            .filter(|bar| bar.kind != "now")
        {
            near.label = None;
        }
    }
    let table = html! {
        table {
            thead { tr { th scope="col" { (t.book_day) } th.number scope="col" { (t.dashboard_showtimes) } th.number scope="col" { (t.dashboard_seats) } } }
            tbody { @for day in days { tr { th scope="row" { a href={ "/staff/day/" (day.date) } { (t.day(day.date)) } } td.number { (day.showtimes) } td.number { (day.seats) } } } }
        }
    };
    panel(
        visit,
        t.dashboard_by_day,
        t.dashboard_by_day_lead,
        &chart::bars(t.dashboard_by_day, &bars),
        &table,
    )
}

fn by_film(visit: &Visit, sold: &[OfFilm], films: &HashMap<Id, Film>) -> Markup {
    let t = visit.t;
    let row = |one: &OfFilm| {
        let title = films
            .get(&one.id)
            .map_or_else(|| t.film_gone.to_owned(), |film| film.title.clone());
        (title, one.seats)
    };
    let mut rows: Vec<_> = sold.iter().take(FILMS).map(row).collect();
    let others: u32 = sold.iter().skip(FILMS).map(|film| film.seats).sum();
    if others > 0 {
        rows.push((t.dashboard_others((sold.len() - FILMS) as u32), others));
    }
    let table = html! {
        table {
            thead { tr { th scope="col" { (t.book_film) } th.number scope="col" { (t.dashboard_seats) } } }
            tbody { @for (title, seats) in &rows { tr { th scope="row" { (title) } td.number { (seats) } } } }
        }
    };
    let picture = if rows.is_empty() {
        html! { p { (t.dashboard_nothing) } }
    } else {
        chart::rows(t.dashboard_by_film, &rows)
    };
    panel(
        visit,
        t.dashboard_by_film,
        t.dashboard_by_film_lead,
        &picture,
        &table,
    )
}

fn by_hour(visit: &Visit, hours: &[OfHour]) -> Markup {
    let t = visit.t;
    let shares: HashMap<(usize, u32), Share> = hours
        .iter()
        .map(|one| {
            (
                (one.weekday, one.hour),
                Share {
                    part: one.seats,
                    whole: one.capacity,
                },
            )
        })
        .collect();
    let (first, last) = (
        hours.iter().map(|one| one.hour).min().unwrap_or(0),
        hours.iter().map(|one| one.hour).max().unwrap_or(0),
    );
    let columns: Vec<String> = (first..=last).map(|hour| format!("{hour}:00")).collect();
    let row = |weekday: usize| {
        let shares = (first..=last).map(|hour| shares.get(&(weekday, hour)).copied());
        shares.collect::<Vec<_>>()
    };
    let rows = |names: &[&str]| -> Vec<_> {
        (1..=7)
            .map(|weekday| (names[weekday - 1].to_owned(), row(weekday)))
            .collect()
    };
    let table = html! {
        table {
            thead { tr { th scope="col" { (t.book_day) } @for column in &columns { th.number scope="col" { (column) } } } }
            tbody { @for (name, shares) in rows(t.date_weekdays) { tr { th scope="row" { (name) } @for share in shares { td.number { @match share { Some(share) => { (share.percent()) " %" }, None => "–" } } } } } }
        }
    };
    let picture = if hours.is_empty() {
        html! { p { (t.dashboard_nothing) } }
    } else {
        chart::heat(t.dashboard_by_hour, &columns, &rows(t.date_short_weekdays))
    };
    panel(
        visit,
        t.dashboard_by_hour,
        t.dashboard_by_hour_lead,
        &picture,
        &table,
    )
}
