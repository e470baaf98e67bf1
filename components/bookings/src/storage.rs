//! What the service asks of storage.
//!
//! Every method that changes something is a single atomic request on a single document, and may be sent again: doing it
//! twice is as good as once. What clears away is several, each of which is so.

use std::{collections::HashMap, time::Duration};

use bson::{Bson, Document, doc};
use data_api_client::{Client, Collection, Error, Find, PAGE, Place, Raw, given, living};
use door::Transport;
use futures::future::try_join_all;
use service::{Id, Moment, Page, PageRequest};

use crate::{
    model::{Booking, Cancelled, Entry, Tombstone},
    record::Record,
    seats::Ledgers,
};

/// No request is on its way for so long.
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many seats of one showtime a customer may have when nobody says.
pub const SEATS_PER_CUSTOMER: i32 = 20;

/// How many showtimes are asked about at once: as many as any storage looks up by an index.
const FEW: usize = 16;

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
        // Somebody may have settled it already.
        let ours = |standing: &Tombstone| standing.by == tombstone.by;
        self.entries.bury(booking, &tombstone, ours).await
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

    /// All that stands under the ids of a showtime's bookings. [`Error::Shape`] where one, of another program's, can not be read: its
    /// seats are not known then.
    pub async fn entries_of(&self, showtime: Id) -> Result<Vec<Entry>, Error> {
        self.entries.find_all(of_showtime(showtime)).await
    }

    /// The bookings of a user at a showtime that count.
    pub async fn bookings_of(&self, user: Id, showtime: Id) -> Result<Vec<Booking>, Error> {
        // Since a showtime has two names, and a user but one, it is the user's by which an index is gone along.
        let mut filter = counting(of_showtime(showtime));
        filter.insert("userid", user);
        self.bookings.find_all(filter).await
    }

    /// A page of the bookings of a user that count.
    pub async fn living_of(&self, user: Id, page: PageRequest) -> Result<Page<Booking>, Error> {
        self.bookings
            .page(counting(doc! {"userid": user}), page)
            .await
    }

    /// How many bookings of a showtime count, whatever their shape.
    pub async fn count(&self, showtime: Id) -> Result<i64, Error> {
        let pipeline = vec![
            doc! {"$match": counting(of_showtime(showtime))},
            doc! {"$count": "bookings"},
        ];
        let counted = self.bookings.aggregate(pipeline).await?.pop();
        Ok(counted.map_or(0, |counted| whole(counted.get("bookings"))))
    }

    /// How many seats are booked at each of these showtimes where any are.
    pub async fn booked(&self, showtimes: &[Id]) -> Result<HashMap<Id, i64>, Error> {
        let portions = showtimes.chunks(FEW).map(|showtimes| {
            self.bookings.aggregate(vec![
                doc! {"$match": counting(doc! {"showtimeid": {"$in": showtimes}})},
                doc! {"$group": {"_id": "$showtimeid", "seats": {"$sum": "$seats"}}},
            ])
        });
        let counted = try_join_all(portions).await?.into_iter().flatten();
        let seats = |one: Document| {
            let id = one.get_object_id("_id").ok()?;
            Some((id.into(), whole(one.get("seats"))))
        };
        Ok(counted.filter_map(seats).collect())
    }

    /// A film that is booked at a showtime, and none of these.
    pub async fn booked_beside(&self, showtime: Id, movies: &[Id]) -> Result<Option<Bson>, Error> {
        let bookings = self.client.collection::<Raw>(BOOKINGS);
        let mut filter = counting(of_showtime(showtime));
        filter.insert("movies", doc! {"$elemMatch": {"$nin": movies}});
        let found = bookings.find(Find::filter(filter).limit(1)).await?.pop();
        let booked = found.and_then(|booking| booking.get_array("movies").cloned().ok());
        let beside = |movie: &Bson| movies.iter().all(|one| Bson::from(*one) != *movie);
        Ok(booked.into_iter().flatten().find(beside))
    }

    /// Has the cinema cancel every booking of a showtime that counts, a page at a time; those that were cancelled stay as they are.
    pub async fn cancel_all(&self, showtime: Id, reason: &str) -> Result<(), Error> {
        let cancelled = self.entries.written(&Cancelled {
            on: self.now(),
            reason: reason.to_owned(),
        })?;
        let bookings = self.client.collection::<Raw>(BOOKINGS).idempotent();
        let mut page = PageRequest {
            limit: PAGE,
            ..PageRequest::default()
        };
        loop {
            let found = bookings.page(counting(of_showtime(showtime)), page).await?;
            let ids: Vec<_> = found
                .items
                .iter()
                .filter_map(|one| one.get("_id"))
                .collect();
            if !ids.is_empty() {
                let filter = counting(doc! {"_id": {"$in": ids}});
                let update = doc! {"$set": {"cancelled": &cancelled}};
                bookings.update_many(filter, update).await?;
            }
            page.after = found.next;
            if page.after.is_none() {
                return Ok(());
            }
        }
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

/// The filter for a showtime's bookings. Those of another program may name it by text.
fn of_showtime(showtime: Id) -> Document {
    let named = [Bson::from(showtime), showtime.to_string().into()];
    doc! {"showtimeid": {"$in": named}}
}

/// Of the bookings that the filter matches, those that count.
fn counting(filter: Document) -> Document {
    let mut filter = living(filter);
    filter.insert("cancelled", doc! {"$exists": false});
    filter
}

/// A number that storage counted.
fn whole(number: Option<&Bson>) -> i64 {
    match number {
        Some(Bson::Int32(number)) => (*number).into(),
        Some(Bson::Int64(number)) => *number,
        Some(Bson::Double(number)) => *number as i64,
        _ => 0,
    }
}
