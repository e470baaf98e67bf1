//! `Idempotency-Key`: the same request sent again gets the first answer again, also when both are under way at once.
//!
//! A key is remembered by its hash, together with the id of the booking that it is to become. All requests with the key go
//! for that one booking id, so they can make one booking at most, and what stands under that id decides for all of them:
//! ```text
//!  under the booking's id        the key's answer
//!  a booking                     201 with it
//!  a cancelled booking           409: it was booked, and cancelled since
//!  the tombstone of a booking    the same; it stays for longer than the key is remembered
//!  another tombstone             the id is used up, and the key goes on with another
//!  nothing                       open: whoever comes by goes on
//! ```
//! Answers that took nothing (a fault of the request, a showtime sold out, storage that was down) are not remembered, so that the
//! same key may try again.

use data_api_client::Place;
use door::Transport;
use service::{Id, Problem};
use sha2::{Digest, Sha256};

use crate::{
    model::{Entry, Order, Outcome, Showtime},
    record::Record,
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

/// The answer of a key, as far as it is decided. 422 where the key came with another request before.
pub async fn answer<T: Transport>(
    storage: &Storage<T>,
    key: &str,
    order: &Order,
) -> Result<Option<Outcome>, Problem> {
    match storage.record(key).await? {
        Some(record) if !storage.is_over(&record) => {
            check(&record, order)?;
            let entry = storage.entry(record.bookingid).await?;
            Ok(entry.and_then(decided))
        }
        _ => Ok(None),
    }
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
        };
        let record = storage.open_record(record).await?;
        if storage.is_over(&record) {
            storage.forget_record(&record).await?;
            continue;
        }
        check(&record, order)?;
        let booking = order.booking(record.bookingid, storage.now(), showtime);
        let sold = sale::sell(storage, &booking, showtime, true).await?;
        match sold.or_else(|tombstone| decided(Place::Void(tombstone)).ok_or(())) {
            Ok(outcome) => return Ok(outcome),
            Err(()) => storage.renew_record(&record, Id::new()).await?,
        }
    }
    Err(Problem::busy())
}

/// That the key came with the same order before.
fn check(record: &Record, order: &Order) -> Result<(), Problem> {
    if record.fingerprint == fingerprint(order) {
        return Ok(());
    }
    Err(Problem::fault(
        "Idempotency-Key",
        "came with another body before: send that one again, or another key",
    ))
}

/// What the entry under a key's booking id says; none where it is that of a booking that was never made.
fn decided(entry: Entry) -> Option<Outcome> {
    match entry {
        Place::Living(booking) => Some(Outcome::of(booking)),
        Place::Void(tombstone) => tombstone.createdon.map(|_| Outcome::Cancelled),
    }
}
