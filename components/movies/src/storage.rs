//! What the service asks of storage.

use bson::{Document, doc, oid::ObjectId};
use data_api_client::{Client, Error};
use door::Transport;
use service::{Page, PageRequest};

use crate::model::Movie;

/// Which films a list is of; everything that is given has to hold.
#[derive(Debug, Default)]
pub struct Wanted {
    /// A part of the title, in any case.
    pub title: Option<String>,
    /// A part of the director's name, in any case.
    pub director: Option<String>,
    /// The least rating.
    pub min_rating: Option<f64>,
    /// Just these.
    pub ids: Option<Vec<ObjectId>>,
}

/// The catalogue.
pub trait Storage {
    /// Whether storage answers.
    async fn ping(&self) -> Result<(), Error>;
    /// A page of the films that are wanted, in order of id.
    async fn list(&self, wanted: &Wanted, page: PageRequest) -> Result<Page<Movie>, Error>;
    /// One film.
    async fn find(&self, id: ObjectId) -> Result<Option<Movie>, Error>;
    /// Adds a film.
    async fn add(&self, movie: &Movie) -> Result<(), Error>;
    /// Changes fields of a film, and gives it as it is then.
    async fn change(&self, id: ObjectId, changes: Document) -> Result<Option<Movie>, Error>;
    /// Removes a film; says whether it was there.
    async fn remove(&self, id: ObjectId) -> Result<bool, Error>;
}

const COLLECTION: &str = "movies";

impl<T: Transport> Storage for Client<T> {
    async fn ping(&self) -> Result<(), Error> {
        Client::ping(self).await
    }

    async fn list(&self, wanted: &Wanted, page: PageRequest) -> Result<Page<Movie>, Error> {
        let movies = self.collection::<Movie>(COLLECTION);
        let Some(least) = wanted.min_rating else {
            return page.fetch(&movies, filter(wanted), |movie| movie.id).await;
        };
        // Ratings that other programs stored as strings can't be compared by storage.
        let good = |movie: &Movie| movie.rating.is_some_and(|rating| rating >= least);
        page.fetch_where(&movies, filter(wanted), |movie| movie.id, good)
            .await
    }

    async fn find(&self, id: ObjectId) -> Result<Option<Movie>, Error> {
        self.collection(COLLECTION).find_one(doc! {"_id": id}).await
    }

    async fn add(&self, movie: &Movie) -> Result<(), Error> {
        self.collection(COLLECTION).insert_one(movie).await?;
        Ok(())
    }

    async fn change(&self, id: ObjectId, changes: Document) -> Result<Option<Movie>, Error> {
        if !changes.is_empty() {
            // Only what was given is written, so two who change different fields both succeed; twice is the same as once.
            let movies = self.collection::<Movie>(COLLECTION).idempotent();
            movies
                .update_one(doc! {"_id": id}, doc! {"$set": changes})
                .await?;
        }
        Storage::find(self, id).await
    }

    async fn remove(&self, id: ObjectId) -> Result<bool, Error> {
        Ok(self
            .collection::<Movie>(COLLECTION)
            .delete_one(doc! {"_id": id})
            .await?
            > 0)
    }
}

fn filter(wanted: &Wanted) -> Document {
    let mut filter = Document::new();
    for (field, part) in [("title", &wanted.title), ("director", &wanted.director)] {
        if let Some(part) = part {
            filter.insert(field, doc! {"$regex": quoted(part), "$options": "i"});
        }
    }
    if let Some(least) = wanted.min_rating {
        // A rating is rounded when it is shown, so what rounds up to the least is wanted, too.
        filter.insert(
            "$or",
            vec![
                doc! {"rating": {"$gte": least - 0.05}},
                doc! {"rating": {"$type": "string"}},
            ],
        );
    }
    if let Some(ids) = &wanted.ids {
        filter.insert("_id", doc! {"$in": ids.clone()});
    }
    filter
}

/// A text as a regular expression that matches just it, in the dialects of all servers.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // BSON's regular expressions end at the first null.
            '\0' => quoted.push_str(r"\x00"),
            character => {
                if r"\.+*?()|[]{}^$".contains(character) {
                    quoted.push('\\');
                }
                quoted.push(character);
            }
        }
    }
    quoted
}
