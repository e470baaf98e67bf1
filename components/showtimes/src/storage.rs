//! What the service asks of storage.

use bson::{Bson, doc};
use data_api_client::{Client, Collection, Error, given};
use door::Transport;
use service::{Day, Id, Page, PageRequest};

use crate::model::Showtime;

/// Which showtimes a list is of; everything that is given has to hold.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
    /// With this film.
    pub movie: Option<Id>,
    /// Just these.
    pub ids: Option<Vec<Id>>,
}

/// The programme.
pub struct Storage<T> {
    client: Client<T>,
    showtimes: Collection<T, Showtime>,
}

impl<T: Transport> Storage<T> {
    /// The programme of a storage.
    pub fn new(client: Client<T>) -> Self {
        Self {
            showtimes: client.collection("showtimes"),
            client,
        }
    }

    /// Whether storage answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.client.ping().await
    }

    /// A page of the showtimes that are wanted, in order of id.
    pub async fn list(&self, wanted: Wanted, page: PageRequest) -> Result<Page<Showtime>, Error> {
        // A single day is asked for as such, which any index answers. Days as texts stand in order.
        let date = match (wanted.from, wanted.to) {
            (None, None) => None,
            (Some(from), Some(to)) if from == to => Some(from.into()),
            (from, to) => {
                let days = [("$gte", from.map(Bson::from)), ("$lte", to.map(Bson::from))];
                Some(given(days).into())
            }
        };
        let filter = given([
            ("date", date),
            ("movies", wanted.movie.map(Bson::from)),
            ("_id", wanted.ids.map(|ids| doc! {"$in": ids}.into())),
        ]);
        self.showtimes.page(filter, page).await
    }

    /// One showtime.
    pub async fn find(&self, id: Id) -> Result<Option<Showtime>, Error> {
        self.showtimes.find_one(doc! {"_id": id}).await
    }

    /// Adds a showtime.
    pub async fn add(&self, showtime: &Showtime) -> Result<(), Error> {
        self.showtimes.insert_one(showtime).await.map(drop)
    }

    /// Removes a showtime; says whether it was there.
    pub async fn remove(&self, id: Id) -> Result<bool, Error> {
        Ok(self.showtimes.delete_one(doc! {"_id": id}).await? > 0)
    }
}
