//! What the service asks of storage, and its one implementation over the Data API client.
//!
//! Each method that changes something is one atomic request on one document. All but `remove` may be sent again: doing it
//! twice is as good as once.

use bson::{DateTime, Document, doc};
use data_api_client::{
    Client, Collection, Error, Find, Raw,
    lenient::{self, Lenient},
};
use door::Transport;
use passwords::Credentials;
use service::Id;
use service::{Page, PageRequest};

use crate::model::User;

/// What stands under a username: whom it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Reservation {
    /// The name, lower-case.
    pub username: String,
    /// The user who has it, or is to have it.
    pub userid: Id,
    /// Since when.
    pub at: DateTime,
}

/// The users.
pub trait Storage {
    /// Whether storage answers.
    async fn ping(&self) -> Result<(), Error>;

    /// A page of the users, in order of id.
    async fn list(&self, page: PageRequest) -> Result<Page<User>, Error>;

    /// One user.
    async fn find(&self, id: Id) -> Result<Option<User>, Error>;

    /// Whether a user has this name, in any case, whichever program wrote them.
    async fn is_named(&self, username: &str) -> Result<bool, Error>;

    /// Writes a user where nothing stands under their id. False when that place was made void.
    async fn write(&self, user: &User) -> Result<bool, Error>;

    /// Makes void a user's place where nothing stands, so that nothing can be written there any more. False when the user
    /// is there.
    async fn void(&self, id: Id) -> Result<bool, Error>;

    /// Keeps a user's password, apart from the user.
    async fn keep(&self, credentials: &Credentials) -> Result<(), Error>;

    /// Forgets a user's password, if there is one.
    async fn forget(&self, id: Id) -> Result<(), Error>;

    /// Removes a user. False when there is none.
    async fn remove(&self, id: Id) -> Result<bool, Error>;

    /// Reserves a name where it is free, and gives what stands there then: this reservation, or the one that was first.
    async fn reserve(&self, reservation: &Reservation) -> Result<Reservation, Error>;

    /// Puts one reservation in the place of another of the same name. False when that one does not stand there any more.
    async fn replace(&self, old: &Reservation, new: &Reservation) -> Result<bool, Error>;

    /// Frees a name, if it is reserved for this user.
    async fn free(&self, username: &str, userid: Id) -> Result<(), Error>;
}

/// Storage over the Data API.
pub struct DataApi<T> {
    client: Client<T>,
    users: Collection<T, User>,
    places: Collection<T, Raw>,
    names: Collection<T, Reservation>,
    credentials: Collection<T, Credentials>,
}

/// The field that marks a place in `users` as void: since when it is.
const VOIDED: &str = "voided";

impl<T: Transport> DataApi<T> {
    /// Storage behind a client.
    pub fn new(client: Client<T>) -> Self {
        Self {
            users: client.collection("users"),
            places: client.collection("users").idempotent(),
            names: client.collection("usernames").idempotent(),
            credentials: client.collection(passwords::COLLECTION).idempotent(),
            client,
        }
    }

    /// Writes a document under a user's id where nothing stands; says whether the one that stands there then is void.
    ///
    /// By an upsert that changes nothing where it finds something: unlike an insert, it tells on every server what was there.
    async fn settle(&self, id: Id, mut document: Document) -> Result<bool, Error> {
        document.remove("_id");
        let is_void = document.contains_key(VOIDED);
        let update = doc! {"$setOnInsert": document};
        match self
            .places
            .update_one_upsert(doc! {"_id": id}, update)
            .await
        {
            Ok(updated) if updated.upserted.is_some() => return Ok(is_void),
            Ok(_) | Err(Error::DuplicateKey) => {}
            Err(error) => return Err(error),
        }
        match self.places.find_one(doc! {"_id": id}).await? {
            Some(standing) => Ok(standing.contains_key(VOIDED)),
            None => Err(Error::Busy),
        }
    }
}

impl<T: Transport> Storage for DataApi<T> {
    async fn ping(&self) -> Result<(), Error> {
        self.client.ping().await
    }

    async fn list(&self, page: PageRequest) -> Result<Page<User>, Error> {
        self.users.page(living(doc! {}), page).await
    }

    async fn find(&self, id: Id) -> Result<Option<User>, Error> {
        self.users.find_one(living(doc! {"_id": id})).await
    }

    async fn is_named(&self, username: &str) -> Result<bool, Error> {
        // Of what a username may hold, only the dot means something in a regular expression.
        let pattern = format!("^{}$", username.replace('.', r"\."));
        let filter = doc! {"username": {"$regex": pattern, "$options": "i"}};
        Ok(!self
            .users
            .find(Find::filter(filter).limit(1))
            .await?
            .is_empty())
    }

    async fn write(&self, user: &User) -> Result<bool, Error> {
        Ok(!self.settle(user.id, user.to_document()).await?)
    }

    async fn void(&self, id: Id) -> Result<bool, Error> {
        self.settle(id, doc! {VOIDED: DateTime::now()}).await
    }

    async fn keep(&self, credentials: &Credentials) -> Result<(), Error> {
        self.credentials.insert_one(credentials).await?;
        Ok(())
    }

    async fn forget(&self, id: Id) -> Result<(), Error> {
        self.credentials.delete_one(doc! {"_id": id}).await?;
        Ok(())
    }

    async fn remove(&self, id: Id) -> Result<bool, Error> {
        Ok(self.users.delete_one(living(doc! {"_id": id})).await? > 0)
    }

    async fn reserve(&self, reservation: &Reservation) -> Result<Reservation, Error> {
        match self.names.insert_one(reservation).await {
            Ok(_) => return Ok(reservation.clone()),
            Err(Error::DuplicateKey) => {}
            Err(error) => return Err(error),
        }
        let filter = doc! {"_id": &reservation.username};
        self.names.find_one(filter).await?.ok_or(Error::Busy)
    }

    async fn replace(&self, old: &Reservation, new: &Reservation) -> Result<bool, Error> {
        let filter = doc! {"_id": &old.username, "userid": old.userid};
        let update = doc! {"$set": {"userid": new.userid, "at": new.at}};
        if self.names.update_one(filter, update).await?.matched > 0 {
            return Ok(true);
        }
        // Another was first, unless it was this very call and its answer was lost.
        let standing = self.names.find_one(doc! {"_id": &new.username}).await?;
        Ok(standing.is_some_and(|standing| standing.userid == new.userid))
    }

    async fn free(&self, username: &str, userid: Id) -> Result<(), Error> {
        let filter = doc! {"_id": username.to_lowercase(), "userid": userid};
        self.names.delete_one(filter).await?;
        Ok(())
    }
}

impl Lenient for Reservation {
    fn from_document(document: Document) -> Self {
        Self {
            username: lenient::text(&document, "_id").unwrap_or_default(),
            userid: lenient::object_id(&document, "userid").map_or(Id::LEAST, Id::from),
            at: lenient::date(&document, "at").unwrap_or(DateTime::from_millis(0)),
        }
    }

    fn to_document(&self) -> Document {
        doc! {"_id": &self.username, "userid": self.userid, "at": self.at}
    }
}

/// A filter that passes over void places.
fn living(mut filter: Document) -> Document {
    filter.insert(VOIDED, doc! {"$exists": false});
    filter
}

data_api_client::read_leniently!(Reservation);
