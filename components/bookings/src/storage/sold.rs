//! What is asked of storage about all that is booked at a showtime.

use std::collections::HashMap;

use bson::{Bson, Document, doc};
use data_api_client::{Error, Find, PAGE, Raw};
use door::Transport;
use futures::future::try_join_all;
use service::{Id, PageRequest};

use super::{BOOKINGS, Storage, counting};
use crate::model::{Booking, Cancelled, Entry};

/// How many showtimes are asked about at once: as many as any storage looks up by an index.
const FEW: usize = 16;

impl<T: Transport> Storage<T> {
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
        let by_showtime = [doc! {"$group": {"_id": "$showtimeid", "seats": {"$sum": "$seats"}}}];
        let seats = self.seats(showtimes, &by_showtime).await?;
        Ok(seats.into_iter().collect())
    }

    /// How many seats are booked of each film at these showtimes; a film may be there several times.
    pub async fn booked_by_film(&self, showtimes: &[Id]) -> Result<Vec<(Id, i64)>, Error> {
        let by_film = [
            doc! {"$unwind": "$movies"},
            doc! {"$group": {"_id": "$movies", "seats": {"$sum": "$seats"}}},
        ];
        self.seats(showtimes, &by_film).await
    }

    /// What these stages make of what is booked at the showtimes: seats by id.
    async fn seats(&self, showtimes: &[Id], stages: &[Document]) -> Result<Vec<(Id, i64)>, Error> {
        let portions = showtimes.chunks(FEW).map(|showtimes| {
            let filter = counting(doc! {"showtimeid": {"$in": showtimes}});
            let mut pipeline = vec![doc! {"$match": filter}];
            pipeline.extend_from_slice(stages);
            self.bookings.aggregate(pipeline)
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
}

/// The filter for a showtime's bookings. Those of another program may name it by text.
fn of_showtime(showtime: Id) -> Document {
    let named = [Bson::from(showtime), showtime.to_string().into()];
    doc! {"showtimeid": {"$in": named}}
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
