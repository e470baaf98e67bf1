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

use data_api_client::{Error, Place};
use door::Transport;
use service::{Day, Id};

use crate::{
    model::Booking,
    seats::{Hold, Ledger},
    storage::Storage,
};

/// A hold without a booking is left alone for so long: its buyer may still be on the way.
pub const GRACE: Duration = Duration::from_secs(60);

/// How often a take is tried while others change the same ledger.
const ROUNDS: usize = 8;

/// Takes a booking's seats of the `capacity` that its showtime has on that day. None when it holds them, as it may have before;
/// where there are too few, how many are left. [`Error::Busy`] when others kept changing the ledger.
pub async fn take<T: Transport>(
    storage: &Storage<T>,
    booking: &Booking,
    date: Day,
    capacity: i32,
) -> Result<Option<i32>, Error> {
    let (showtime, seats) = (booking.showtimeid, booking.seats);
    for _ in 0..ROUNDS {
        let hold = Hold {
            booking: booking.id,
            seats,
            at: storage.now(),
        };
        if storage.take(showtime, capacity, &hold).await? {
            return Ok(None);
        }
        // Nothing was changed: there is no ledger yet, or it has no room, or the hold is there already.
        let Some(ledger) = storage.ledger(showtime).await? else {
            open(storage, showtime, date).await?;
            continue;
        };
        if ledger.has(booking.id) {
            return Ok(None);
        }
        let left = capacity.saturating_sub(ledger.taken);
        if left < seats && !reclaim(storage, &ledger, seats.saturating_sub(left)).await? {
            return Ok(Some(left.max(0)));
        }
    }
    Err(Error::Busy)
}

/// Begins a showtime's ledger with what is booked already. That another begins it at the same time does no harm: nothing is
/// booked between the reading and the writing without a ledger, and the first one written stays.
async fn open<T: Transport>(storage: &Storage<T>, showtime: Id, date: Day) -> Result<(), Error> {
    storage.clear_ledgers().await;
    let bookings = storage.bookings_of(showtime).await?;
    let ledger = Ledger::of(showtime, date, &bookings, storage.now());
    storage.open_ledger(&ledger).await
}

/// Gives dead holds back until `needed` seats are free, and says whether any were.
async fn reclaim<T: Transport>(
    storage: &Storage<T>,
    ledger: &Ledger,
    needed: i32,
) -> Result<bool, Error> {
    let now = storage.now();
    let holds = ledger.holds.iter();
    let old: Vec<&Hold> = holds.filter(|hold| now.since(hold.at) > GRACE).collect();
    // The usual case of a sold-out showtime is told by one request: every seat taken has its booking.
    if old.is_empty() || storage.has_booked(ledger.id, ledger.taken).await? {
        return Ok(false);
    }
    let ids: Vec<Id> = old.iter().map(|hold| hold.booking).collect();
    let living = storage.living_among(&ids).await?;
    let mut freed = 0;
    for hold in old.iter().filter(|hold| !living.contains(&hold.booking)) {
        // The tombstone comes first, so that a buyer who is late finds the place taken. Who was just in time keeps it.
        if let Place::Void(_) = storage.void(hold.booking, ledger.id).await? {
            let released = storage.release(ledger.id, hold.booking, hold.seats);
            released.await?;
            freed += hold.seats;
        }
        if freed >= needed {
            break;
        }
    }
    if freed > 0 {
        storage.clear_tombstones().await;
    }
    Ok(freed > 0)
}
