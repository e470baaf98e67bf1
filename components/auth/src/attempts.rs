//! Who has to wait after so many wrong passwords, and how long.
//!
//! An attempt is counted before its password is looked at, by a conditional update of what was read: however many guess at once,
//! no more than five are looked at before the name has to wait. A success strikes the count out.

use std::time::Duration;

use bson::{DateTime, Document, doc};
use data_api_client::lenient::{self, Lenient};
use service::Problem;

use crate::storage::Storage;

/// So many attempts fail before anybody has to wait.
const FREE: i64 = 5;

/// The first wait; each is twice the one before.
const FIRST_WAIT_MS: i64 = 10_000;

/// The longest.
const LONGEST_WAIT_MS: i64 = 15 * 60 * 1000;

/// So long after the last attempt and its wait, all is forgotten.
const MEMORY_MS: i64 = 15 * 60 * 1000;

/// How often an attempt is counted anew when others come in between: more often than there can be others that are let in.
const ROUNDS: u32 = 16;

/// The attempts for one username. Those for a name that nobody has count as well, so that waiting tells nobody which there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempts {
    /// The digest of the name: what was typed there may have been a password.
    pub name: String,
    /// How many were not crowned with success.
    pub failures: i64,
    /// The last of them.
    pub last: DateTime,
}

impl Attempts {
    /// With one more, or how long to wait for that.
    fn another(&self, now: DateTime) -> Result<Self, Duration> {
        let wait = wait_after(self.failures);
        let due = self.last.timestamp_millis().saturating_add(wait);
        let left = due.saturating_sub(now.timestamp_millis());
        if wait > 0 && left > 0 {
            // A clock that was wrong makes nobody wait longer.
            return Err(Duration::from_millis(left.min(wait).unsigned_abs()));
        }
        let forgotten = left <= -MEMORY_MS;
        let failures = if forgotten { 0 } else { self.failures };
        Ok(Self {
            name: self.name.clone(),
            failures: failures.saturating_add(1),
            last: now,
        })
    }
}

/// The wait after so many failures, in milliseconds.
fn wait_after(failures: i64) -> i64 {
    match u32::try_from(failures.saturating_sub(FREE)) {
        Ok(more) => (FIRST_WAIT_MS << more.min(16)).min(LONGEST_WAIT_MS),
        // More than fit are very many, and fewer than none are few.
        Err(_) if failures > FREE => LONGEST_WAIT_MS,
        Err(_) => 0,
    }
}

/// Counts an attempt for a username, lower-case.
///
/// # Errors
/// 429 where the name has to wait, and storage's.
pub async fn admit<S: Storage>(storage: &S, username: &str, now: DateTime) -> Result<(), Problem> {
    let name = tokens::digest(username);
    for _ in 0..ROUNDS {
        let before = storage.attempts(&name).await?;
        let after = match &before {
            None => Ok(Attempts {
                name: name.clone(),
                failures: 1,
                last: now,
            }),
            Some(before) => before.another(now),
        };
        let after = after.map_err(wait)?;
        if storage.count(before.as_ref(), &after).await? {
            return Ok(());
        }
    }
    Err(wait(Duration::from_secs(1)))
}

/// Strikes the attempts for a username out, which has signed in.
///
/// # Errors
/// Storage's.
pub async fn forget<S: Storage>(storage: &S, username: &str) -> Result<(), Problem> {
    Ok(storage.strike_out(&tokens::digest(username)).await?)
}

/// Removes the attempts that are forgotten, for all names.
///
/// # Errors
/// Storage's.
pub async fn tidy<S: Storage>(storage: &S, now: DateTime) -> Result<(), Problem> {
    let before = now.timestamp_millis() - LONGEST_WAIT_MS - MEMORY_MS;
    Ok(storage
        .strike_out_before(DateTime::from_millis(before))
        .await?)
}

fn wait(left: Duration) -> Problem {
    // Whoever waits a little less than a second too little would be told to wait again.
    let seconds = left.as_millis().div_ceil(1000).max(1);
    let left = Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX));
    Problem::too_many(
        format!(
            "too many wrong passwords for this username: try again in {} s",
            left.as_secs()
        ),
        left,
    )
}

impl Lenient for Attempts {
    fn from_document(document: Document) -> Self {
        Self {
            name: lenient::text(&document, "_id").unwrap_or_default(),
            failures: lenient::integer(&document, "failures").unwrap_or_default(),
            last: lenient::date(&document, "last").unwrap_or(DateTime::from_millis(0)),
        }
    }

    fn to_document(&self) -> Document {
        doc! {"_id": &self.name, "failures": self.failures, "last": self.last}
    }
}

data_api_client::read_leniently!(Attempts);
