//! What the service asks of storage.

use bson::{Document, doc, oid::ObjectId};
use data_api_client::{Client, Error};
use door::Transport;
use service::{Page, PageRequest};

use crate::model::Showtime;

/// Which showtimes a list is of; everything that is given has to hold.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The first day.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// With this film.
    pub movie: Option<ObjectId>,
    /// Just these.
    pub ids: Option<Vec<ObjectId>>,
}

/// The programme.
pub trait Storage {
    /// Whether storage answers.
    async fn ping(&self) -> Result<(), Error>;
    /// A page of the showtimes that are wanted, in order of id.
    async fn list(&self, wanted: &Wanted, page: PageRequest) -> Result<Page<Showtime>, Error>;
    /// One showtime.
    async fn find(&self, id: ObjectId) -> Result<Option<Showtime>, Error>;
    /// Adds a showtime.
    async fn add(&self, showtime: &Showtime) -> Result<(), Error>;
    /// Removes a showtime; says whether it was there.
    async fn remove(&self, id: ObjectId) -> Result<bool, Error>;
}

const COLLECTION: &str = "showtimes";

impl<T: Transport> Storage for Client<T> {
    async fn ping(&self) -> Result<(), Error> {
        Client::ping(self).await
    }

    async fn list(&self, wanted: &Wanted, page: PageRequest) -> Result<Page<Showtime>, Error> {
        let showtimes = self.collection::<Showtime>(COLLECTION);
        page.fetch_where(
            &showtimes,
            filter(wanted),
            |showtime| showtime.id,
            |showtime| wanted.takes(showtime),
        )
        .await
    }

    async fn find(&self, id: ObjectId) -> Result<Option<Showtime>, Error> {
        self.collection(COLLECTION).find_one(doc! {"_id": id}).await
    }

    async fn add(&self, showtime: &Showtime) -> Result<(), Error> {
        self.collection(COLLECTION).insert_one(showtime).await?;
        Ok(())
    }

    async fn remove(&self, id: ObjectId) -> Result<bool, Error> {
        Ok(self
            .collection::<Showtime>(COLLECTION)
            .delete_one(doc! {"_id": id})
            .await?
            > 0)
    }
}

impl Wanted {
    /// Days as texts stand in order, so they compare as such.
    fn takes(&self, showtime: &Showtime) -> bool {
        let day = showtime.date.as_deref();
        self.from
            .as_deref()
            .is_none_or(|from| day.is_some_and(|day| day >= from))
            && self
                .to
                .as_deref()
                .is_none_or(|to| day.is_some_and(|day| day <= to))
            && self
                .movie
                .is_none_or(|movie| showtime.movies.contains(&movie))
    }
}

/// What storage can tell: never fewer than are wanted. Days that other programs stored as dates or numbers, which do not
/// compare with ours, are looked at afterwards.
fn filter(wanted: &Wanted) -> Document {
    let mut demands = Vec::new();
    let mut days = Document::new();
    if let Some(from) = &wanted.from {
        days.insert("$gte", from);
    }
    if let Some(to) = &wanted.to {
        // A full time of that day, as a text, begins with the day.
        days.insert("$lte", format!("{to}~"));
    }
    if !days.is_empty() {
        demands.push(doc! {"$or": [
            {"date": days},
            {"date": {"$type": ["date", "number"]}},
            {"date": {"$regex": "^[0-9]{8}"}},
        ]});
    }
    if let Some(movie) = wanted.movie {
        demands.push(doc! {"movies": {"$in": [movie, movie.to_hex()]}});
    }
    if let Some(ids) = &wanted.ids {
        demands.push(doc! {"_id": {"$in": ids.clone()}});
    }
    if demands.is_empty() {
        Document::new()
    } else {
        doc! {"$and": demands}
    }
}
