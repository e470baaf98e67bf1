//! What the service asks of storage, and its one implementation over the Data API client.
//!
//! Every method that changes something is a single atomic request on a single document, and may be sent again: doing it
//! twice is as good as once.

use std::collections::HashSet;

use bson::{Bson, DateTime, Document, doc};
use data_api_client::{
    Client, Collection, Error, Find, PAGE, Raw,
    lenient::{self, Lenient},
};
use door::Transport;
use service::Id;
use service::{Page, PageRequest};

use crate::entry::{Entry, Tombstone};
use crate::model::Booking;
use crate::record::{Outcome, Record};
use crate::seats::{Hold, Ledger};

/// A tombstone is kept for so long: by then no request that began before it can still be on its way.
const TOMBSTONES_KEPT_MS: i64 = 60 * 60 * 1000;

const BOOKINGS: &str = "bookings";

/// Which bookings to list.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of this user only.
    pub userid: Option<Id>,
    /// Of this showtime only.
    pub showtimeid: Option<Id>,
    /// With any of these films.
    pub movies: Option<Vec<Id>>,
}

/// What the service asks of storage.
pub trait Storage {
    /// Whether storage answers.
    async fn ping(&self) -> Result<(), Error>;

    /// The time, as holds and tombstones are dated by it.
    fn now(&self) -> DateTime;

    /// A page of the bookings that count.
    async fn list(&self, wanted: &Wanted, page: PageRequest) -> Result<Page<Booking>, Error>;

    /// What stands under a booking's id.
    async fn entry(&self, id: Id) -> Result<Option<Entry>, Error>;

    /// Writes a booking where nothing stands under its id, and says what stands there then: this booking, or what was
    /// there before.
    async fn write(&self, booking: &Booking) -> Result<Entry, Error>;

    /// The same with a tombstone.
    async fn void(&self, id: Id, showtime: Id) -> Result<Entry, Error>;

    /// Turns a booking that counts into a tombstone. False when it was one already.
    async fn cancel(&self, booking: &Booking) -> Result<bool, Error>;

    /// Every booking of a showtime that counts, as it is stored, by whichever program.
    async fn bookings_of(&self, showtime: Id) -> Result<Vec<Document>, Error>;

    /// How many seats all of them have together.
    async fn booked_seats(&self, showtime: Id) -> Result<i64, Error>;

    /// Those of `ids` under which a booking stands that counts.
    async fn live_among(&self, ids: &[Id]) -> Result<HashSet<Id>, Error>;

    /// Removes a showtime's tombstones that are an hour old.
    async fn remove_old_tombstones(&self, showtime: Id) -> Result<(), Error>;

    /// A showtime's ledger, if it was begun.
    async fn ledger(&self, showtime: Id) -> Result<Option<Ledger>, Error>;

    /// Begins a ledger, unless there is one.
    async fn open_ledger(&self, ledger: &Ledger) -> Result<(), Error>;

    /// Enters a hold and counts its seats, where the capacity has room and the booking has no hold yet. False when
    /// nothing was changed.
    async fn take(&self, showtime: Id, capacity: i64, hold: &Hold) -> Result<bool, Error>;

    /// Strikes a hold out and gives its seats back, if it is there.
    async fn release(&self, showtime: Id, hold: &Hold) -> Result<(), Error>;

    /// What is remembered of an `Idempotency-Key`.
    async fn record(&self, key: &str) -> Result<Option<Record>, Error>;

    /// Remembers a key, unless it is known, and gives what is remembered then.
    async fn open_record(&self, record: &Record) -> Result<Record, Error>;

    /// Gives a key whose booking id is used up another one, unless its answer is settled or it has another already.
    async fn renew_record(&self, record: &Record, bookingid: Id) -> Result<(), Error>;

    /// Settles a key's answer, unless it is settled or has gone on to another booking id. False when nothing was changed.
    async fn settle_record(&self, record: &Record, outcome: &Outcome) -> Result<bool, Error>;
}

/// Storage over the Data API.
pub struct DataApi<T> {
    client: Client<T>,
    now: fn() -> DateTime,
}

impl<T: Transport> DataApi<T> {
    /// Storage behind `client`, on a clock.
    pub fn new(client: Client<T>, now: fn() -> DateTime) -> Self {
        Self { client, now }
    }

    fn entries(&self) -> Collection<T, Entry> {
        self.client.collection(BOOKINGS).idempotent()
    }

    fn ledgers(&self) -> Collection<T, Ledger> {
        self.client.collection("seats").idempotent()
    }

    fn records(&self) -> Collection<T, Record> {
        self.client.collection("idempotency").idempotent()
    }

    /// Writes an entry where none is, and gives what stands there then.
    async fn decide(&self, entry: Entry, id: Id) -> Result<Entry, Error> {
        if first_wins(&self.entries(), entry.to_document()).await? {
            return Ok(entry);
        }
        self.entry(id).await?.ok_or(Error::Busy)
    }
}

impl<T: Transport> Storage for DataApi<T> {
    async fn ping(&self) -> Result<(), Error> {
        self.client.ping().await
    }

    fn now(&self) -> DateTime {
        (self.now)()
    }

    async fn list(&self, wanted: &Wanted, page: PageRequest) -> Result<Page<Booking>, Error> {
        let mut filter = Document::new();
        if let Some(user) = wanted.userid {
            filter.insert("userid", reference(user));
        }
        if let Some(showtime) = wanted.showtimeid {
            filter.insert("showtimeid", reference(showtime));
        }
        if let Some(movies) = &wanted.movies {
            filter.insert("movies", doc! {"$in": movies.clone()});
        }
        let bookings = self.client.collection::<Booking>(BOOKINGS);
        bookings.page(live(filter), page).await
    }

    async fn entry(&self, id: Id) -> Result<Option<Entry>, Error> {
        self.entries().find_one(doc! {"_id": id}).await
    }

    async fn write(&self, booking: &Booking) -> Result<Entry, Error> {
        self.decide(Entry::Live(booking.clone()), booking.id).await
    }

    async fn void(&self, id: Id, showtime: Id) -> Result<Entry, Error> {
        let tombstone = Tombstone {
            id,
            showtimeid: Some(showtime),
            voided: self.now(),
            createdon: None,
            by: None,
        };
        self.decide(Entry::Void(tombstone), id).await
    }

    async fn cancel(&self, booking: &Booking) -> Result<bool, Error> {
        let by = Id::new();
        let mut tombstone = Tombstone {
            id: booking.id,
            showtimeid: booking.showtimeid,
            voided: self.now(),
            createdon: Some(booking.createdon),
            by: Some(by),
        }
        .to_document();
        tombstone.remove("_id");
        let update = doc! {
            "$set": tombstone,
            "$unset": {"userid": "", "movies": "", "seats": ""},
        };
        let updated = self
            .entries()
            .update_one(live(doc! {"_id": booking.id}), update)
            .await?;
        if updated.matched > 0 {
            return Ok(true);
        }
        // Another cancellation was first, unless it was this one and its answer was lost.
        match self.entry(booking.id).await? {
            Some(Entry::Void(tombstone)) => Ok(tombstone.by == Some(by)),
            _ => Ok(false),
        }
    }

    async fn bookings_of(&self, showtime: Id) -> Result<Vec<Document>, Error> {
        let filter = live(doc! {"showtimeid": reference(showtime)});
        let bookings = self.client.collection::<Raw>(BOOKINGS);
        let found = bookings.find_all(filter).await?;
        Ok(found.into_iter().map(|raw| raw.0).collect())
    }

    async fn booked_seats(&self, showtime: Id) -> Result<i64, Error> {
        let pipeline = vec![
            doc! {"$match": live(doc! {"showtimeid": reference(showtime)})},
            doc! {"$group": {"_id": Bson::Null, "seats": {"$sum": "$seats"}}},
        ];
        let sums = self.entries().aggregate(pipeline).await?;
        let sum = sums.first().and_then(|sum| lenient::integer(sum, "seats"));
        Ok(sum.unwrap_or(0))
    }

    async fn live_among(&self, ids: &[Id]) -> Result<HashSet<Id>, Error> {
        let mut found = HashSet::new();
        for ids in ids.chunks(PAGE as usize) {
            let find = Find::filter(live(doc! {"_id": {"$in": ids.to_vec()}}));
            let entries = self
                .entries()
                .find(find.projection(doc! {"_id": 1}))
                .await?;
            found.extend(entries.into_iter().filter_map(booking).map(|one| one.id));
        }
        Ok(found)
    }

    async fn remove_old_tombstones(&self, showtime: Id) -> Result<(), Error> {
        let before = self.now().timestamp_millis() - TOMBSTONES_KEPT_MS;
        let filter =
            doc! {"showtimeid": showtime, "voided": {"$lt": DateTime::from_millis(before)}};
        self.entries().delete_many(filter).await.map(drop)
    }

    async fn ledger(&self, showtime: Id) -> Result<Option<Ledger>, Error> {
        self.ledgers().find_one(doc! {"_id": showtime}).await
    }

    async fn open_ledger(&self, ledger: &Ledger) -> Result<(), Error> {
        first_wins(&self.ledgers(), ledger.to_document())
            .await
            .map(drop)
    }

    async fn take(&self, showtime: Id, capacity: i64, hold: &Hold) -> Result<bool, Error> {
        let filter = doc! {
            "_id": showtime,
            "taken": {"$lte": capacity - hold.seats},
            "holds.booking": {"$ne": hold.booking},
        };
        let update = doc! {"$inc": {"taken": hold.seats}, "$push": {"holds": hold.to_document()}};
        Ok(self.ledgers().update_one(filter, update).await?.matched > 0)
    }

    async fn release(&self, showtime: Id, hold: &Hold) -> Result<(), Error> {
        // With the number of seats, so that what is given back is what was taken.
        let the_hold = doc! {"booking": hold.booking, "seats": hold.seats};
        let filter = doc! {"_id": showtime, "holds": {"$elemMatch": the_hold.clone()}};
        let update = doc! {"$inc": {"taken": -hold.seats}, "$pull": {"holds": the_hold}};
        self.ledgers().update_one(filter, update).await.map(drop)
    }

    async fn record(&self, key: &str) -> Result<Option<Record>, Error> {
        self.records().find_one(doc! {"_id": key}).await
    }

    async fn open_record(&self, record: &Record) -> Result<Record, Error> {
        if first_wins(&self.records(), record.to_document()).await? {
            return Ok(record.clone());
        }
        let known = self.record(&record.key).await?;
        known.ok_or(Error::Busy)
    }

    async fn renew_record(&self, record: &Record, bookingid: Id) -> Result<(), Error> {
        let update = doc! {"$set": {"bookingid": bookingid}};
        let filter = unsettled(record);
        self.records().update_one(filter, update).await.map(drop)
    }

    async fn settle_record(&self, record: &Record, outcome: &Outcome) -> Result<bool, Error> {
        let update = doc! {"$set": {"outcome": outcome.to_document()}};
        let updated = self.records().update_one(unsettled(record), update).await?;
        Ok(updated.matched > 0)
    }
}

/// Inserts a document where none has its `_id`; false when one has. It is an upsert that changes nothing in what it finds,
/// because not every server that speaks the protocol tells of a duplicate key on a plain insert.
async fn first_wins<T: Transport, D: data_api_client::Stored>(
    collection: &Collection<T, D>,
    mut document: Document,
) -> Result<bool, Error> {
    let id = document.remove("_id").unwrap_or(Bson::Null);
    let upsert = collection.update_one_upsert(doc! {"_id": id}, doc! {"$setOnInsert": document});
    match upsert.await {
        Ok(updated) => Ok(updated.upserted.is_some()),
        Err(Error::DuplicateKey) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A reference as this service writes it, or as text, as other programs may.
fn reference(id: Id) -> Document {
    doc! {"$in": [id, id.to_string()]}
}

/// Of what the filter matches, the bookings that count.
fn live(mut filter: Document) -> Document {
    filter.insert("voided", doc! {"$exists": false});
    filter
}

fn booking(entry: Entry) -> Option<Booking> {
    match entry {
        Entry::Live(booking) => Some(booking),
        Entry::Void(_) => None,
    }
}

/// The filter for a record that still is as it was read, and has no answer.
fn unsettled(record: &Record) -> Document {
    doc! {"_id": &record.key, "bookingid": record.bookingid, "outcome": {"$exists": false}}
}
