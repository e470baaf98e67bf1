//! Users in storage, with their names and passwords.
//!
//! A name is given to one user, whoever else asks for it at the same time: it is reserved by a document whose `_id` it is, since
//! `_id` is what every server keeps unique. Then the password is written, then the user, so that whoever is there can sign in. A
//! process that dies in between leaves a reservation without a user. A minute later, whoever wants the name first makes void the
//! place of the user who was to have it, so that a write still on its way can't arrive after all, and then puts a reservation of
//! their own in its place, by one conditional update.
//!
//! Each change is one request on one document, and may be sent again: doing it twice is as good as once.

use std::time::Duration;

use bson::{Bson, Document, doc};
use data_api_client::{
    Client, Collection, Error, Id, Moment, Page, PageRequest, Place, given, living,
};
use door::Transport;
use futures::try_join;
use serde::{Deserialize, Serialize};

use crate::{Credentials, User};

/// How long a reservation waits for its user to be written.
const PATIENCE: Duration = Duration::from_secs(60);

/// Users, names and credentials.
pub struct Accounts<T> {
    pub(crate) users: Collection<T, User>,
    places: Collection<T, Place<User, Tombstone>>,
    names: Collection<T, Reservation>,
    pub(crate) credentials: Collection<T, Credentials>,
}

/// Under a user's id: nobody can be written here any more.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tombstone {
    #[serde(alias = "_id")]
    id: Id,
    voided: Moment,
}

/// Under a username: whom it is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Reservation {
    /// The name, lower-case.
    #[serde(alias = "_id")]
    id: String,
    /// The user who has it, or is to have it.
    userid: Id,
    at: Moment,
}

impl<T: Transport> Accounts<T> {
    /// Those of a storage.
    pub fn new(client: &Client<T>) -> Self {
        Self {
            users: client.collection("users"),
            places: client.collection("users"),
            names: client.collection("usernames").idempotent(),
            credentials: client.collection("credentials").idempotent(),
        }
    }

    /// A page of the users, in order of id: of just these, if `ids` says so, and of those whose names begin with `username`.
    pub async fn list(
        &self,
        ids: Option<Vec<Id>>,
        username: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<User>, Error> {
        let names = username.map(|begin| doc! {"$gte": begin, "$lt": format!("{begin}\u{10ffff}")});
        let filter = given([
            ("_id", ids.map(|ids| doc! {"$in": ids}.into())),
            ("username", names.map(Bson::from)),
        ]);
        self.users.page(living(filter), page).await
    }

    /// One user.
    pub async fn find(&self, id: Id) -> Result<Option<User>, Error> {
        self.users.find_one(living(doc! {"_id": id})).await
    }

    /// The user of a name, lower-case, with their credentials. Asks as much for a name that nobody has.
    pub async fn named(&self, username: &str) -> Result<Option<(User, Credentials)>, Error> {
        let name = self.names.find_one(doc! {"_id": username}).await?;
        let id = name.map_or(Id::LEAST, |name| name.userid);
        let credentials = self.credentials.find_one(doc! {"_id": id});
        let (user, credentials) = try_join!(self.find(id), credentials)?;
        // A reservation can outlive its user, or come before one.
        Ok(user
            .filter(|user| user.username == username)
            .zip(credentials))
    }

    /// Changes the fields that are given, and gives the user as they are then. None where there is no such user.
    pub async fn change(&self, id: Id, fields: Document) -> Result<Option<User>, Error> {
        if !fields.is_empty() {
            let update = doc! {"$set": fields};
            (self
                .users
                .idempotent()
                .update_one(living(doc! {"_id": id}), update))
            .await?;
        }
        self.find(id).await
    }

    /// Adds a user. False when the name is taken.
    pub async fn register(&self, user: &User, credentials: &Credentials) -> Result<bool, Error> {
        // Those whom `cinema adopt` brought in have no reservation.
        let adopted = self.users.find_one(doc! {"username": &user.username});
        if adopted.await?.is_some() || !self.reserve(user).await? {
            return Ok(false);
        }
        self.credentials.insert_one(credentials).await?;
        let written = self.write(user).await?;
        if !written {
            self.forget(user.id).await?;
        }
        Ok(written)
    }

    /// Removes a user with their password, and frees their name. False when there is no such user.
    pub async fn remove(&self, id: Id) -> Result<bool, Error> {
        let Some(user) = self.find(id).await? else {
            return Ok(false);
        };
        // In this order: a name is free only when nobody has it. Where a later step fails, the name is had again in a minute, and a
        // password without a user opens nothing.
        let removed = self.users.delete_one(living(doc! {"_id": id})).await? > 0;
        self.forget(id).await?;
        let name = doc! {"_id": user.username, "userid": id};
        self.names.delete_one(name).await?;
        Ok(removed)
    }

    /// Writes a user where nothing stands under their id. False where that place was made void.
    pub async fn write(&self, user: &User) -> Result<bool, Error> {
        let ours = Place::Living(user.clone());
        let standing = self.places.insert_if_absent(&ours).await?;
        Ok(!matches!(standing, Some(Place::Void(_))))
    }

    /// Makes a user's place void where nothing stands. False where the user is there.
    async fn void(&self, id: Id) -> Result<bool, Error> {
        let voided = Moment::now();
        let tombstone = Place::Void(Tombstone { id, voided });
        let standing = self.places.insert_if_absent(&tombstone).await?;
        Ok(!matches!(standing, Some(Place::Living(_))))
    }

    async fn forget(&self, id: Id) -> Result<(), Error> {
        self.credentials
            .delete_one(doc! {"_id": id})
            .await
            .map(drop)
    }

    /// Reserves a user's name. False where it is somebody else's.
    async fn reserve(&self, user: &User) -> Result<bool, Error> {
        let ours = Reservation {
            id: user.username.clone(),
            userid: user.id,
            at: Moment::now(),
        };
        let Some(first) = self.names.insert_if_absent(&ours).await? else {
            return Ok(true);
        };
        Ok(ours.at.since(first.at) >= PATIENCE
            && self.void(first.userid).await?
            && self.replace(&first, &ours).await?)
    }

    /// Puts one reservation in the place of another of the same name. False where that one does not stand there any more.
    async fn replace(&self, old: &Reservation, new: &Reservation) -> Result<bool, Error> {
        let filter = doc! {"_id": &old.id, "userid": old.userid};
        let update = doc! {"$set": {"userid": new.userid, "at": new.at}};
        if self.names.update_one(filter, update).await?.matched > 0 {
            return Ok(true);
        }
        // Another was first, unless it was this very call and its answer was lost.
        let standing = self.names.find_one(doc! {"_id": &new.id}).await?;
        Ok(standing.is_some_and(|standing| standing.userid == new.userid))
    }
}
