//! Who is staff is changed by one at a time, so that the last of them stays staff, however many are demoted or deleted at once.
//!
//! Storage changes one document at a time, so whoever takes somebody from the staff first holds a document that only one can hold.
//! A process that dies with it is waited for as long as a request may take.

use std::time::Duration;

use bson::doc;
use data_api_client::{Client, Collection, Error, Find, Id, Moment, living};
use door::Transport;
use serde::{Deserialize, Serialize};

use crate::{Accounts, User};

/// The document's `_id`.
const STAFF: &str = "staff";

/// For how long it is held at the most: longer than any request takes.
const LEASE: Duration = Duration::from_secs(60);

/// Who changes the staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Lock {
    #[serde(alias = "_id")]
    id: String,
    by: Id,
    at: Moment,
}

/// What becomes of taking somebody from the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demotion {
    /// They may be.
    Free(Id),
    /// There is nobody else.
    Last,
    /// Another is just changing the staff.
    Busy,
}

/// Who changes the staff, in storage.
pub struct Staff<T> {
    locks: Collection<T, Lock>,
}

impl<T: Transport> Staff<T> {
    /// Of a storage.
    pub fn new(client: &Client<T>) -> Self {
        Self {
            locks: client.collection("locks").idempotent(),
        }
    }

    /// Whether somebody may be taken from the staff now, by whoever then [ends](Staff::end) it.
    pub async fn begin(&self, accounts: &Accounts<T>, id: Id) -> Result<Demotion, Error> {
        let ours = Lock {
            id: STAFF.to_owned(),
            by: Id::new(),
            at: Moment::now(),
        };
        if !self.take(&ours).await? {
            return Ok(Demotion::Busy);
        }
        if accounts.has_staff_besides(id).await? {
            return Ok(Demotion::Free(ours.by));
        }
        self.end(ours.by).await?;
        Ok(Demotion::Last)
    }

    /// Lets the next begin.
    pub async fn end(&self, by: Id) -> Result<(), Error> {
        let ours = doc! {"_id": STAFF, "by": by};
        self.locks.delete_one(ours).await.map(drop)
    }

    async fn take(&self, ours: &Lock) -> Result<bool, Error> {
        let Some(standing) = self.locks.insert_if_absent(ours).await? else {
            return Ok(true);
        };
        if ours.at.since(standing.at) < LEASE {
            return Ok(false);
        }
        let filter = doc! {"_id": STAFF, "by": standing.by};
        let update = doc! {"$set": {"by": ours.by, "at": ours.at}};
        Ok(self.locks.update_one(filter, update).await?.matched > 0)
    }
}

impl<T: Transport> Accounts<T> {
    async fn has_staff_besides(&self, id: Id) -> Result<bool, Error> {
        let others = living(doc! {"role": STAFF, "_id": {"$ne": id}});
        let found: Vec<User> = self.users.find(Find::filter(others).limit(1)).await?;
        Ok(!found.is_empty())
    }
}
