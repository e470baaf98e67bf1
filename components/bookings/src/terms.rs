//! The terms on which a showtime is sold, changed and ended while others buy.
//!
//! ```text
//!           set: another epoch, where what is held and
//!           booked is within the terms; as often as one likes
//!  (on sale) ──────────────▶ on sale, on these terms or on later ones that a buyer has read
//!      │                        │
//!      │ close: another epoch; or only where nothing is held or booked
//!      ▼                        ▼
//!   closed ───────▶ closed, nothing on its way ───────▶ closed, nothing booked
//!           void each hold                     cancel each booking
//! ```
//!
//! In the epoch that was read, the ledger's holds and the bookings that stood there after the reading are all there are: a hold taken
//! since is in the ledger, where the update itself looks at it. A buyer who has read the showtime before finds another epoch, and
//! the terms with it; one who holds seats already writes the booking before its place is void, and has it cancelled, or finds it void.
//! A closed ledger is never opened again. Each step may be done again, so whoever is stopped in between is followed by whoever comes.

use data_api_client::{Error, bson::Bson};
use door::Transport;
use service::Id;

use crate::{
    ledger::{self, ROUNDS, begin, sweep},
    model::Terms,
    seats::Ledger,
    storage::Storage,
};

/// What customers are told whose showtime is taken off the programme.
const REASON: &str = "the showtime was cancelled";

/// Why terms are not taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Unfit {
    /// So many seats are sold.
    Sold(i32),
    /// This film is booked.
    Booked(String),
    /// Terms of this revision were given already, and other ones.
    Stale(i32),
    /// Nothing is sold there any more.
    Closed,
}

/// Has a showtime sold on these terms from now on, where what is held and booked is within them.
pub async fn set<T: Transport>(
    storage: &Storage<T>,
    showtime: Id,
    terms: &Terms,
) -> Result<Result<(), Unfit>, Error> {
    for _ in 0..ROUNDS {
        let Some((ledger, taken)) = ledger::read(storage, showtime).await? else {
            continue;
        };
        if ledger.closed.is_some() {
            return Ok(Err(Unfit::Closed));
        }
        match &ledger.terms {
            Some(known) if known == terms => return Ok(Ok(())),
            Some(known) if known.revision >= terms.revision => {
                return Ok(Err(Unfit::Stale(known.revision)));
            }
            _ => {}
        }
        if let Some(film) = storage.booked_beside(showtime, &terms.movies).await? {
            let film = match film {
                Bson::ObjectId(film) => film.to_hex(),
                odd => odd.to_string(),
            };
            return Ok(Err(Unfit::Booked(film)));
        }
        match held_beside(&ledger, taken, terms) {
            None if storage.ledgers.set_terms(&ledger, terms).await? => return Ok(Ok(())),
            Some(unfit) if !sweep(storage, &ledger).await? => return Ok(Err(unfit)),
            _ => {}
        }
    }
    Err(Error::Busy)
}

/// What of a ledger's holds and seats does not go with terms. Holds of old do not tell what they are for, and go with none.
fn held_beside(ledger: &Ledger, taken: i32, terms: &Terms) -> Option<Unfit> {
    for hold in &ledger.holds {
        let beside = hold.movies.as_deref().map(|movies| terms.without(movies));
        if beside.as_ref().is_none_or(|beside| !beside.is_empty()) {
            let film = beside.unwrap_or_default().pop();
            return Some(Unfit::Booked(
                film.map_or_else(String::new, |id| id.to_string()),
            ));
        }
    }
    let over = terms.capacity.is_some_and(|capacity| taken > capacity);
    over.then_some(Unfit::Sold(taken))
}

/// Has a showtime sold no more. Where nothing may be `cancelled`, it has to have no bookings: else it is given how many there are.
pub async fn close<T: Transport>(
    storage: &Storage<T>,
    showtime: Id,
    cancels: bool,
) -> Result<Result<(), i64>, Error> {
    for _ in 0..ROUNDS {
        let Some(ledger) = storage.ledgers.find(showtime).await? else {
            begin(storage, showtime).await?;
            continue;
        };
        if ledger.closed.is_some() {
            for hold in &ledger.holds {
                storage.void(hold.booking, showtime).await?;
            }
            if cancels {
                storage.cancel_all(showtime, REASON).await?;
                return Ok(Ok(()));
            }
            return Ok(nothing(storage.count(showtime).await?));
        }
        if !cancels {
            let booked = storage.count(showtime).await?;
            if booked > 0 {
                return Ok(Err(booked));
            }
            if !ledger.holds.is_empty() {
                if sweep(storage, &ledger).await? {
                    continue;
                }
                // Somebody is just about to book them.
                return Ok(Err(ledger.holds.len() as i64));
            }
        }
        storage
            .ledgers
            .close(&ledger, storage.now(), !cancels)
            .await?;
    }
    Err(Error::Busy)
}

fn nothing(booked: i64) -> Result<(), i64> {
    if booked == 0 { Ok(()) } else { Err(booked) }
}
