//! What the service asks of storage, and its one implementation over the Data API client.
//!
//! Users and their passwords are written by the users service; this one reads them, and writes a password's hash anew when it has
//! become weak.

use bson::{DateTime, Document, doc};
use data_api_client::{
    Client, Collection, Error,
    lenient::{self, Lenient},
};
use door::Transport;
use futures::try_join;
use passwords::Credentials;
use service::Id;

use crate::attempts::Attempts;
use crate::model::{Account, Secrets, Session};

/// What the service asks of storage.
pub trait Storage {
    /// Whether storage answers.
    async fn ping(&self) -> Result<(), Error>;

    /// The user of this name, lower-case, with their password. Asks as much for a name that nobody has.
    async fn person(&self, username: &str) -> Result<Option<(Account, Credentials)>, Error>;

    /// The user of this id.
    async fn account(&self, id: Id) -> Result<Option<Account>, Error>;

    /// Puts one hash in the place of another.
    async fn rehash(&self, id: Id, old: &str, new: &Credentials) -> Result<(), Error>;

    /// The attempts for a name.
    async fn attempts(&self, name: &str) -> Result<Option<Attempts>, Error>;

    /// Puts one count in the place of another, or where none was. False when that one does not stand there any more.
    async fn count(&self, before: Option<&Attempts>, after: &Attempts) -> Result<bool, Error>;

    /// Removes the attempts for a name.
    async fn strike_out(&self, name: &str) -> Result<(), Error>;

    /// Removes the attempts whose last was before this.
    async fn strike_out_before(&self, moment: DateTime) -> Result<(), Error>;

    /// Adds a session.
    async fn add(&self, session: &Session) -> Result<(), Error>;

    /// A session.
    async fn session(&self, id: Id) -> Result<Option<Session>, Error>;

    /// Gives a session new secrets in place of those it was read with. False when it has others by now, or is ended.
    async fn renew(&self, session: &Session, new: &Secrets) -> Result<bool, Error>;

    /// Ends a session.
    async fn end(&self, id: Id) -> Result<(), Error>;

    /// Removes a user's sessions that have expired.
    async fn end_expired(&self, userid: Id, now: DateTime) -> Result<(), Error>;
}

/// Storage over the Data API.
pub struct DataApi<T> {
    client: Client<T>,
}

/// Whose name it is, as the users service reserves it.
struct Name {
    userid: Id,
}

impl<T: Transport> DataApi<T> {
    /// Storage behind a client.
    pub fn new(client: Client<T>) -> Self {
        Self { client }
    }

    /// A collection whose changes may all be sent again: doing them twice is as good as once.
    fn collection<D: data_api_client::Stored>(&self, name: &'static str) -> Collection<T, D> {
        self.client.collection(name).idempotent()
    }

    fn sessions(&self) -> Collection<T, Session> {
        self.collection("sessions")
    }

    fn counts(&self) -> Collection<T, Attempts> {
        self.collection("attempts")
    }

    fn credentials(&self) -> Collection<T, Credentials> {
        self.collection(passwords::COLLECTION)
    }
}

impl<T: Transport> Storage for DataApi<T> {
    async fn ping(&self) -> Result<(), Error> {
        self.client.ping().await
    }

    async fn person(&self, username: &str) -> Result<Option<(Account, Credentials)>, Error> {
        let names = self.collection::<Name>("usernames");
        let name = names.find_one(doc! {"_id": username}).await?;
        // Nobody has this id, which is asked for all the same.
        let id = name.map_or(Id::from_bytes([0; 12]), |name| name.userid);
        let credentials = self.credentials();
        let (account, credentials) =
            try_join!(self.account(id), credentials.find_one(doc! {"_id": id}))?;
        // A reservation can outlive its user, or come before one.
        let account = account.filter(|account| account.username == username);
        Ok(account.zip(credentials))
    }

    async fn account(&self, id: Id) -> Result<Option<Account>, Error> {
        // What users marks as void is nobody.
        let living = doc! {"_id": id, "voided": {"$exists": false}};
        self.collection("users").find_one(living).await
    }

    async fn rehash(&self, id: Id, old: &str, new: &Credentials) -> Result<(), Error> {
        let filter = doc! {"_id": id, "password": old};
        let update = doc! {"$set": {"password": &new.password, "changedon": new.changedon}};
        self.credentials().update_one(filter, update).await?;
        Ok(())
    }

    async fn attempts(&self, name: &str) -> Result<Option<Attempts>, Error> {
        self.counts().find_one(doc! {"_id": name}).await
    }

    async fn count(&self, before: Option<&Attempts>, after: &Attempts) -> Result<bool, Error> {
        let Some(before) = before else {
            return match self.counts().insert_one(after).await {
                Ok(_) => Ok(true),
                Err(Error::DuplicateKey) => Ok(false),
                Err(error) => Err(error),
            };
        };
        let update = doc! {"$set": {"failures": after.failures, "last": after.last}};
        let updated = self
            .counts()
            .update_one(before.to_document(), update)
            .await?;
        Ok(updated.matched > 0)
    }

    async fn strike_out(&self, name: &str) -> Result<(), Error> {
        self.counts().delete_one(doc! {"_id": name}).await?;
        Ok(())
    }

    async fn strike_out_before(&self, moment: DateTime) -> Result<(), Error> {
        let filter = doc! {"last": {"$lt": moment}};
        self.counts().delete_many(filter).await?;
        Ok(())
    }

    async fn add(&self, session: &Session) -> Result<(), Error> {
        self.sessions().insert_one(session).await?;
        Ok(())
    }

    async fn session(&self, id: Id) -> Result<Option<Session>, Error> {
        self.sessions().find_one(doc! {"_id": id}).await
    }

    async fn renew(&self, session: &Session, new: &Secrets) -> Result<bool, Error> {
        let filter = doc! {"_id": session.id, "current": &session.current.refresh};
        let mut update = doc! {"$set": {"current": &new.refresh}};
        match &new.csrf {
            Some(csrf) => {
                update.insert("$set", doc! {"current": &new.refresh, "csrf": csrf});
            }
            None => {
                update.insert("$unset", doc! {"csrf": ""});
            }
        }
        if self.sessions().update_one(filter, update).await?.matched > 0 {
            return Ok(true);
        }
        // Another was first, unless it was this very call and its answer was lost.
        let standing = self.session(session.id).await?;
        Ok(standing.is_some_and(|standing| standing.current == *new))
    }

    async fn end(&self, id: Id) -> Result<(), Error> {
        self.sessions().delete_one(doc! {"_id": id}).await?;
        Ok(())
    }

    async fn end_expired(&self, userid: Id, now: DateTime) -> Result<(), Error> {
        let filter = doc! {"userid": userid, "expires": {"$lt": now}};
        self.sessions().delete_many(filter).await?;
        Ok(())
    }
}

impl Lenient for Name {
    fn from_document(document: Document) -> Self {
        Self {
            userid: lenient::object_id(&document, "userid").map_or(Id::LEAST, Id::from),
        }
    }

    fn to_document(&self) -> Document {
        doc! {"userid": self.userid}
    }
}

data_api_client::read_leniently!(Name);
