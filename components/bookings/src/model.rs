//! A booking: the document, the order that becomes one, and the tombstone that takes its place.

use data_api_client::Place;
use serde::{Deserialize, Serialize};
use service::{
    Day, Id, Moment, Problem,
    rule::{id, ids, integer, optional},
};

/// What was bought: seats at a showtime.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Booking {
    #[serde(alias = "_id")]
    pub id: Id,
    pub userid: Id,
    pub showtimeid: Id,
    /// A part of the showtime's.
    pub movies: Vec<Id>,
    pub seats: i32,
    pub createdon: Moment,
}

/// The mark that a booking's id is used up: its booking was cancelled, or was never written and never may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tombstone {
    #[serde(alias = "_id")]
    pub id: Id,
    pub showtimeid: Id,
    /// Since when.
    pub voided: Moment,
    /// When the booking was written, if it ever was: a cancelled one. Absent where only its hold was given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub createdon: Option<Moment>,
    /// Which cancellation did it, so that one whose answer was lost knows its own work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
    /// How many seats the cancelled booking had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<i32>,
    /// The showtime, as long as its ledger still counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owes: Option<Id>,
}

impl Tombstone {
    /// The seats that are to be given back.
    pub fn owed(&self) -> i32 {
        self.owes.and(self.seats).unwrap_or_default()
    }
}

/// What stands under a booking's id. The first to write there decides, and a void place is never filled again.
pub type Entry = Place<Booking, Tombstone>;

service::body! {
    /// Seats to book.
    pub struct NewBooking {
        /// Who books: whoever is signed in, unless staff name somebody else.
        userid: Option<Id> = optional(id()),
        showtimeid: Id = id(),
        /// A part of the showtime's.
        movies: Vec<Id> = ids(1..=50),
        /// How many seats: one, unless it is said.
        seats: Option<i32> = optional(integer(1..=20)),
    }
}

impl NewBooking {
    /// The order; `caller` books where nobody is named.
    pub fn by(self, caller: Id) -> Order {
        Order {
            userid: self.userid.unwrap_or(caller),
            showtimeid: self.showtimeid,
            movies: self.movies,
            seats: self.seats.unwrap_or(1),
        }
    }
}

/// What somebody wants to book.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub userid: Id,
    pub showtimeid: Id,
    pub movies: Vec<Id>,
    pub seats: i32,
}

/// A showtime, as far as an order has to do with it.
#[derive(Debug, Clone, Deserialize)]
pub struct Showtime {
    pub date: Day,
    pub movies: Vec<Id>,
    /// How many seats there are; without it there is always one more.
    pub capacity: Option<i32>,
}

impl Order {
    /// The showtime that was found for it; 422 where it is none, or shows other films.
    pub fn at(&self, showtime: Option<Showtime>) -> Result<Showtime, Problem> {
        let Some(showtime) = showtime else {
            let message = format!("there is no showtime {}", self.showtimeid);
            return Err(Problem::fault("showtimeid", &message));
        };
        let others = (self.movies.iter()).filter(|movie| !showtime.movies.contains(movie));
        let others: Vec<String> = others.map(Id::to_string).collect();
        if others.is_empty() {
            return Ok(showtime);
        }
        let others = others.join(", ");
        let message = format!("has to be a part of the showtime's, which has no {others}");
        Err(Problem::fault("movies", &message))
    }

    /// The booking that the order becomes.
    pub fn booking(&self, id: Id, createdon: Moment) -> Booking {
        Booking {
            id,
            userid: self.userid,
            showtimeid: self.showtimeid,
            movies: self.movies.clone(),
            seats: self.seats,
            createdon,
        }
    }
}
