//! A booking: the document, the order that becomes one, and the tombstone that takes its place.

use data_api_client::Place;
use serde::{Deserialize, Serialize};
use service::{
    Day, Id, Moment, Problem, Time,
    rule::{id, ids, integer, optional},
};

/// What was bought: seats at a showtime. Day, time, screen and titles are as they were then; bookings of old have none of them.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    /// The same films by title, but for those that had none to be found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub films: Vec<Film>,
    /// That the cinema cancelled it: it counts for nothing any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancelled>,
    /// That its guests are there: they were let in. Absent until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkedin: Option<CheckedIn>,
    pub createdon: Moment,
}

/// A film that was booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = BookedFilm))]
pub struct Film {
    pub id: Id,
    pub title: String,
}

/// That the cinema cancelled a booking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Cancelled {
    pub on: Moment,
    pub reason: String,
}

/// That somebody of the staff let the guests of a booking in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct CheckedIn {
    pub on: Moment,
    /// Who did.
    pub by: Id,
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

/// How an order ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With this booking.
    Booked(Booking),
    /// Without: only so many seats were left.
    SoldOut(i32),
    /// Without: only so many more may its customer have there.
    Enough(i32),
    /// Without: these films are not shown there any more.
    NotShown(Vec<Id>),
    /// Without: nothing is sold there any more.
    Closed,
    /// Without: it was booked before, and cancelled since.
    Cancelled,
}

impl Outcome {
    /// What it is to find a booking written.
    pub fn of(booking: Booking) -> Self {
        match booking.cancelled {
            None => Self::Booked(booking),
            Some(_) => Self::Cancelled,
        }
    }
}

/// A showtime, as far as it is sold.
#[derive(Debug, Clone, Deserialize)]
pub struct Showtime {
    pub date: Day,
    pub time: Option<Time>,
    pub screen: Option<String>,
    #[serde(flatten)]
    pub terms: Terms,
    /// Those films that are asked for whose titles are known.
    #[serde(skip)]
    pub films: Vec<Film>,
}

/// On which terms a showtime is sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Greater after each change.
    #[serde(default)]
    pub revision: i32,
    /// How many seats there are; without it there is always one more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i32>,
    pub movies: Vec<Id>,
}

service::body! {
    /// On which terms a showtime is sold from now on.
    pub struct NewTerms {
        /// Greater than that of the terms before.
        revision: i32 = integer(1..=i32::MAX),
        /// How many seats there are; without it there is always one more.
        capacity: Option<i32> = optional(integer(1..=10_000)),
        movies: Vec<Id> = ids(1..=50),
    }
}

impl From<NewTerms> for Terms {
    fn from(new: NewTerms) -> Self {
        Self {
            revision: new.revision,
            capacity: new.capacity,
            movies: new.movies,
        }
    }
}

impl Terms {
    /// Those of some films that are not shown.
    pub fn without(&self, movies: &[Id]) -> Vec<Id> {
        let others = movies.iter().filter(|movie| !self.movies.contains(movie));
        others.copied().collect()
    }
}

impl Order {
    /// The showtime that was found for it; 422 where it is none, or shows other films.
    pub fn at(&self, showtime: Option<Showtime>) -> Result<Showtime, Problem> {
        let Some(showtime) = showtime else {
            let message = format!("there is no showtime {}", self.showtimeid);
            return Err(Problem::fault("showtimeid", &message));
        };
        match showtime.terms.without(&self.movies).as_slice() {
            [] => Ok(showtime),
            others => Err(not_shown(others)),
        }
    }

    /// The booking that the order becomes.
    pub fn booking(&self, id: Id, createdon: Moment, showtime: &Showtime) -> Booking {
        Booking {
            id,
            userid: self.userid,
            showtimeid: self.showtimeid,
            movies: self.movies.clone(),
            seats: self.seats,
            date: Some(showtime.date),
            time: showtime.time,
            screen: showtime.screen.clone(),
            films: showtime.films.clone(),
            cancelled: None,
            checkedin: None,
            createdon,
        }
    }
}

/// That films are none of the showtime's.
pub fn not_shown(movies: &[Id]) -> Problem {
    let others: Vec<String> = movies.iter().map(Id::to_string).collect();
    let others = others.join(", ");
    let message = format!("has to be a part of the showtime's, which has no {others}");
    Problem::fault("movies", &message)
}
