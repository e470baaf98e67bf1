//! What the service asks of storage. Each change may be sent again: doing it twice is as good as once.

use accounts::{Accounts, Throttle};
use bson::{Document, doc};
use data_api_client::{Client, Collection, Error};
use door::Transport;
use service::{Id, Moment};

use crate::model::Session;

/// Sessions, and what is shared with users.
pub struct Storage<T> {
    client: Client<T>,
    pub accounts: Accounts<T>,
    pub throttle: Throttle<T>,
    sessions: Collection<T, Session>,
}

impl<T: Transport> Storage<T> {
    /// Those of a storage.
    pub fn new(client: Client<T>) -> Self {
        Self {
            accounts: Accounts::new(&client),
            throttle: Throttle::new(&client),
            sessions: client.collection("sessions").idempotent(),
            client,
        }
    }

    /// Whether storage answers and takes writes.
    pub async fn ready(&self) -> Result<(), Error> {
        self.client.ready().await
    }

    /// Adds a session.
    pub async fn add(&self, session: &Session) -> Result<(), Error> {
        self.sessions.insert_one(session).await.map(drop)
    }

    /// A session.
    pub async fn session(&self, id: Id) -> Result<Option<Session>, Error> {
        self.sessions.find_one(doc! {"_id": id}).await
    }

    /// Gives a session new secrets in place of those it was read with. False when it has others by now, or is ended.
    pub async fn renew(&self, old: &Session, new: &Session) -> Result<bool, Error> {
        let filter = doc! {"_id": old.id, "current": &old.current};
        let mut set = doc! {"current": &new.current};
        let mut unset = Document::new();
        match &new.csrf {
            Some(csrf) => set.insert("csrf", csrf),
            None => unset.insert("csrf", ""),
        };
        let mut update = doc! {"$set": set};
        if !unset.is_empty() {
            update.insert("$unset", unset);
        }
        if self.sessions.update_one(filter, update).await?.matched > 0 {
            return Ok(true);
        }
        // Another was first, unless it was this very call and its answer was lost.
        Ok(self.session(old.id).await?.as_ref() == Some(new))
    }

    /// Ends a session.
    pub async fn end(&self, id: Id) -> Result<(), Error> {
        self.sessions.delete_one(doc! {"_id": id}).await.map(drop)
    }

    /// Clears away sessions that have expired.
    pub async fn clear(&self, now: Moment) {
        self.sessions.clear(doc! {"expires": {"$lt": now}}).await;
    }
}
