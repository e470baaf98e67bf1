//! The seat ledger: how many seats of a showtime are taken. One document a showtime, changed by single atomic updates only, so that
//! no two buyers can have the same seat; and a small one, however many have booked: it counts all seats, and lists only those
//! holds whose bookings nobody has seen written yet.
//!
//! ```text
//!             take           write            confirm               cancel
//!  (nothing) ──────▶ held ─────────▶ booked ───────────▶ booked, ───────────▶ void and owing
//!                     │              and held            counted               │       ▲
//!                     │                 │                                      │       │
//!                     │                 └──────────────── cancel ──────────────│───────┘
//!                     │ no booking after a minute, and                         │ release
//!                     │ somebody needs the room: a                             ▼
//!                     │ tombstone takes its place             void and owing, seats free
//!                     ▼                                                        │ settle
//!                void, held ──────────────▶ void, seats free ◀─────────────────┘
//!                              drop_hold
//! ```
//!
//! Rules keep a showtime from ever being oversold, and seats from being lost, wherever a process dies and however late a request
//! arrives:
//! 1. A booking is written only after its hold was taken, and a hold is taken only where the capacity has room for it.
//! 2. Storage takes one document under an id, the first: after a tombstone the booking can not be written any more.
//! 3. The ledger gets another *epoch* whenever something leaves it, and a hold is taken only in the epoch that its taker has read,
//!    where the booking has no hold, and only by somebody who saw after that reading that nothing stood under its id.
//!    So no booking is counted twice: one that was confirmed stood there before the epoch began.
//! 4. A hold is confirmed only once its booking was seen written, and dropped only once a tombstone that owes nothing was seen.
//! 5. A tombstone that cancels a booking *owes* its seats until it is settled. They are released only in the epoch that was read
//!    before the tombstone was seen to owe them; the ledger then names the booking, and names another only after this one's tombstone
//!    is settled. So seats are given back once: until it is settled the ledger says so, and after that the tombstone.
//! 6. A ledger begins without a count. What is booked and what is owed is counted then, but for what the ledger says is released; the
//!    count stands only if the epoch is still the same.
//! 7. What a customer has there is counted after the ledger was read, and a hold taken only where that epoch has no other new one of
//!    theirs. So all that they have is counted: it stood there before the epoch began, or is held.
//! 8. Terms and closing begin another epoch, so that who read what was before takes no hold by it ([`crate::terms`]).
//!
//! So for an open ledger, at every moment: `taken` is the seats of the bookings that count, of those that owe theirs but the one
//! released last, and of the holds of others.

use std::time::Duration;

use data_api_client::{Error, Place};
use door::Transport;
use service::Id;

use crate::{
    model::{Booking, Outcome, Terms},
    seats::{Hold, Ledger},
    storage::Storage,
};

/// A hold without a booking is left alone for so long: its buyer may still be on the way.
pub const GRACE: Duration = Duration::from_secs(60);

/// Holds are confirmed in portions of so many, long before there is no room for more: a ledger is read and written with each booking.
const PORTION: usize = 16;

/// How often something is tried while others change the same ledger.
pub const ROUNDS: usize = 16;

/// Takes a booking's seats at a showtime on these terms, or on later ones that the ledger was told. None when it holds them, as it may
/// have before, or something stands under its id; else why not. `shared` says that others may go for the same id.
/// [`Error::Busy`] when others kept changing the ledger.
pub async fn take<T: Transport>(
    storage: &Storage<T>,
    booking: &Booking,
    terms: &Terms,
    shared: bool,
) -> Result<Option<Outcome>, Error> {
    let &Booking { id, seats, .. } = booking;
    for _ in 0..ROUNDS {
        let Some((ledger, taken)) = read(storage, booking.showtimeid).await? else {
            continue;
        };
        if ledger.closed.is_some() {
            return Ok(Some(Outcome::Closed));
        }
        if ledger.has(id) || (shared && storage.entry(id).await?.is_some()) {
            return Ok(None);
        }
        let terms = ledger.terms(terms);
        let others = terms.without(&booking.movies);
        if !others.is_empty() {
            return Ok(Some(Outcome::NotShown(others)));
        }
        let held = ledger.holds.len();
        if held % PORTION == PORTION - 1 && sweep(storage, &ledger).await? {
            continue;
        }
        let left = terms.capacity.map(|seats| seats.saturating_sub(taken));
        // Nobody has more than are taken at all.
        let theirs = match taken.saturating_add(seats) <= storage.seats_per_customer {
            true => taken,
            false => had(storage, &ledger, booking.userid).await?,
        };
        let more = storage.seats_per_customer.saturating_sub(theirs);
        let (room, allowed) = (left.is_none_or(|left| left >= seats), more >= seats);
        if room && allowed && held < storage.ledgers.most {
            let taking = (storage.ledgers).take(&ledger, terms.capacity, booking, storage.now());
            if taking.await? {
                return Ok(None);
            }
        } else if !sweep(storage, &ledger).await? {
            match left {
                Some(left) if !room => return Ok(Some(Outcome::SoldOut(left.max(0)))),
                _ if !allowed => return Ok(Some(Outcome::Enough(more.max(0)))),
                _ => {}
            }
        }
    }
    Err(Error::Busy)
}

/// A showtime's ledger and how many seats are taken. None where it had to be begun or opened first: it is to be read again then.
pub async fn read<T: Transport>(
    storage: &Storage<T>,
    showtime: Id,
) -> Result<Option<(Ledger, i32)>, Error> {
    let Some(ledger) = storage.ledgers.find(showtime).await? else {
        storage.ledgers.clear(storage.now()).await;
        begin(storage, showtime).await?;
        return Ok(None);
    };
    // Of a closed one nobody needs to know.
    if let Some(taken) = ledger.taken.or(ledger.closed.map(|_| 0)) {
        return Ok(Some((ledger, taken)));
    }
    let taken = count(storage, &ledger).await?;
    storage.ledgers.open(&ledger, taken).await?;
    Ok(None)
}

/// Begins a showtime's ledger, unless there is one.
pub async fn begin<T: Transport>(storage: &Storage<T>, showtime: Id) -> Result<(), Error> {
    let today = storage.now().day();
    storage.ledgers.begin(showtime, today).await
}

/// How many seats of a showtime a customer has, booked or held, by a ledger that was just read.
async fn had<T: Transport>(storage: &Storage<T>, ledger: &Ledger, user: Id) -> Result<i32, Error> {
    let booked = storage.bookings_of(user, ledger.id).await?;
    let held = (ledger.of(user)).filter(|hold| booked.iter().all(|one| one.id != hold.booking));
    let seats = booked.iter().map(|one| one.seats);
    Ok(seats
        .chain(held.map(|hold| hold.seats))
        .fold(0, i32::saturating_add))
}

/// The seats of a showtime that are booked or owed when its ledger is to be opened.
async fn count<T: Transport>(storage: &Storage<T>, ledger: &Ledger) -> Result<i32, Error> {
    let entries = storage.entries_of(ledger.id).await?.into_iter();
    let seats = entries.map(|entry| match entry {
        Place::Living(booking) if booking.cancelled.is_some() => 0,
        Place::Living(booking) => booking.seats,
        Place::Void(tombstone) if ledger.released == Some(tombstone.id) => 0,
        Place::Void(tombstone) => tombstone.owed(),
    });
    Ok(seats.fold(0, i32::saturating_add))
}

/// Makes room: confirms holds whose bookings stand, drops those that are dead, gives back what is owed. Says whether anything
/// has changed.
pub async fn sweep<T: Transport>(storage: &Storage<T>, ledger: &Ledger) -> Result<bool, Error> {
    let held: Vec<Id> = ledger.holds.iter().map(|hold| hold.booking).collect();
    let booked = storage.living_among(&held).await?;
    if !booked.is_empty() {
        storage.ledgers.confirm(ledger, &booked).await?;
    }
    let now = storage.now();
    let dead = |hold: &&Hold| now.since(hold.at) > GRACE && !booked.contains(&hold.booking);
    let mut dropped = false;
    for hold in ledger.holds.iter().filter(dead) {
        // The tombstone comes first, so that a buyer who is late finds the place taken. Who was just in time keeps it.
        if let Place::Void(tombstone) = storage.void(hold.booking, ledger.id).await?
            && tombstone.owed() == 0
        {
            let dropping = storage
                .ledgers
                .drop_hold(ledger.id, hold.booking, hold.seats);
            dropping.await?;
            dropped = true;
        }
    }
    if dropped {
        storage.clear_tombstones().await;
    }
    Ok(dropped || !booked.is_empty() || release_one(storage, ledger).await?)
}

/// Gives back the seats that a showtime's cancelled bookings owe.
pub async fn release<T: Transport>(storage: &Storage<T>, showtime: Id) -> Result<(), Error> {
    for _ in 0..ROUNDS {
        match storage.ledgers.find(showtime).await? {
            // Somebody may just be about to begin one and to count what is owed.
            None => begin(storage, showtime).await?,
            Some(ledger) if release_one(storage, &ledger).await? => {}
            Some(_) => return Ok(()),
        }
    }
    Err(Error::Busy)
}

/// Goes on with what one cancelled booking owes, by a ledger just read. False when none owes anything.
async fn release_one<T: Transport>(storage: &Storage<T>, ledger: &Ledger) -> Result<bool, Error> {
    let owing = storage.owing(ledger.id).await?;
    let released = owing.iter().find(|one| ledger.released == Some(one.id));
    let Some(next) = released.or(owing.first()) else {
        return Ok(false);
    };
    if released.is_some() || storage.ledgers.release(ledger, next).await? {
        storage.settle(next.id).await?;
    }
    Ok(true)
}
