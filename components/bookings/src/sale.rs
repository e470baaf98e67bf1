//! A sale and its undoing: the steps of [`crate::ledger`]'s drawing, in their order.

use data_api_client::Error;
use service::Id;

use crate::entry::{Entry, Tombstone};
use crate::ledger::{self, Seats};
use crate::model::{Booking, Order};
use crate::seats::Hold;
use crate::storage::Storage;

/// How a sale ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Sale {
    /// The booking stands.
    Booked(Booking),
    /// Not enough seats.
    SoldOut {
        /// Seats that nobody holds.
        left: i64,
    },
    /// The booking's id is used up, and nothing is held: see [`Tombstone::createdon`] for the two ways it comes to that.
    Void(Tombstone),
}

/// Sells one booking: takes its seats, where there is a capacity to keep to, and then writes it.
///
/// # Errors
/// Storage's. Seats that were taken by then are given back like those of a process that ended.
pub async fn sell<S: Storage>(
    storage: &S,
    booking: &Booking,
    capacity: Option<i64>,
) -> Result<Sale, Error> {
    if let (Some(capacity), Some(showtime)) = (capacity, booking.showtimeid) {
        match ledger::take(storage, showtime, capacity, booking.id, booking.seats).await? {
            Seats::Held => {}
            Seats::Short { left } => return Ok(Sale::SoldOut { left }),
        }
    }
    match storage.write(booking).await? {
        Entry::Live(booking) => Ok(Sale::Booked(booking)),
        Entry::Void(tombstone) => {
            give_back(storage, booking).await?;
            Ok(Sale::Void(tombstone))
        }
    }
}

/// Sells an order that came without an `Idempotency-Key`. A buyer who was so slow that the seats were given to somebody
/// else starts over once, under another id.
///
/// # Errors
/// Storage's, or that the second time was as slow.
pub async fn sell_order<S: Storage>(
    storage: &S,
    order: &Order,
    capacity: Option<i64>,
) -> Result<Sale, Error> {
    let first = order.booking(Id::new(), storage.now());
    match sell(storage, &first, capacity).await? {
        Sale::Void(_) => {
            let second = order.booking(Id::new(), storage.now());
            sell(storage, &second, capacity).await
        }
        sale => Ok(sale),
    }
}

/// Cancels a booking, where it may be. False when there is none, or none any more, or it may not be: nothing is given back then.
///
/// # Errors
/// Storage's. Where the booking is void by then and its seats are not free yet, they are given back like those of a
/// process that ended.
pub async fn cancel<S: Storage>(
    storage: &S,
    id: Id,
    may: impl FnOnce(&Booking) -> bool,
) -> Result<bool, Error> {
    let Some(Entry::Live(booking)) = storage.entry(id).await? else {
        return Ok(false);
    };
    if !may(&booking) || !storage.cancel(&booking).await? {
        return Ok(false);
    }
    // The booking is cancelled, whatever comes of the rest: who asks again is told 404.
    if let Err(error) = tidy(storage, &booking).await {
        door::log::warn(&format!(
            "booking {id} is cancelled, its seats are given back later: {error}"
        ));
    }
    Ok(true)
}

async fn tidy<S: Storage>(storage: &S, booking: &Booking) -> Result<(), Error> {
    give_back(storage, booking).await?;
    match booking.showtimeid {
        Some(showtime) => storage.remove_old_tombstones(showtime).await,
        None => Ok(()),
    }
}

/// Gives back the seats of a booking that is void. Where there is no ledger, or no such hold in it, nothing changes.
async fn give_back<S: Storage>(storage: &S, booking: &Booking) -> Result<(), Error> {
    let Some(showtime) = booking.showtimeid else {
        return Ok(());
    };
    let hold = Hold {
        booking: booking.id,
        seats: booking.seats,
        at: booking.createdon,
    };
    storage.release(showtime, &hold).await
}
