//! What the service asks of storage.
//!
//! Every method that changes something is a single atomic request on a single document, and may be sent again: doing it
//! twice is as good as once. What clears away is several, each of which is so.

mod sold;

use std::time::Duration;

use bson::{Bson, Document, doc};
use data_api_client::{Client, Collection, Error, Find, PAGE, Place, Raw, given, living};
use door::Transport;
use service::{Id, Moment, Page, PageRequest};

use crate::{
    model::{Booking, CheckedIn, Entry, Tombstone},
    record::Record,
    seats::Ledgers,
};

/// No request is on its way for so long.
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many seats of one showtime a customer may have when nobody says.
pub const SEATS_PER_CUSTOMER: i32 = 20;

const BOOKINGS: &str = "bookings";

/// Which bookings a list is of; everything that is given has to hold.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Of this user.
    pub userid: Option<Id>,
    /// Of this showtime.
    pub showtimeid: Option<Id>,
    /// With any of these films.
    pub movies: Option<Vec<Id>>,
}

/// Bookings, who holds seats, and keys seen.
pub struct Storage<T> {
    client: Client<T>,
    clock: fn() -> Moment,
    pub ledgers: Ledgers<T>,
    /// How many seats of one showtime a customer may have.
    pub seats_per_customer: i32,
    entries: Collection<T, Entry>,
    bookings: Collection<T, Booking>,
    records: Collection<T, Record>,
}

impl<T: Transport> Storage<T> {
    /// Those of a storage, on a clock.
    pub fn new(client: Client<T>, clock: fn() -> Moment) -> Self {
        Self {
            clock,
            entries: client.collection(BOOKINGS).idempotent(),
            bookings: client.collection(BOOKINGS),
            ledgers: Ledgers::new(&client),
            seats_per_customer: SEATS_PER_CUSTOMER,
            records: client.collection("idempotency").idempotent(),
            client,
        }
    }

    /// Whether storage answers and takes writes.
    pub async fn ready(&self) -> Result<(), Error> {
        self.client.ready().await
    }

    /// The time, as holds and tombstones are dated by it.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// A page of the bookings that are wanted, in order of id.
    pub async fn list(&self, wanted: Wanted, page: PageRequest) -> Result<Page<Booking>, Error> {
        let films = wanted.movies.map(|movies| doc! {"$in": movies});
        let filter = given([
            ("userid", wanted.userid.map(Bson::from)),
            ("showtimeid", wanted.showtimeid.map(Bson::from)),
            ("movies", films.map(Bson::from)),
        ]);
        self.bookings.page(living(filter), page).await
    }

    /// What stands under a booking's id.
    pub async fn entry(&self, id: Id) -> Result<Option<Entry>, Error> {
        self.entries.find_one(doc! {"_id": id}).await
    }

    /// Writes a booking where nothing stands under its id, and says what stands there then.
    pub async fn write(&self, booking: &Booking) -> Result<Entry, Error> {
        self.first(Place::Living(booking.clone())).await
    }

    /// The same with a tombstone.
    pub async fn void(&self, id: Id, showtimeid: Id) -> Result<Entry, Error> {
        let tombstone = Tombstone {
            id,
            showtimeid,
            voided: self.now(),
            createdon: None,
            by: None,
            seats: None,
            owes: None,
        };
        self.first(Place::Void(tombstone)).await
    }

    async fn first(&self, entry: Entry) -> Result<Entry, Error> {
        Ok((self.entries.insert_if_absent(&entry).await?).unwrap_or(entry))
    }

    /// Turns a booking that counts into a tombstone. False when it was one already.
    pub async fn cancel(&self, booking: &Booking) -> Result<bool, Error> {
        let tombstone = Tombstone {
            id: booking.id,
            showtimeid: booking.showtimeid,
            voided: self.now(),
            createdon: Some(booking.createdon),
            by: Some(Id::new()),
            seats: Some(booking.seats),
            owes: Some(booking.showtimeid),
        };
        // Somebody may have settled it already. Whose guests were let in since it was read, stays.
        let ours = |standing: &Tombstone| standing.by == tombstone.by;
        let still = doc! {"checkedin": {"$exists": false}};
        self.entries.bury(booking, &tombstone, still, ours).await
    }

    /// Notes that the guests of a booking that counts were let in, unless they were before. Says whether it was noted now, and gives the
    /// booking as it is then; none where there is none. It is sent once: whose answer is lost is told, the next time, when it was.
    pub async fn check_in(
        &self,
        id: Id,
        checkedin: CheckedIn,
    ) -> Result<(bool, Option<Booking>), Error> {
        let mut filter = counting(doc! {"_id": id});
        filter.insert("checkedin", doc! {"$exists": false});
        let update = doc! {"$set": {"checkedin": self.bookings.written(&checkedin)?}};
        let noted = self.bookings.update_one(filter, update).await?.matched > 0;
        Ok((noted, self.entry(id).await?.and_then(Place::living)))
    }

    /// Takes that back.
    pub async fn check_out(&self, id: Id) -> Result<Option<Booking>, Error> {
        let update = doc! {"$unset": {"checkedin": ""}};
        let filter = living(doc! {"_id": id});
        self.entries.update_one(filter, update).await?;
        Ok(self.entry(id).await?.and_then(Place::living))
    }

    /// The tombstones of a showtime's cancelled bookings whose seats its ledger still counts, or some of them.
    pub async fn owing(&self, showtime: Id) -> Result<Vec<Tombstone>, Error> {
        let entries = self.entries.find(Find::filter(doc! {"owes": showtime}));
        let void = |entry| match entry {
            Place::Living(_) => None,
            Place::Void(tombstone) => Some(tombstone),
        };
        Ok(entries.await?.into_iter().filter_map(void).collect())
    }

    /// Notes on a tombstone that the seats are given back.
    pub async fn settle(&self, id: Id) -> Result<(), Error> {
        let update = doc! {"$unset": {"owes": ""}};
        let settled = self.entries.update_one(doc! {"_id": id}, update);
        settled.await.map(drop)
    }

    /// A page of the bookings of a user that count.
    pub async fn living_of(&self, user: Id, page: PageRequest) -> Result<Page<Booking>, Error> {
        self.bookings
            .page(counting(doc! {"userid": user}), page)
            .await
    }

    /// Those of `ids` under which a booking stands that counts, whatever its shape.
    pub async fn living_among(&self, ids: &[Id]) -> Result<Vec<Id>, Error> {
        let bookings = self.client.collection::<Raw>(BOOKINGS);
        let mut found = Vec::new();
        for ids in ids.chunks(PAGE as usize) {
            let find = Find::filter(living(doc! {"_id": {"$in": ids}}));
            let documents = bookings.find(find.projection(doc! {"_id": 1})).await?;
            let ids = documents
                .iter()
                .filter_map(|one| one.get_object_id("_id").ok());
            found.extend(ids.map(Id::from));
        }
        Ok(found)
    }

    /// What is remembered of an `Idempotency-Key`.
    pub async fn record(&self, key: &str) -> Result<Option<Record>, Error> {
        self.records.find_one(doc! {"_id": key}).await
    }

    /// Remembers a key, unless it is known, and gives what is remembered then.
    pub async fn open_record(&self, record: Record) -> Result<Record, Error> {
        Ok((self.records.insert_if_absent(&record).await?).unwrap_or(record))
    }

    /// Gives a key whose booking id is used up another one, unless it has another already.
    pub async fn renew_record(&self, record: &Record, bookingid: Id) -> Result<(), Error> {
        let update = doc! {"$set": {"bookingid": bookingid}};
        let renewed = self.records.update_one(as_read(record), update);
        renewed.await.map(drop)
    }

    /// Forgets a key, unless it was used anew.
    pub async fn forget_record(&self, record: &Record) -> Result<(), Error> {
        self.records.delete_one(as_read(record)).await.map(drop)
    }

    /// Whether a key is to be forgotten, as it is after a day.
    pub fn is_over(&self, record: &Record) -> bool {
        record.createdon < self.now().before(DAY)
    }

    /// Clears tombstones away that owe nothing and are an hour older than a day: no request that began before them can still be on its
    /// way, and no key leads to them any more.
    pub async fn clear_tombstones(&self) {
        let old = self.now().before(DAY + HOUR);
        let over = doc! {"voided": {"$lt": old}, "owes": {"$exists": false}};
        self.bookings.clear(over).await;
    }

    /// Clears keys away that were first seen more than a day ago.
    pub async fn clear_records(&self) {
        let over = doc! {"createdon": {"$lt": self.now().before(DAY)}};
        self.records.clear(over).await;
    }
}

/// The filter for a record that still is as it was read.
fn as_read(record: &Record) -> Document {
    doc! {"_id": &record.id, "bookingid": record.bookingid}
}

/// Of the bookings that the filter matches, those that count.
fn counting(filter: Document) -> Document {
    let mut filter = living(filter);
    filter.insert("cancelled", doc! {"$exists": false});
    filter
}
