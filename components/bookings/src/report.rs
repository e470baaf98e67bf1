//! What was sold between two days: by day, by film, and by weekday and hour, for who plans what is shown.
//!
//! It goes by the programme, since that has an index of days and bookings have none. How many seats are taken at a showtime its ledger
//! knows; what has no ledger any more, or shows several films, is counted by an index, sixteen showtimes at a time.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use door::Transport;
use futures::{future::try_join_all, try_join};
use serde::{Deserialize, Serialize};
use service::{Day, Id, Problem, Reply, Request, Sibling, Time};

use crate::handlers::Bookings;

/// The most days a report is of.
const DAYS: i64 = 31;

/// The days that are asked for at once.
const WEEK: i64 = 7;

/// The most showtimes a report is of.
const MOST: usize = 2000;

/// What was sold.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Report {
    pub from: Day,
    pub to: Day,
    /// Every day, in order.
    pub days: Vec<OfDay>,
    /// The films that were booked, most seats first. Seats for several films at once count for each.
    pub films: Vec<OfFilm>,
    /// The hours in which something began, in the order of weekday and hour.
    pub hours: Vec<OfHour>,
}

/// What was sold for a day.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct OfDay {
    pub date: Day,
    pub showtimes: u32,
    pub seats: i64,
}

/// What was sold of a film.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct OfFilm {
    pub id: Id,
    pub seats: i64,
}

/// How full it was in an hour of a weekday.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct OfHour {
    /// 1 is Monday, 7 Sunday.
    pub weekday: u8,
    pub hour: u8,
    /// How many showtimes with a number of seats began then.
    pub showtimes: u32,
    /// How many seats those had.
    pub capacity: i64,
    /// How many of them were sold.
    pub seats: i64,
}

#[derive(Debug, Deserialize)]
struct Showtime {
    id: Id,
    date: Day,
    time: Option<Time>,
    movies: Vec<Id>,
    capacity: Option<i32>,
}

/// `GET /bookings/report`
pub async fn read<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let day = |name: &str| {
        let day = request.query_as::<Day>(name)?;
        day.ok_or_else(|| Problem::bad_request(format!("{name}: say which day")))
    };
    let (from, to) = (day("from")?, day("to")?);
    if to < from || to >= from.plus_days(DAYS) {
        let detail = format!("to: give a day from that of from on, {DAYS} days at the most");
        return Err(Problem::bad_request(detail));
    }
    let showtimes = shown(&bookings.showtimes, from, to).await?;
    let sold = sold(&bookings, &showtimes).await?;
    Ok(Reply::one(drawn(from, to, &showtimes, &sold)))
}

/// What is on the programme then, a week at a time.
async fn shown<S: Transport>(
    showtimes: &Sibling<S>,
    from: Day,
    to: Day,
) -> Result<Vec<Showtime>, Problem> {
    let begins = (0..DAYS)
        .step_by(WEEK as usize)
        .map(|days| from.plus_days(days));
    let weeks = begins.filter(|begin| *begin <= to).map(|begin| async move {
        let end = begin.plus_days(WEEK - 1).min(to);
        let path = format!("/showtimes?from={begin}&to={end}&limit=100");
        showtimes.all::<Showtime>(&path).await
    });
    let shown: Vec<_> = try_join_all(weeks).await?.into_iter().flatten().collect();
    if shown.len() > MOST {
        let detail = format!("to: there are more than {MOST} showtimes; give fewer days");
        return Err(Problem::bad_request(detail));
    }
    Ok(shown)
}

/// What is sold at showtimes.
struct Sold {
    /// Seats by showtime.
    seats: HashMap<Id, i64>,
    /// Seats by showtime and film, of showtimes with several.
    parts: Vec<(Id, i64)>,
}

async fn sold<T: Transport, S>(
    bookings: &Bookings<T, S>,
    showtimes: &[Showtime],
) -> Result<Sold, Problem> {
    let storage = &bookings.storage;
    let ids: Vec<Id> = showtimes.iter().map(|one| one.id).collect();
    let several = showtimes.iter().filter(|one| one.movies.len() > 1);
    let several: Vec<Id> = several.map(|one| one.id).collect();
    let ledgers = try_join_all(ids.chunks(100).map(|ids| storage.ledgers.of(ids)));
    let (ledgers, parts) = try_join!(ledgers, storage.booked_by_film(&several))?;
    let taken = ledgers.into_iter().flatten();
    let mut seats: HashMap<Id, i64> = taken
        .filter_map(|ledger| Some((ledger.id, ledger.taken?.into())))
        .collect();
    let uncounted: Vec<Id> = ids
        .into_iter()
        .filter(|id| !seats.contains_key(id))
        .collect();
    seats.extend(storage.booked(&uncounted).await?);
    Ok(Sold { seats, parts })
}

fn drawn(from: Day, to: Day, showtimes: &[Showtime], sold: &Sold) -> Report {
    let mut days: BTreeMap<Day, (u32, i64)> = BTreeMap::new();
    let mut films: HashMap<Id, i64> = HashMap::new();
    let mut hours: BTreeMap<(u8, u8), (u32, i64, i64)> = BTreeMap::new();
    let dates = (0..DAYS).map(|days| from.plus_days(days));
    days.extend(dates.filter(|date| *date <= to).map(|date| (date, (0, 0))));
    for showtime in showtimes {
        let seats = sold.seats.get(&showtime.id).copied().unwrap_or_default();
        let day = days.entry(showtime.date).or_default();
        *day = (day.0 + 1, day.1 + seats);
        if let [film] = showtime.movies.as_slice() {
            *films.entry(*film).or_default() += seats;
        }
        if let (Some(time), Some(capacity)) = (showtime.time, showtime.capacity) {
            let hour = hours
                .entry((showtime.date.weekday(), time.parts().0))
                .or_default();
            *hour = (hour.0 + 1, hour.1 + i64::from(capacity), hour.2 + seats);
        }
    }
    for (film, seats) in &sold.parts {
        *films.entry(*film).or_default() += seats;
    }
    let mut films: Vec<_> = films.into_iter().filter(|(_, seats)| *seats > 0).collect();
    films.sort_by_key(|(id, seats)| (std::cmp::Reverse(*seats), *id));
    let of_day = |(date, (showtimes, seats))| OfDay {
        date,
        showtimes,
        seats,
    };
    let of_hour = |((weekday, hour), (showtimes, capacity, seats))| OfHour {
        weekday,
        hour,
        showtimes,
        capacity,
        seats,
    };
    Report {
        from,
        to,
        days: days.into_iter().map(of_day).collect(),
        films: films
            .into_iter()
            .map(|(id, seats)| OfFilm { id, seats })
            .collect(),
        hours: hours.into_iter().map(of_hour).collect(),
    }
}
