//! A sale and its undoing: the steps of [`crate::ledger`]'s drawing, in their order.

use data_api_client::{Error, Place};
use door::{Transport, log};
use service::Id;

use crate::{
    ledger,
    model::{Booking, Order, Outcome, Showtime, Tombstone},
    storage::Storage,
};

/// Sells one booking: takes its seats, and then writes it. The tombstone, and nothing held, where the booking's id is used up. `shared`
/// says that others may go for the same id. Where storage fails, seats that were taken are given back like those of a process that
/// ended.
pub async fn sell<T: Transport>(
    storage: &Storage<T>,
    booking: &Booking,
    showtime: &Showtime,
    shared: bool,
) -> Result<Result<Outcome, Tombstone>, Error> {
    let refused = ledger::take(storage, booking, &showtime.terms, shared).await?;
    if let Some(refused) = refused {
        return Ok(Ok(refused));
    }
    match storage.write(booking).await? {
        Place::Living(booking) => Ok(Ok(Outcome::of(booking))),
        Place::Void(tombstone) => {
            // What a cancelled booking owes is given back by way of its tombstone.
            if tombstone.owed() == 0 {
                let Booking { id, seats, .. } = *booking;
                let dropping = storage.ledgers.drop_hold(booking.showtimeid, id, seats);
                dropping.await?;
            }
            Ok(Err(tombstone))
        }
    }
}

/// Sells an order that came without an `Idempotency-Key`. A buyer who was so slow that the seats were given to somebody
/// else starts over once, under another id.
pub async fn sell_order<T: Transport>(
    storage: &Storage<T>,
    order: &Order,
    showtime: &Showtime,
) -> Result<Outcome, Error> {
    for _ in 0..2 {
        let booking = order.booking(Id::new(), storage.now(), showtime);
        if let Ok(outcome) = sell(storage, &booking, showtime, false).await? {
            return Ok(outcome);
        }
    }
    Err(Error::Busy)
}

/// What came of a cancellation.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// The booking is cancelled.
    Cancelled,
    /// There is none, or none any more, or it may not be: nothing is given back then.
    Missing,
    /// The cinema has cancelled it already.
    ByCinema,
    /// Its guests were let in.
    Used,
}

/// Cancels a booking, where it may be.
pub async fn cancel<T: Transport>(
    storage: &Storage<T>,
    id: Id,
    may: impl FnOnce(&Booking) -> bool,
) -> Result<Ended, Error> {
    let living = storage.entry(id).await?.and_then(Place::living);
    let Some(booking) = living.filter(may) else {
        return Ok(Ended::Missing);
    };
    if booking.cancelled.is_some() {
        return Ok(Ended::ByCinema);
    }
    if booking.checkedin.is_some() {
        return Ok(Ended::Used);
    }
    if !storage.cancel(&booking).await? {
        // Somebody else has cancelled it, unless its guests were let in meanwhile.
        let standing = storage.entry(id).await?.and_then(Place::living);
        return Ok(standing.map_or(Ended::Missing, |_| Ended::Used));
    }
    // The booking is cancelled, whatever comes of the rest: who asks again is told 404.
    if let Err(error) = ledger::release(storage, booking.showtimeid).await {
        log::warn(&format!(
            "booking {id} is cancelled, its seats are given back later: {error}"
        ));
    }
    storage.clear_tombstones().await;
    Ok(Ended::Cancelled)
}
