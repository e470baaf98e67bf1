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

use data_api_client::{Error, Place};
use door::{Transport, log};
use service::{Id, Problem};
use sha2::{Digest, Sha256};

use crate::{
    model::{Entry, Order, Showtime},
    record::{Outcome, Record},
    sale,
    storage::Storage,
};

/// How often a key's booking id may be used up by others before the client is asked to come again.
const ROUNDS: usize = 4;

/// The longest key, in characters.
const LONGEST: usize = 128;

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
/// before it could record so. 422 where the key came with another request before.
pub async fn answer_of<T: Transport>(
    storage: &Storage<T>,
    record: &Record,
    order: &Order,
) -> Result<Option<Outcome>, Problem> {
    if let Some(outcome) = recorded(record, order)? {
        return Ok(Some(outcome));
    }
    let entry = storage.entry(record.bookingid).await?;
    let written = entry.and_then(|entry| as_written(entry, order));
    if let Some(outcome) = &written {
        settle(storage, record, outcome).await?;
    }
    Ok(written)
}

/// Books what a key's request asks for, once, however many requests with the key there are. 422 where the key came with another
/// request before.
pub async fn book<T: Transport>(
    storage: &Storage<T>,
    key: &str,
    order: &Order,
    showtime: &Showtime,
) -> Result<Outcome, Problem> {
    for _ in 0..ROUNDS {
        let record = Record {
            id: key.to_owned(),
            fingerprint: fingerprint(order),
            bookingid: Id::new(),
            createdon: storage.now(),
            outcome: None,
        };
        let record = storage.open_record(record).await?;
        if let Some(outcome) = recorded(&record, order)? {
            return Ok(outcome);
        }
        let booking = order.booking(record.bookingid, storage.now());
        let outcome = match sale::sell(storage, &booking, showtime, true).await? {
            Ok(Outcome::SoldOut(left)) => {
                let entry = storage.void(booking.id, order.showtimeid).await?;
                Some(as_written(entry, order).unwrap_or(Outcome::SoldOut(left)))
            }
            Ok(booked) => Some(booked),
            Err(tombstone) => as_written(Place::Void(tombstone), order),
        };
        match outcome {
            None => storage.renew_record(&record, Id::new()).await?,
            Some(outcome) if settle(storage, &record, &outcome).await? => return Ok(outcome),
            // A twin was first: the next round reads what it recorded.
            Some(_) => {}
        }
    }
    Err(Problem::busy())
}

/// The answer that is recorded for an order, if one is.
fn recorded(record: &Record, order: &Order) -> Result<Option<Outcome>, Problem> {
    if record.fingerprint == fingerprint(order) {
        return Ok(record.outcome.clone());
    }
    Err(Problem::fault(
        "Idempotency-Key",
        "came with another body before: send that one again, or another key",
    ))
}

/// Records an answer, and says whether it stands. A booking does, whatever becomes of the record: it is there under the record's
/// id, and so all who come with the key find it.
async fn settle<T: Transport>(
    storage: &Storage<T>,
    record: &Record,
    outcome: &Outcome,
) -> Result<bool, Error> {
    match (storage.settle_record(record, outcome).await, outcome) {
        (settled, Outcome::SoldOut(_)) => settled,
        (settled, Outcome::Booked(booking)) => {
            if let Err(error) = settled {
                let id = booking.id;
                log::warn(&format!(
                    "booking {id} is made, its key not settled: {error}"
                ));
            }
            Ok(true)
        }
    }
}

/// The booking that an entry is or once was.
fn as_written(entry: Entry, order: &Order) -> Option<Outcome> {
    let booking = match entry {
        Place::Living(booking) => booking,
        Place::Void(tombstone) => order.booking(tombstone.id, tombstone.createdon?),
    };
    Some(Outcome::Booked(booking))
}
