//! Passwords in storage: who has which, and how another takes its place.

use bson::{Document, doc};
use data_api_client::{Error, Id, Moment};
use door::Transport;

use crate::{Accounts, Code, Credentials};

impl<T: Transport> Accounts<T> {
    /// What a user signs in by; none for those whom another program added, until a password is set.
    pub async fn credentials(&self, id: Id) -> Result<Option<Credentials>, Error> {
        self.credentials.find_one(doc! {"_id": id}).await
    }

    /// Puts one password's hash in the place of another. False where that one is not the user's any more.
    pub async fn replace_password(
        &self,
        old: &Credentials,
        hash: &str,
        now: Moment,
    ) -> Result<bool, Error> {
        let filter = doc! {"_id": old.id, "password": &old.password};
        let replaced = self.credentials.update_one(filter, set(hash, now)).await?;
        Ok(replaced.matched > 0 || self.has(old.id, hash).await?)
    }

    /// Sets a user's password, whatever it was.
    pub async fn set_password(&self, id: Id, hash: &str, now: Moment) -> Result<(), Error> {
        self.begin(id, now).await?;
        let set = (self.credentials).update_one(doc! {"_id": id}, set(hash, now));
        set.await.map(drop)
    }

    /// Has a code set a user's password, in place of an earlier one.
    pub async fn give_code(&self, id: Id, code: &Code) -> Result<(), Error> {
        self.begin(id, Moment::now()).await?;
        let code = doc! {"digest": &code.digest, "expires": code.expires};
        let given = (self.credentials).update_one(doc! {"_id": id}, doc! {"$set": {"code": code}});
        given.await.map(drop)
    }

    /// Sets a password by a code, which is used up by it. False where it is not, or not any more, the user's.
    pub async fn redeem(
        &self,
        id: Id,
        digest: &str,
        hash: &str,
        now: Moment,
    ) -> Result<bool, Error> {
        let filter = doc! {"_id": id, "code.digest": digest, "code.expires": {"$gt": now}};
        let redeemed = self.credentials.update_one(filter, set(hash, now)).await?;
        Ok(redeemed.matched > 0 || self.has(id, hash).await?)
    }

    /// Whether a hash, which is like no other, is the user's: perhaps an earlier try went through, and only its answer was lost.
    async fn has(&self, id: Id, hash: &str) -> Result<bool, Error> {
        let standing = self.credentials(id).await?;
        Ok(standing.is_some_and(|standing| standing.password == hash))
    }

    /// Gives a user credentials that let nobody in, where they have none.
    async fn begin(&self, id: Id, now: Moment) -> Result<(), Error> {
        let none = Credentials {
            id,
            // No hash, so nobody's.
            password: "none".to_owned(),
            changedon: now,
            code: None,
        };
        self.credentials.insert_if_absent(&none).await.map(drop)
    }
}

/// Sets a password; a code for another is of no use any more.
fn set(hash: &str, now: Moment) -> Document {
    doc! {"$set": {"password": hash, "changedon": now}, "$unset": {"code": ""}}
}
