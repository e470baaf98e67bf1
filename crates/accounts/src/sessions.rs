//! Who is signed in, and where: sessions in storage.

use std::time::Duration;

use bson::{Document, doc};
use data_api_client::{Client, Collection, Error, Id, Moment};
use door::Transport;
use serde::{Deserialize, Serialize};

/// So many sessions are ended at once.
const PORTION: usize = 100;

/// What a login begins and a logout ends: a family of refresh tokens, the newest of which works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The family's id, which is a part of each of its tokens.
    #[serde(alias = "_id")]
    pub id: Id,
    /// Who is signed in.
    pub userid: Id,
    /// The digest of the secret that each of its tokens has; none until the first renewal, where the session is an old one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// The digest of the newest refresh token's secret.
    pub current: String,
    /// The digest of the one before it; none until the first renewal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// When the newest took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewedon: Option<Moment>,
    /// The digest of the newest CSRF token, where the session is a browser's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf: Option<String>,
    /// What the client said it is (`User-Agent`), where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Until when it can be renewed.
    pub expires: Moment,
    /// Since when there is it.
    pub createdon: Moment,
}

impl Session {
    /// Whether its newest token took the place of the one before no longer than this ago.
    pub fn is_renewed_within(&self, grace: Duration, now: Moment) -> bool {
        self.renewedon.is_some_and(|at| now.since(at) <= grace)
    }
}

/// Sessions in storage. Each change may be sent again: doing it twice is as good as once.
pub struct Sessions<T> {
    sessions: Collection<T, Session>,
}

impl<T: Transport> Sessions<T> {
    /// Those of a storage.
    pub fn new(client: &Client<T>) -> Self {
        Self {
            sessions: client.collection("sessions").idempotent(),
        }
    }

    /// Adds a session.
    pub async fn add(&self, session: &Session) -> Result<(), Error> {
        self.sessions.insert_one(session).await.map(drop)
    }

    /// A session.
    pub async fn find(&self, id: Id) -> Result<Option<Session>, Error> {
        self.sessions.find_one(doc! {"_id": id}).await
    }

    /// Those of a user.
    pub async fn of(&self, userid: Id) -> Result<Vec<Session>, Error> {
        self.sessions.find_all(doc! {"userid": userid}).await
    }

    /// Gives a session new secrets in place of those it was read with. False when it has others by now, or is ended.
    pub async fn renew(&self, old: &Session, new: &Session) -> Result<bool, Error> {
        let filter = doc! {"_id": old.id, "current": &old.current};
        let mut set = self.sessions.written(new)?;
        set.remove("_id");
        let mut update = doc! {"$set": set};
        if new.csrf.is_none() {
            let unset: Document = doc! {"csrf": ""};
            update.insert("$unset", unset);
        }
        if self.sessions.update_one(filter, update).await?.matched > 0 {
            return Ok(true);
        }
        // Another with the same token was first and made the same of it, unless it was this very call and its answer was lost.
        let standing = self.find(old.id).await?;
        Ok(standing.is_some_and(|standing| standing.current == new.current))
    }

    /// Ends a session.
    pub async fn end(&self, id: Id) -> Result<(), Error> {
        self.sessions.delete_one(doc! {"_id": id}).await.map(drop)
    }

    /// Ends a user's sessions, but for one.
    pub async fn end_others(&self, userid: Id, kept: Option<Id>) -> Result<(), Error> {
        let others = self.of(userid).await?.into_iter().map(|session| session.id);
        let others: Vec<_> = others.filter(|id| Some(*id) != kept).collect();
        for ids in others.chunks(PORTION) {
            let ids = ids.to_vec();
            self.sessions
                .delete_many(doc! {"_id": {"$in": ids}})
                .await?;
        }
        Ok(())
    }

    /// Clears away sessions that have expired.
    pub async fn clear(&self, now: Moment) {
        self.sessions.clear(doc! {"expires": {"$lt": now}}).await;
    }
}
