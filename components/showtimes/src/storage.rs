//! What the service asks of storage.
//!
//! Every method that changes something is a single atomic request on a single document, and may be sent again: doing it
//! twice is as good as once.

use std::time::Duration;

use bson::{Bson, Document, doc};
use data_api_client::{Client, Collection, Error, Find, PAGE, Place, given, living};
use door::Transport;
use service::{Clock, Day, Id};

use crate::{
    model::{Entry, Showtime, Spot, Tombstone},
    sheets::Screens,
};

const SHOWTIMES: &str = "showtimes";

/// No request is on its way for so long.
const HOUR: Duration = Duration::from_secs(60 * 60);

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
    fn on(&self, date: Bson) -> Document {
        living(given([
            ("date", Some(date)),
            ("movies", self.movie.map(Bson::from)),
            ("_id", self.ids.clone().map(|ids| doc! {"$in": ids}.into())),
        ]))
    }

    /// Those of one day, which any index answers.
    fn of_day(&self, day: &str) -> Document {
        self.on(day.into())
    }

    /// Those of the days after one, or of all. Days as texts stand in order.
    fn after(&self, day: &str) -> Document {
        let mut days = match self.from {
            Some(from) if from.to_string().as_str() > day => doc! {"$gte": from},
            _ => doc! {"$gt": day},
        };
        days.extend(self.to.map(|to| ("$lte".to_owned(), to.into())));
        self.on(days.into())
    }

    fn holds(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// The programme, and which screen is taken when.
pub struct Storage<T> {
    client: Client<T>,
    pub clock: Clock,
    pub screens: Screens<T>,
    showtimes: Collection<T, Showtime>,
    entries: Collection<T, Entry>,
}

impl<T: Transport> Storage<T> {
    /// The programme of a storage, on a clock.
    pub fn new(client: Client<T>, clock: Clock) -> Self {
        Self {
            clock,
            screens: Screens::new(&client),
            showtimes: client.collection(SHOWTIMES),
            entries: client.collection(SHOWTIMES).idempotent(),
            client,
        }
    }

    /// Whether storage answers and takes writes.
    pub async fn ready(&self) -> Result<(), Error> {
        self.client.ready().await
    }

    /// The first of the showtimes that are wanted after a place, in the programme's order, and whether others follow. Storage has
    /// them in the order of days: a day of which it may not have given all is asked for as a whole.
    pub async fn programme(
        &self,
        wanted: &Wanted,
        after: Option<&Spot>,
        limit: usize,
    ) -> Result<(Vec<Showtime>, bool), Error> {
        let mut found = Vec::new();
        let mut day = String::new();
        if let Some(spot) = after {
            day = spot.date.to_string();
            if wanted.holds(spot.date) {
                found = self.showtimes.find_each(wanted.of_day(&day)).await?;
                found.retain(|showtime| showtime.spot() > *spot);
            }
        }
        while found.len() <= limit {
            let asked = (limit + 1 - found.len()).min(PAGE as usize);
            let find = Find::filter(wanted.after(&day)).sort(doc! {"date": 1, "_id": 1});
            let part = (self.showtimes)
                .find_documents(find.limit(asked as u32))
                .await?;
            let mut days = part.iter().rev().filter_map(|one| one.get_str("date").ok());
            let last = days
                .next()
                .filter(|_| part.len() == asked)
                .map(str::to_owned);
            let Some(last) = last else {
                found.extend(self.showtimes.readable(part));
                break;
            };
            day = last;
            let before = part
                .into_iter()
                .filter(|one| one.get_str("date").ok() != Some(day.as_str()));
            found.extend(self.showtimes.readable(before.collect()));
            found.extend(self.showtimes.find_each(wanted.of_day(&day)).await?);
        }
        found.sort_by_cached_key(Showtime::spot);
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }

    /// All showtimes of a day.
    pub async fn day(&self, day: Day) -> Result<Vec<Showtime>, Error> {
        let filter = Wanted::default().of_day(&day.to_string());
        self.showtimes.find_each(filter).await
    }

    /// One showtime.
    pub async fn find(&self, id: Id) -> Result<Option<Showtime>, Error> {
        Ok(self.entry(id).await?.and_then(Place::living))
    }

    /// What stands under a showtime's id.
    pub async fn entry(&self, id: Id) -> Result<Option<Entry>, Error> {
        self.entries.find_one(doc! {"_id": id}).await
    }

    /// Adds a showtime. False where it was given up on before.
    pub async fn add(&self, showtime: &Showtime) -> Result<bool, Error> {
        let entry = Place::Living(showtime.clone());
        Ok(self.entries.insert_if_absent(&entry).await?.is_none())
    }

    /// Puts a tombstone where a showtime has not been written, and says what stands there then.
    pub async fn void(&self, id: Id) -> Result<Entry, Error> {
        let tombstone = Place::Void(self.tombstone(id));
        Ok((self.entries.insert_if_absent(&tombstone).await?).unwrap_or(tombstone))
    }

    /// Changes a showtime, where it still is as it was read. False where it is not.
    pub async fn change(&self, read: &Showtime, changed: &Showtime) -> Result<bool, Error> {
        let mut fields = self.showtimes.written(changed)?;
        fields.remove("_id");
        let old = self.showtimes.written(read)?;
        let gone = (old.keys()).filter(|key| *key != "_id" && !fields.contains_key(key.as_str()));
        let gone: Document = gone.map(|key| (key.clone(), Bson::from(""))).collect();
        let mut update = doc! {"$set": fields};
        if !gone.is_empty() {
            update.insert("$unset", gone);
        }
        if self
            .entries
            .update_one(as_read(read), update)
            .await?
            .matched
            > 0
        {
            return Ok(true);
        }
        // Perhaps an earlier try went through, and only its answer was lost.
        Ok(self.find(read.id).await?.as_ref() == Some(changed))
    }

    /// Gives a showtime another revision, where it still is as it was read, so that no change of that can be written any more.
    pub async fn fence(&self, read: &Showtime) -> Result<(), Error> {
        let update = doc! {"$set": {"revision": read.revision.saturating_add(1)}};
        let fenced = self.entries.update_one(as_read(read), update);
        fenced.await.map(drop)
    }

    /// Removes a showtime, so that it can't be written again by a request that is late.
    pub async fn remove(&self, showtime: &Showtime) -> Result<(), Error> {
        let tombstone = self.tombstone(showtime.id);
        let removed = self.entries.bury(showtime, &tombstone, doc! {}, |_| true);
        removed.await.map(drop)
    }

    fn tombstone(&self, id: Id) -> Tombstone {
        let voided = self.clock.now();
        Tombstone { id, voided }
    }

    /// Clears tombstones away that are an hour old: no request that began before them can still be on its way.
    pub async fn clear_tombstones(&self) {
        let over = doc! {"voided": {"$lt": self.clock.now().before(HOUR)}};
        self.entries.clear(over).await;
    }
}

/// The filter for a showtime, as long as it has the revision that was read; without one, it was never changed.
fn as_read(showtime: &Showtime) -> Document {
    let mut revisions = vec![Bson::from(showtime.revision)];
    if showtime.revision == 0 {
        revisions.push(Bson::Null);
    }
    living(doc! {"_id": showtime.id, "revision": {"$in": revisions}})
}
