//! What the service asks of storage.

use bson::{Bson, Document, doc};
use data_api_client::{Client, Collection, Error, Find, given};
use door::Transport;
use service::{Id, Page, PageRequest};

use crate::model::{Movie, MovieChanges, RATING};

/// Of so many films are the directors looked up at once: each director is a search of its own in storage's index.
const ALIKE: usize = 10;

/// Which films a list is of; everything that is given has to hold.
#[derive(Debug, Default)]
pub struct Wanted {
    /// A part of the title, in any case.
    pub title: Option<String>,
    /// A part of the director's name, in any case.
    pub director: Option<String>,
    /// By the directors of these, up to the tenth.
    pub like: Option<Vec<Id>>,
    /// The least rating.
    pub min_rating: Option<f64>,
    /// The greatest rating.
    pub max_rating: Option<f64>,
    /// Just these.
    pub ids: Option<Vec<Id>>,
}

/// The catalogue.
pub struct Storage<T> {
    client: Client<T>,
    movies: Collection<T, Movie>,
}

impl<T: Transport> Storage<T> {
    /// The catalogue of a storage.
    pub fn new(client: Client<T>) -> Self {
        Self {
            movies: client.collection("movies"),
            client,
        }
    }

    /// Whether storage answers and takes writes.
    pub async fn ready(&self) -> Result<(), Error> {
        self.client.ready().await
    }

    /// A page of the films that are wanted, in order of id.
    pub async fn list(&self, wanted: Wanted, page: PageRequest) -> Result<Page<Movie>, Error> {
        let filter = self.filter(wanted).await?;
        self.movies.page(filter, page).await
    }

    /// The best-rated of the films that are wanted, and the newest of those that are rated alike. It is one page: a film's rating
    /// changes, and with it the film's place, so that from page to page it would be skipped or come again.
    pub async fn best(&self, mut wanted: Wanted, limit: u32) -> Result<Page<Movie>, Error> {
        // What every film meets leads to the index that is in this order.
        wanted.min_rating.get_or_insert(*RATING.start());
        let find = Find::filter(self.filter(wanted).await?);
        let find = find.sort(doc! {"rating": -1, "_id": -1}).limit(limit);
        let items = self.movies.find(find).await?;
        Ok(Page { items, next: None })
    }

    async fn filter(&self, wanted: Wanted) -> Result<Document, Error> {
        let part = |part: String| doc! {"$regex": quoted(&part), "$options": "i"};
        let ratings = given([
            ("$gte", wanted.min_rating.map(Bson::from)),
            ("$lte", wanted.max_rating.map(Bson::from)),
        ]);
        let mut filter = given([
            ("title", wanted.title.map(|title| part(title).into())),
            ("director", wanted.director.map(|name| part(name).into())),
            ("rating", (!ratings.is_empty()).then(|| ratings.into())),
            ("_id", wanted.ids.map(|ids| doc! {"$in": ids}.into())),
        ]);
        if let Some(like) = wanted.like {
            let directors = doc! {"director": {"$in": self.directors(&like).await?}};
            filter.insert("$and", vec![directors]);
        }
        Ok(filter)
    }

    /// The directors of films, up to the tenth film.
    async fn directors(&self, ids: &[Id]) -> Result<Vec<String>, Error> {
        let ids = ids[..ids.len().min(ALIKE)].to_vec();
        let found = self.movies.find(Find::filter(doc! {"_id": {"$in": ids}}));
        Ok(found.await?.into_iter().map(|film| film.director).collect())
    }

    /// One film.
    pub async fn find(&self, id: Id) -> Result<Option<Movie>, Error> {
        self.movies.find_one(doc! {"_id": id}).await
    }

    /// Adds a film.
    pub async fn add(&self, movie: &Movie) -> Result<(), Error> {
        self.movies.insert_one(movie).await.map(drop)
    }

    /// Changes a film, and gives it as it is then.
    pub async fn change(&self, id: Id, changes: MovieChanges) -> Result<Option<Movie>, Error> {
        let fields = given([
            ("title", changes.title.map(Bson::from)),
            ("director", changes.director.map(Bson::from)),
            ("rating", changes.rating.map(Bson::from)),
            ("minutes", changes.minutes.flatten().map(Bson::from)),
            ("poster", changes.poster.clone().flatten().map(Bson::from)),
        ]);
        let gone = |is_gone: bool| is_gone.then(|| Bson::from(""));
        let gone = given([
            ("minutes", gone(changes.minutes == Some(None))),
            ("poster", gone(changes.poster == Some(None))),
        ]);
        let update = given([
            ("$set", (!fields.is_empty()).then(|| fields.into())),
            ("$unset", (!gone.is_empty()).then(|| gone.into())),
        ]);
        if !update.is_empty() {
            // Only what was given is written, so two who change different fields both succeed; twice is the same as once.
            let movies = self.movies.idempotent();
            movies.update_one(doc! {"_id": id}, update).await?;
        }
        self.find(id).await
    }

    /// Removes a film; says whether it was there.
    pub async fn remove(&self, id: Id) -> Result<bool, Error> {
        Ok(self.movies.delete_one(doc! {"_id": id}).await? > 0)
    }
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
