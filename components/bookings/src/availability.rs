//! How many seats showtimes have left.

use std::{collections::HashMap, rc::Rc};

use door::Transport;
use futures::try_join;
use serde::{Deserialize, Serialize};
use service::{Id, Problem, Reply, Request};

use crate::{handlers::Bookings, model::Terms, seats::Ledger};

/// The seats of a showtime.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Availability {
    pub showtimeid: Id,
    /// How many there are; left out where there is always one more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i32>,
    /// How many are neither booked nor being booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i32>,
}

#[derive(Debug, Deserialize)]
struct Showtime {
    id: Id,
    #[serde(flatten)]
    terms: Terms,
}

/// `GET /bookings/availability`
pub async fn read<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let ids = request.query_ids("showtimeids")?;
    let ids = ids.ok_or_else(|| Problem::bad_request("showtimeids: give one at least"))?;
    Ok(Reply::list(of(&bookings, &ids).await?))
}

/// The seats of those of these showtimes that there are, in the order asked for.
async fn of<T: Transport, S: Transport>(
    bookings: &Bookings<T, S>,
    ids: &[Id],
) -> Result<Vec<Availability>, Problem> {
    let storage = &bookings.storage;
    let (showtimes, ledgers) = try_join!(bookings.showtimes.by_ids("/showtimes", ids), async {
        Ok(storage.ledgers.of(ids).await?)
    })?;
    let by_id = |showtime: Showtime| (showtime.id, showtime.terms);
    let mut showtimes: HashMap<_, _> = showtimes.into_iter().map(by_id).collect();
    let ledgers: HashMap<_, _> = ledgers.into_iter().map(|one| (one.id, one)).collect();
    let is_counted = |id: &&Id| ledgers.get(id).is_some_and(|ledger| ledger.taken.is_some());
    let uncounted: Vec<Id> = (ids.iter().filter(|id| !is_counted(id)).copied()).collect();
    let booked = storage.booked(&uncounted).await?;
    let availability = ids.iter().filter_map(|id| {
        let (terms, ledger) = (showtimes.remove(id)?, ledgers.get(id));
        let taken = ledger.and_then(|ledger| ledger.taken).map(i64::from);
        let taken = taken.or(booked.get(id).copied()).unwrap_or_default();
        Some(seats(*id, &terms, ledger, taken))
    });
    Ok(availability.collect())
}

fn seats(showtimeid: Id, terms: &Terms, ledger: Option<&Ledger>, taken: i64) -> Availability {
    let capacity = ledger.map_or(terms, |ledger| ledger.terms(terms)).capacity;
    let is_closed = ledger.is_some_and(|ledger| ledger.closed.is_some());
    let left = capacity.map(|seats| (i64::from(seats) - taken).max(0) as i32);
    Availability {
        showtimeid,
        capacity,
        left: if is_closed { Some(0) } else { left },
    }
}
