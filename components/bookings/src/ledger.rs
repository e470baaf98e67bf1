//! The seat ledger: which booking holds how many seats of a showtime. One document a showtime, changed by single atomic
//! updates only, so that no two buyers can have the same seat.
//!
//! ```text
//!             take                    write                    cancel
//!  (nothing) ──────▶ held ──────────────────────▶ booked ──────────────────▶ void, still held
//!                     │                                                        │
//!                     │ no booking after a minute, and somebody                │ release
//!                     │ needs the seats: a tombstone takes                     │ (at once, or like any
//!                     │ the booking's place                                    │ other dead hold later)
//!                     ▼                                                        ▼
//!                    void, still held ────────────────────────────────────▶ void, seats free
//!                                              release
//! ```
//!
//! Three rules keep a showtime from ever being oversold, wherever a process dies and however late a request arrives:
//! 1. A booking is written only after its hold was taken, and a hold is taken only where the capacity has room for it.
//! 2. A hold is released only after a tombstone stands in its booking's place.
//! 3. Storage takes one document under an id, the first: after a tombstone the booking can not be written any more.
//!
//! So every booking that counts has its hold, and the holds together are never more than the capacity.

use std::time::Duration;

use data_api_client::Error;
use service::Id;

use crate::entry::Entry;
use crate::seats::{Hold, Ledger};
use crate::storage::Storage;

/// A hold without a booking is left alone for so long: its buyer may still be on the way.
pub const GRACE: Duration = Duration::from_secs(60);

/// How often a take is tried while others change the same ledger.
const ROUNDS: usize = 8;

/// How asking for seats ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seats {
    /// The booking holds them.
    Held,
    /// There are not enough: only so many are left.
    Short {
        /// Seats that nobody holds.
        left: i64,
    },
}

/// Takes `seats` of the `capacity` for a booking. Asking again for the same booking takes nothing more.
///
/// # Errors
/// Storage's, or that others kept changing the ledger for all of [`ROUNDS`].
pub async fn take<S: Storage>(
    storage: &S,
    showtime: Id,
    capacity: i64,
    booking: Id,
    seats: i64,
) -> Result<Seats, Error> {
    for _ in 0..ROUNDS {
        let hold = Hold {
            booking,
            seats,
            at: storage.now(),
        };
        if storage.take(showtime, capacity, &hold).await? {
            return Ok(Seats::Held);
        }
        // Nothing was changed: there is no ledger yet, or it has no room, or the hold is there already.
        let Some(ledger) = storage.ledger(showtime).await? else {
            open(storage, showtime).await?;
            continue;
        };
        let left = capacity.saturating_sub(ledger.taken);
        if ledger.has(booking) {
            return Ok(Seats::Held);
        }
        if left < seats && !reclaim(storage, &ledger, seats.saturating_sub(left)).await? {
            return Ok(Seats::Short { left: left.max(0) });
        }
    }
    Err(Error::Busy)
}

/// Begins a showtime's ledger with what is booked already, by whichever program. That another begins it at the same time
/// does no harm: nothing is booked between the reading and the writing without a ledger, and the first one written stays.
async fn open<S: Storage>(storage: &S, showtime: Id) -> Result<(), Error> {
    let bookings = storage.bookings_of(showtime).await?;
    let ledger = Ledger::of(showtime, &bookings, storage.now());
    storage.open_ledger(&ledger).await
}

/// Gives dead holds back until `needed` seats are free, and says whether any were.
async fn reclaim<S: Storage>(storage: &S, ledger: &Ledger, needed: i64) -> Result<bool, Error> {
    let now = storage.now();
    let is_old = |hold: &&Hold| now.saturating_duration_since(hold.at) > GRACE;
    let old: Vec<&Hold> = ledger.holds.iter().filter(is_old).collect();
    if old.is_empty() {
        return Ok(false);
    }
    // The usual case of a sold-out showtime, told by one request: every seat taken has its booking.
    if storage.booked_seats(ledger.showtime).await? >= ledger.taken {
        return Ok(false);
    }
    let ids: Vec<Id> = old.iter().map(|hold| hold.booking).collect();
    let live = storage.live_among(&ids).await?;
    let mut freed = 0;
    for hold in old.iter().filter(|hold| !live.contains(&hold.booking)) {
        // The tombstone comes first, so that a buyer who is late finds the place taken. Who was just in time keeps it.
        if let Entry::Void(_) = storage.void(hold.booking, ledger.showtime).await? {
            storage.release(ledger.showtime, hold).await?;
            freed += hold.seats;
        }
        if freed >= needed {
            break;
        }
    }
    if freed > 0 {
        storage.remove_old_tombstones(ledger.showtime).await?;
    }
    Ok(freed > 0)
}
