//! What the service asks of storage.

use bson::{Bson, Document, doc};
use data_api_client::{Client, Collection, Error, Find, given};
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

impl Wanted {
    fn filter(self) -> Document {
        // A single day is asked for as such, which any index answers. Days as texts stand in order.
        let date = match (self.from, self.to) {
            (None, None) => None,
            (Some(from), Some(to)) if from == to => Some(from.into()),
            (from, to) => {
                let days = [("$gte", from.map(Bson::from)), ("$lte", to.map(Bson::from))];
                Some(given(days).into())
            }
        };
        given([
            ("date", date),
            ("movies", self.movie.map(Bson::from)),
            ("_id", self.ids.map(|ids| doc! {"$in": ids}.into())),
        ])
    }
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

    /// Whether storage answers and takes writes.
    pub async fn ready(&self) -> Result<(), Error> {
        self.client.ready().await
    }

    /// A page of the showtimes that are wanted, in order of id.
    pub async fn list(&self, wanted: Wanted, page: PageRequest) -> Result<Page<Showtime>, Error> {
        self.showtimes.page(wanted.filter(), page).await
    }

    /// The first of the showtimes that are wanted, in order of day. It is one page: an id does not say where the next would begin.
    pub async fn soonest(&self, wanted: Wanted, limit: u32) -> Result<Page<Showtime>, Error> {
        let mut filter = wanted.filter();
        // What every showtime meets leads to the index that is in this order.
        (filter.entry("date")).or_insert_with(|| doc! {"$exists": true}.into());
        let find = Find::filter(filter).sort(doc! {"date": 1, "_id": 1});
        let items = self.showtimes.find(find.limit(limit)).await?;
        Ok(Page { items, next: None })
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
