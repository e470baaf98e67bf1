//! Who has to wait after so many wrong passwords, and how long.
//!
//! An attempt is counted before its password is looked at, by a conditional update of what was read: however many guess at once,
//! no more than five are looked at before the name has to wait. A success strikes the count out. Those for a name that nobody has
//! count as well, so that waiting tells nobody which there are.

use std::time::Duration;

use bson::doc;
use data_api_client::{Client, Collection, Error, Moment};
use door::Transport;
use serde::{Deserialize, Serialize};
use tokens::digest;

/// So many attempts fail before anybody has to wait.
const FREE: i32 = 5;

/// The first wait; each is twice the one before.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// So long after the last attempt and its wait, all is forgotten.
const MEMORY: Duration = Duration::from_secs(15 * 60);

/// How often an attempt is counted anew when others come in between: more often than there can be others that are let in.
const ROUNDS: u32 = 16;

/// The attempts for one username.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Attempts {
    /// The digest of the name: what was typed there may have been a password.
    #[serde(alias = "_id")]
    id: String,
    /// How many were not crowned with success.
    failures: i32,
    /// The last of them.
    last: Moment,
}

/// The attempts in storage.
pub struct Throttle<T> {
    attempts: Collection<T, Attempts>,
}

impl<T: Transport> Throttle<T> {
    /// Those of a storage.
    pub fn new(client: &Client<T>) -> Self {
        Self {
            attempts: client.collection("attempts").idempotent(),
        }
    }

    /// Counts an attempt for a username, lower-case; or says how long that name has to wait.
    pub async fn admit(&self, username: &str, now: Moment) -> Result<Option<Duration>, Error> {
        let id = digest(username);
        for _ in 0..ROUNDS {
            let before = self.attempts.find_one(doc! {"_id": &id}).await?;
            let failures = match &before {
                None => 0,
                Some(before) => match before.wait(now) {
                    Some(wait) => return Ok(Some(wait)),
                    None => before.remembered(now),
                },
            };
            let after = Attempts {
                id: id.clone(),
                failures: failures.saturating_add(1),
                last: now,
            };
            if self.count(before.as_ref(), &after).await? {
                return Ok(None);
            }
        }
        Ok(Some(Duration::from_secs(1)))
    }

    /// Strikes out the attempts for a username that has signed in.
    pub async fn forget(&self, username: &str) -> Result<(), Error> {
        let name = doc! {"_id": digest(username)};
        self.attempts.delete_one(name).await.map(drop)
    }

    /// Clears away what is forgotten, for all names.
    pub async fn clear(&self, now: Moment) {
        let over = doc! {"last": {"$lt": now.before(LONGEST_WAIT + MEMORY)}};
        self.attempts.clear(over).await;
    }

    /// Puts one count in the place of another, or where none was. False where that one does not stand there any more.
    async fn count(&self, before: Option<&Attempts>, after: &Attempts) -> Result<bool, Error> {
        let Some(before) = before else {
            return Ok(self.attempts.insert_if_absent(after).await?.is_none());
        };
        let filter = doc! {"_id": &before.id, "failures": before.failures, "last": before.last};
        let update = doc! {"$set": {"failures": after.failures, "last": after.last}};
        Ok(self.attempts.update_one(filter, update).await?.matched > 0)
    }
}

impl Attempts {
    /// How long the name has to wait for another.
    fn wait(&self, now: Moment) -> Option<Duration> {
        let wait = wait_after(self.failures);
        let left = self.last.after(wait).since(now);
        // A clock that was wrong makes nobody wait longer.
        (!left.is_zero())
            .then(|| left.min(wait))
            .filter(|wait| !wait.is_zero())
    }

    /// How many failures still count.
    fn remembered(&self, now: Moment) -> i32 {
        let forgotten = self.last.after(wait_after(self.failures) + MEMORY) <= now;
        if forgotten { 0 } else { self.failures }
    }
}

fn wait_after(failures: i32) -> Duration {
    match u32::try_from(failures.saturating_sub(FREE)) {
        Ok(more) => (FIRST_WAIT * (1 << more.min(16))).min(LONGEST_WAIT),
        Err(_) => Duration::ZERO,
    }
}
