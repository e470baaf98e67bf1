//! Who has to wait after so many wrong passwords, and how long.
//!
//! Failures count by username and client address together, so that a stranger's guesses lock nobody else out, and, with more
//! patience, by username alone, since a stranger may have many addresses. A browser that has been signed in as that user counts by
//! itself. Those for a name that nobody has count as well, so that waiting tells nobody which there are.
//!
//! An attempt is noted as running before its password is looked at, by a conditional update, and only a password that was compared
//! and differs is a failure: so however many guess at once, no more than sixteen are looked at before the name has to wait, and from
//! then on one at a time. A success strikes the count out.

use std::{fmt, time::Duration};

use bson::{Bson, doc};
use data_api_client::{Client, Collection, Error, Id, Moment};
use door::{Transport, log};
use futures::try_join;
use serde::{Deserialize, Serialize};
use tokens::digest;

/// So many attempts fail before a name has to wait at an address.
const FREE: i32 = 5;

/// So many fail before it has to wait everywhere.
const FREE_IN_ALL: i32 = 50;

/// The first wait; each is twice the one before.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// So long after the last attempt and its wait, all is forgotten.
const MEMORY: Duration = Duration::from_secs(15 * 60);

/// How often an attempt is noted anew when others come in between.
const ROUNDS: u32 = 20;

/// How many attempts run at once before the first failures.
const MOST_RUNNING: i32 = 16;

/// So long after the last began, none is running any more: longer than a request takes.
const LEASE: Duration = Duration::from_secs(30);

/// Failures that make no difference any more.
const ENOUGH: i32 = 1000;

/// The attempts for one username, all of them or from one address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Attempts {
    /// A digest of whose they are: what was typed as a name may have been a password.
    #[serde(alias = "_id")]
    id: String,
    /// How many failed.
    failures: i32,
    /// The last of these, or the first attempt.
    last: Moment,
    /// How many are running; absent where none ever was.
    #[serde(skip_serializing_if = "Option::is_none")]
    running: Option<i32>,
    /// When the last of these began.
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<Moment>,
}

/// Whose attempt it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    total: String,
    own: String,
    known: bool,
}

/// Why an attempt is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There were too many failures: wait so long.
    Wait(Duration),
    /// Too many are running.
    Busy,
}

impl Refusal {
    /// How long there is to wait, in whole seconds: whoever waits a little less than a second too little would be told to wait again.
    pub fn wait(self) -> Duration {
        let wait = match self {
            Self::Wait(wait) => wait,
            Self::Busy => Duration::ZERO,
        };
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self {
            Self::Wait(_) => "too many wrong passwords for this username",
            Self::Busy => "too many attempts for this username at once",
        };
        write!(f, "{why}: try again in {} s", self.wait().as_secs())
    }
}

/// The attempts in storage.
pub struct Throttle<T> {
    attempts: Collection<T, Attempts>,
    /// The same, for what is not as good twice as once.
    counts: Collection<T, Attempts>,
}

impl Attempt {
    /// For a username, lower-case, from an address.
    pub fn new(username: &str, address: &str) -> Self {
        Self {
            total: digest(username),
            own: digest(&format!("{username}\n{address}")),
            known: false,
        }
    }

    /// For a username from a browser that has a session of that user.
    pub fn known(username: &str, session: Id) -> Self {
        Self {
            known: true,
            ..Self::new(username, &format!("session {session}"))
        }
    }
}

impl<T: Transport> Throttle<T> {
    /// Those of a storage.
    pub fn new(client: &Client<T>) -> Self {
        let counts = client.collection("attempts");
        Self {
            attempts: counts.idempotent(),
            counts,
        }
    }

    /// Notes that an attempt is running, or says why it may not be.
    pub async fn begin(&self, attempt: &Attempt, now: Moment) -> Result<Option<Refusal>, Error> {
        for _ in 0..ROUNDS {
            let (own, total) = try_join!(self.find(&attempt.own), self.find(&attempt.total))?;
            let everywhere = total.filter(|_| !attempt.known);
            let wait = own.as_ref().and_then(|own| own.wait(FREE, now));
            let wait = wait.max(everywhere.and_then(|total| total.wait(FREE_IN_ALL, now)));
            if let Some(wait) = wait {
                return Ok(Some(Refusal::Wait(wait)));
            }
            let Some(own) = own else {
                let first = Attempts {
                    running: Some(1),
                    began: Some(now),
                    ..Attempts::none(&attempt.own, now)
                };
                if self.attempts.insert_if_absent(&first).await?.is_none() {
                    return Ok(None);
                }
                continue;
            };
            match self.note(&own, now).await? {
                Noted::Yes => return Ok(None),
                Noted::Full => break,
                Noted::ChangedMeanwhile => {}
            }
        }
        Ok(Some(Refusal::Busy))
    }

    /// Notes what came of an attempt: a password that is right strikes the failures out, one that was compared and differs is one,
    /// and where nothing is known of it, nothing is.
    pub async fn end<A, E>(
        &self,
        attempt: &Attempt,
        found: &Result<Option<A>, E>,
        now: Moment,
    ) -> Result<(), Error> {
        match found {
            Ok(Some(_)) => {
                let both = [&attempt.own, &attempt.total].map(|id| Bson::from(id.as_str()));
                let both = doc! {"_id": {"$in": both.to_vec()}};
                self.attempts.delete_many(both).await?;
            }
            Ok(None) => {
                try_join!(
                    self.count(&attempt.own, FREE, -1, now),
                    self.count(&attempt.total, FREE_IN_ALL, 0, now)
                )?;
                self.clear(now).await;
            }
            Err(_) => {
                let own = doc! {"_id": &attempt.own};
                let ended = self.counts.update_one(own, doc! {"$inc": {"running": -1}});
                if let Err(error) = ended.await {
                    log::warn(&format!(
                        "an attempt counts as running for a while: {error}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Clears away some of what is forgotten, of all names.
    async fn clear(&self, now: Moment) {
        let over = doc! {"last": {"$lt": now.before(LONGEST_WAIT + MEMORY)}};
        self.attempts.clear(over).await;
    }

    async fn find(&self, id: &str) -> Result<Option<Attempts>, Error> {
        self.attempts.find_one(doc! {"_id": id}).await
    }

    async fn note(&self, own: &Attempts, now: Moment) -> Result<Noted, Error> {
        let mut filter = doc! {"_id": &own.id, "failures": own.failures, "last": own.last};
        let began = own
            .began
            .filter(|began| now.since(*began) < LEASE && *began <= now);
        let update = match own.running.filter(|_| began.is_some()) {
            None => {
                let standing = own.began.map_or(doc! {"$exists": false}.into(), Bson::from);
                filter.insert("began", standing);
                let failures = own.remembered(FREE, now);
                doc! {"$set": {"failures": failures, "running": 1, "began": now}}
            }
            Some(running) => {
                let most = if own.failures < FREE { MOST_RUNNING } else { 1 };
                if running >= most {
                    return Ok(Noted::Full);
                }
                filter.insert("running", doc! {"$lt": most});
                doc! {"$inc": {"running": 1}, "$set": {"began": now}}
            }
        };
        let noted = self.counts.update_one(filter, update).await?.matched > 0;
        Ok(if noted {
            Noted::Yes
        } else {
            Noted::ChangedMeanwhile
        })
    }

    async fn count(&self, id: &str, free: i32, running: i32, now: Moment) -> Result<(), Error> {
        let first = Attempts {
            failures: 1,
            ..Attempts::none(id, now)
        };
        let Some(standing) = self.attempts.insert_if_absent(&first).await? else {
            return Ok(());
        };
        let forgotten = standing.remembered(free, now) == 0;
        let more = i32::from(standing.failures < ENOUGH && !forgotten);
        let mut update =
            doc! {"$inc": {"failures": more, "running": running}, "$set": {"last": now}};
        if forgotten {
            update = doc! {"$inc": {"running": running}, "$set": {"failures": 1, "last": now}};
        }
        let counted = self.counts.update_one(doc! {"_id": id}, update);
        counted.await.map(drop)
    }
}

/// What came of noting that an attempt is running.
enum Noted {
    Yes,
    Full,
    ChangedMeanwhile,
}

impl Attempts {
    fn none(id: &str, now: Moment) -> Self {
        Self {
            id: id.to_owned(),
            failures: 0,
            last: now,
            running: None,
            began: None,
        }
    }

    /// How long there is to wait, where so many failures are free.
    fn wait(&self, free: i32, now: Moment) -> Option<Duration> {
        let wait = wait_after(self.failures, free);
        let left = self.last.after(wait).since(now);
        // A clock that was wrong makes nobody wait longer.
        (!left.is_zero())
            .then(|| left.min(wait))
            .filter(|wait| !wait.is_zero())
    }

    /// How many failures still count.
    fn remembered(&self, free: i32, now: Moment) -> i32 {
        let forgotten = self.last.after(wait_after(self.failures, free) + MEMORY) <= now;
        if forgotten { 0 } else { self.failures.max(0) }
    }
}

fn wait_after(failures: i32, free: i32) -> Duration {
    match u32::try_from(failures.saturating_sub(free)) {
        Ok(more) => (FIRST_WAIT * (1 << more.min(16))).min(LONGEST_WAIT),
        Err(_) => Duration::ZERO,
    }
}
