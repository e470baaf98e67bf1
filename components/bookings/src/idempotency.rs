//! `Idempotency-Key`: the same request sent again gets the first answer again, also when both are under way at once.
//!
//! A key is remembered by its hash, together with the id of the booking that it is to become. All requests with the key go
//! for that one booking id, so they can make one booking at most, and what stands under that id decides for all of them:
//! ```text
//!  under the booking's id        the key's answer
//!  a booking                     201 with it
//!  a cancelled booking           201 with it, as it was
//!  a tombstone                   409 if the record says so; else the id is used up, and the key goes on with another
//!  nothing                       open: whoever comes by goes on
//! ```
//! A request that finds the showtime sold out therefore puts a tombstone there before it records the 409: a twin that found
//! seats after all can then no longer write the booking, and gives its seats back.
//!
//! Answers that took nothing (a fault of the request, storage that was down) are not recorded, so that the client may mend
//! what was wrong and use the key again.

use data_api_client::Error;
use service::Id;
use sha2::{Digest, Sha256};

use crate::entry::Entry;
use crate::model::{Booking, Order};
use crate::record::{Outcome, Record};
use crate::sale::{self, Sale};
use crate::storage::Storage;

/// How often a key's booking id may be used up by others before the client is asked to come again.
const ROUNDS: usize = 4;

/// The longest key, in characters.
const LONGEST: usize = 128;

/// How a request with a key ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Replay {
    /// With its answer, the first or that one again.
    Answer(Outcome),
    /// The key came with another request before.
    OtherRequest,
    /// Others kept using up the booking's id.
    Busy,
}

/// Checks a key and hashes it with the caller whose it is. `None` when it is not 1–128 printable ASCII characters.
pub fn hash_key(key: &str, caller: Id) -> Option<String> {
    let printable = key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    ((1..=LONGEST).contains(&key.len()) && printable).then(|| hash(&format!("{caller} {key}")))
}

/// The hash of what an order asks for. Films count as a set: their order changes nothing.
pub fn fingerprint(order: &Order) -> String {
    let mut movies: Vec<String> = order.movies.iter().map(|id| id.to_string()).collect();
    movies.sort();
    let Order {
        userid,
        showtimeid,
        seats,
        ..
    } = order;
    hash(&format!(
        "{userid} {showtimeid} {seats} {}",
        movies.join(",")
    ))
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer of a key that is known, as far as it is decided. A booking may have been written by a process that ended
/// before it could record so.
///
/// # Errors
/// Storage's.
pub async fn answer_of<S: Storage>(
    storage: &S,
    record: &Record,
    order: &Order,
) -> Result<Option<Replay>, Error> {
    if record.fingerprint != fingerprint(order) {
        return Ok(Some(Replay::OtherRequest));
    }
    if let Some(outcome) = &record.outcome {
        return Ok(Some(Replay::Answer(outcome.clone())));
    }
    let written = match storage.entry(record.bookingid).await? {
        None => return Ok(None),
        Some(entry) => as_written(entry, order),
    };
    let Some(booking) = written else {
        return Ok(None);
    };
    let outcome = Outcome::Booked(booking);
    storage.settle_record(record, &outcome).await?;
    Ok(Some(Replay::Answer(outcome)))
}

/// Books what a key's request asks for, once, however many requests with the key there are.
///
/// # Errors
/// Storage's.
pub async fn book<S: Storage>(
    storage: &S,
    key: &str,
    order: &Order,
    capacity: Option<i64>,
) -> Result<Replay, Error> {
    for _ in 0..ROUNDS {
        let record = storage
            .open_record(&Record {
                key: key.to_owned(),
                fingerprint: fingerprint(order),
                bookingid: Id::new(),
                createdon: storage.now(),
                outcome: None,
            })
            .await?;
        if record.fingerprint != fingerprint(order) {
            return Ok(Replay::OtherRequest);
        }
        if let Some(outcome) = record.outcome {
            return Ok(Replay::Answer(outcome));
        }
        let booking = order.booking(record.bookingid, storage.now());
        let outcome = match sale::sell(storage, &booking, capacity).await? {
            Sale::Booked(booking) => Some(Outcome::Booked(booking)),
            Sale::Void(tombstone) => as_written(Entry::Void(tombstone), order).map(Outcome::Booked),
            Sale::SoldOut { left } => {
                let entry = storage.void(record.bookingid, order.showtimeid).await?;
                let written = as_written(entry, order).map(Outcome::Booked);
                Some(written.unwrap_or(Outcome::SoldOut { left }))
            }
        };
        let Some(outcome) = outcome else {
            storage.renew_record(&record, Id::new()).await?;
            continue;
        };
        match (storage.settle_record(&record, &outcome).await, &outcome) {
            (Ok(true), _) => return Ok(Replay::Answer(outcome)),
            // The booking stands under the record's id, so the next to come with this key finds it all the same.
            (Err(error), Outcome::Booked(booking)) => {
                let id = booking.id;
                door::log::warn(&format!(
                    "booking {id} is made, its key not settled: {error}"
                ));
                return Ok(Replay::Answer(outcome));
            }
            (Err(error), Outcome::SoldOut { .. }) => return Err(error),
            (Ok(false), _) => {}
        }
        // A twin was first: the next round reads what it recorded.
    }
    Ok(Replay::Busy)
}

/// The booking that an entry is or once was.
fn as_written(entry: Entry, order: &Order) -> Option<Booking> {
    match entry {
        Entry::Live(booking) => Some(booking),
        Entry::Void(tombstone) => {
            let createdon = tombstone.createdon?;
            Some(order.booking(tombstone.id, createdon))
        }
    }
}
