//! A showtime's seats as they are stored, and what is asked of storage about them.

use std::time::Duration;

use bson::{Bson, Document, doc};
use data_api_client::{Client, Collection, Error, Find};
use door::Transport;
use serde::{Deserialize, Serialize};
use service::{Day, Id, Moment};

use crate::model::{Booking, Terms, Tombstone};

/// How many holds a ledger has at most: as many buyers may be on their way at once.
const MOST: usize = 64;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The seats of a booking that nobody has seen written yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// The booking, written or about to be.
    pub booking: Id,
    pub seats: i32,
    /// When they were taken.
    pub at: Moment,
    /// Whose they are. Those of old do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Id>,
    /// The films. Those of old do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub movies: Option<Vec<Id>>,
}

/// One showtime's seats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The showtime's.
    #[serde(alias = "_id")]
    pub id: Id,
    /// The showtime's day when it was sold last, or that on which the ledger was begun: long after, it is cleared away by and by. One
    /// without a day stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    /// Another one whenever something leaves the ledger. Those of old have none, until something does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Id>,
    /// How many are taken. Absent until those of what is booked already are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<i32>,
    pub holds: Vec<Hold>,
    /// The cancelled booking whose seats were given back last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released: Option<Id>,
    /// The terms of sale that were given last, if any were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// Since when nothing is sold any more, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Moment>,
}

impl Ledger {
    /// The terms of sale, by what the showtime says and what the ledger was told: the later ones count.
    pub fn terms<'a>(&'a self, showtime: &'a Terms) -> &'a Terms {
        let later = self.terms.as_ref();
        let later = later.filter(|terms| terms.revision > showtime.revision);
        later.unwrap_or(showtime)
    }

    /// The holds of a user.
    pub fn of(&self, user: Id) -> impl Iterator<Item = &Hold> {
        self.holds
            .iter()
            .filter(move |hold| hold.user == Some(user))
    }

    /// Whether a booking has a hold.
    pub fn has(&self, booking: Id) -> bool {
        self.holds.iter().any(|hold| hold.booking == booking)
    }

    /// The filter for the ledger, as long as nothing has left it since it was read.
    fn since_read(&self) -> Document {
        doc! {"_id": self.id, "epoch": self.epoch.map_or(Bson::Null, Bson::from)}
    }
}

/// The ledgers in storage. Every method is one atomic request, and may be sent again, however late.
pub struct Ledgers<T> {
    documents: Collection<T, Ledger>,
    /// How many holds one has at most.
    pub most: usize,
}

impl<T: Transport> Ledgers<T> {
    /// Those of a storage.
    pub fn new(client: &Client<T>) -> Self {
        Self {
            documents: client.collection("seats").idempotent(),
            most: MOST,
        }
    }

    /// A showtime's ledger, if it was begun.
    pub async fn find(&self, showtime: Id) -> Result<Option<Ledger>, Error> {
        self.documents.find_one(doc! {"_id": showtime}).await
    }

    /// Begins a ledger in which nothing is counted yet, unless there is one.
    pub async fn begin(&self, showtime: Id, today: Day) -> Result<(), Error> {
        let ledger = Ledger {
            id: showtime,
            date: Some(today),
            epoch: Some(Id::new()),
            taken: None,
            holds: Vec::new(),
            released: None,
            terms: None,
            closed: None,
        };
        self.documents.insert_if_absent(&ledger).await.map(drop)
    }

    /// Opens a ledger for sale, in which so many seats are taken, unless it is open or something was given back meanwhile.
    pub async fn open(&self, ledger: &Ledger, taken: i32) -> Result<(), Error> {
        let mut filter = ledger.since_read();
        filter.insert("taken", doc! {"$exists": false});
        let update = doc! {"$set": {"taken": taken}};
        self.documents.update_one(filter, update).await.map(drop)
    }

    /// Enters a booking's hold and counts its seats, where the capacity and the ledger have room, the booking has no hold, its user
    /// none that was not there yet, and nothing has left the ledger since it was read. False when nothing was changed.
    pub async fn take(
        &self,
        ledger: &Ledger,
        capacity: Option<i32>,
        booking: &Booking,
        at: Moment,
    ) -> Result<bool, Error> {
        let hold = Hold {
            booking: booking.id,
            seats: booking.seats,
            at,
            user: Some(booking.userid),
            movies: Some(booking.movies.clone()),
        };
        let known: Vec<Id> = ledger.of(booking.userid).map(|hold| hold.booking).collect();
        let another = doc! {"user": booking.userid, "booking": {"$nin": known}};
        let mut filter = ledger.since_read();
        filter.extend(doc! {
            "taken": room(capacity, hold.seats),
            "holds": {"$not": {"$elemMatch": another}},
            "holds.booking": {"$ne": hold.booking},
            format!("holds.{}", self.most.saturating_sub(1)): {"$exists": false},
        });
        let entered = self.documents.written(&hold)?;
        let mut update = doc! {"$inc": {"taken": hold.seats}, "$push": {"holds": entered}};
        if let Some(date) = booking.date {
            update.insert("$set", doc! {"date": Bson::from(date)});
        }
        self.update(filter, update).await
    }

    /// Notes the terms of sale, where the seats and the films that are held are within them, and nothing has left the ledger since it
    /// was read. False when nothing was changed.
    pub async fn set_terms(&self, ledger: &Ledger, terms: &Terms) -> Result<bool, Error> {
        let beside = doc! {"movies": {"$elemMatch": {"$nin": &terms.movies}}};
        let mut filter = ledger.since_read();
        filter.extend(doc! {
            "taken": room(terms.capacity, 0),
            "holds": {"$not": {"$elemMatch": beside}},
        });
        let terms = self.documents.written(terms)?;
        let update = doc! {"$set": {"terms": terms, "epoch": Id::new()}};
        self.update(filter, update).await
    }

    /// Has nothing sold any more, where nothing has left the ledger since it was read, and, if it is to be `free`, nothing is held.
    /// False when nothing was changed.
    pub async fn close(&self, ledger: &Ledger, now: Moment, free: bool) -> Result<bool, Error> {
        let mut filter = ledger.since_read();
        if free {
            filter.insert("holds.0", doc! {"$exists": false});
        }
        // It stays for as long as somebody may still come with what was shown before.
        let closed = doc! {"closed": now, "date": Bson::from(now.day()), "epoch": Id::new()};
        self.update(filter, doc! {"$set": closed}).await
    }

    /// Strikes the holds of bookings that were seen written out: their seats stay counted.
    pub async fn confirm(&self, ledger: &Ledger, booked: &[Id]) -> Result<(), Error> {
        let update = doc! {
            "$pull": {"holds": {"booking": {"$in": booked}}},
            "$set": {"epoch": Id::new()},
        };
        self.update(ledger.since_read(), update).await.map(drop)
    }

    /// Strikes the hold of a booking out that was never written and never will be, and gives its seats back, if it is there.
    pub async fn drop_hold(&self, showtime: Id, booking: Id, seats: i32) -> Result<(), Error> {
        // With the number of seats, so that what is given back is what was taken.
        let the_hold = doc! {"booking": booking, "seats": seats};
        let filter = doc! {"_id": showtime, "holds": {"$elemMatch": the_hold.clone()}};
        let update = doc! {
            "$inc": {"taken": -seats},
            "$pull": {"holds": the_hold},
            "$set": {"epoch": Id::new()},
        };
        self.update(filter, update).await.map(drop)
    }

    /// Gives back what a cancelled booking owes, where nothing has left the ledger since it was read. False when nothing was changed.
    pub async fn release(&self, ledger: &Ledger, tombstone: &Tombstone) -> Result<bool, Error> {
        let mut update = doc! {
            "$pull": {"holds": {"booking": tombstone.id}},
            "$set": {"epoch": Id::new(), "released": tombstone.id},
        };
        if let (Some(_), Some(seats)) = (ledger.taken, tombstone.seats) {
            update.insert("$inc", doc! {"taken": -seats});
        }
        let mut filter = ledger.since_read();
        filter.insert("taken", doc! {"$exists": ledger.taken.is_some()});
        self.update(filter, update).await
    }

    /// Clears ledgers away of showtimes more than 30 days past, but those in which somebody may just be taking seats. Who asks for
    /// seats there all the same has the ledger begun anew.
    pub async fn clear(&self, now: Moment) {
        let over = doc! {
            "date": {"$lt": now.before(30 * 24 * HOUR).day()},
            "holds.at": {"$not": {"$gte": now.before(HOUR)}},
        };
        self.documents.clear(over).await;
    }

    /// The ledgers that there are of these showtimes.
    pub async fn of(&self, showtimes: &[Id]) -> Result<Vec<Ledger>, Error> {
        let find = Find::filter(doc! {"_id": {"$in": showtimes}});
        self.documents.find(find).await
    }

    async fn update(&self, filter: Document, update: Document) -> Result<bool, Error> {
        Ok(self.documents.update_one(filter, update).await?.matched > 0)
    }
}

/// What a count of seats has to be for so many more to have room.
fn room(capacity: Option<i32>, seats: i32) -> Document {
    match capacity {
        Some(capacity) => doc! {"$lte": capacity.saturating_sub(seats)},
        None => doc! {"$exists": true},
    }
}
