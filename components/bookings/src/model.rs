//! A booking: what makes one valid, how it is stored and shown, and the order that becomes one.

#[cfg(test)]
use apidoc::schema;
use bson::{DateTime, Document, doc};
use data_api_client::lenient::{self, Lenient};
use serde::Serialize;
use service::Id;
use service::{
    Fields, Problem, clock,
    rule::{id, ids, integer, optional},
};

/// The fewest and the most seats of one booking.
pub const SEATS: std::ops::RangeInclusive<i32> = 1..=20;

/// The most films of one booking: as many as a showtime has.
const MOST_MOVIES: usize = 50;

/// In place of an id that a document does not have. Storage is asked for documents with ids, so it is hardly ever seen.
pub const NO_ID: Id = Id::from_bytes([0; 12]);

/// What was bought: seats at a showtime.
#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    /// Made by the service, never by storage.
    pub id: Id,
    /// Who booked. Missing only in documents that other programs wrote.
    pub userid: Option<Id>,
    /// The showtime. Missing only in documents that other programs wrote.
    pub showtimeid: Option<Id>,
    /// The films to see, a part of the showtime's.
    pub movies: Vec<Id>,
    /// How many seats.
    pub seats: i64,
    /// When it was booked.
    pub createdon: DateTime,
}

impl Lenient for Booking {
    fn from_document(document: Document) -> Self {
        Self {
            id: lenient::object_id(&document, "_id").map_or(NO_ID, Id::from),
            userid: lenient::object_id(&document, "userid").map(Id::from),
            showtimeid: lenient::object_id(&document, "showtimeid").map(Id::from),
            movies: lenient::object_ids(&document, "movies")
                .into_iter()
                .map(Id::from)
                .collect(),
            seats: seats_of(&document),
            createdon: lenient::created(&document).unwrap_or(DateTime::from_millis(0)),
        }
    }

    fn to_document(&self) -> Document {
        doc! {
            "_id": self.id,
            "userid": self.userid,
            "showtimeid": self.showtimeid,
            "movies": self.movies.clone(),
            "seats": self.seats,
            "createdon": self.createdon,
        }
    }
}

/// A booking as clients see it. What a document of another program does not have is left out.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Booking))]
pub struct Shown {
    #[cfg_attr(test, schema(value_type = schema::Id))]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schema::Id>))]
    userid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schema::Id>))]
    showtimeid: Option<String>,
    #[cfg_attr(test, schema(value_type = Vec<schema::Id>))]
    movies: Vec<String>,
    seats: i64,
    #[cfg_attr(test, schema(value_type = schema::Moment))]
    createdon: String,
}

impl From<Booking> for Shown {
    fn from(booking: Booking) -> Self {
        Self {
            id: booking.id.to_string(),
            userid: booking.userid.map(|id| id.to_string()),
            showtimeid: booking.showtimeid.map(|id| id.to_string()),
            movies: booking.movies.iter().map(|id| id.to_string()).collect(),
            seats: booking.seats,
            createdon: clock::rfc3339(booking.createdon),
        }
    }
}

/// What somebody wants to book.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Who.
    pub userid: Id,
    /// Which showtime.
    pub showtimeid: Id,
    /// Which of its films.
    pub movies: Vec<Id>,
    /// How many seats.
    pub seats: i64,
}

impl Order {
    /// The booking that the order becomes.
    pub fn booking(&self, id: Id, createdon: DateTime) -> Booking {
        Booking {
            id,
            userid: Some(self.userid),
            showtimeid: Some(self.showtimeid),
            movies: self.movies.clone(),
            seats: self.seats,
            createdon,
        }
    }
}

/// The body of a request to book, whose faults are gathered until [`Draft::finish`].
#[derive(Debug)]
pub struct Draft {
    fields: Fields,
    /// Who books.
    pub userid: Id,
    /// The showtime, where the body names one.
    pub showtimeid: Option<Id>,
    movies: Vec<Id>,
    seats: i64,
}

impl Draft {
    /// Reads a body. Where it does not say who books, `caller` does.
    pub fn read(mut fields: Fields, caller: Id) -> Self {
        let userid = fields.take("userid", &optional(id())).flatten();
        let showtimeid = fields.take("showtimeid", &id());
        let movies = fields.take("movies", &ids(1..=MOST_MOVIES));
        let seats = fields.take("seats", &optional(integer(SEATS))).flatten();
        Self {
            fields,
            userid: userid.unwrap_or(caller),
            showtimeid,
            movies: movies.unwrap_or_default(),
            seats: i64::from(seats.unwrap_or(*SEATS.start())),
        }
    }

    /// Notes the films that are not among those of the showtime.
    pub fn shown(&mut self, movies: &[Id]) {
        let others = self.movies.iter().filter(|movie| !movies.contains(movie));
        let others: Vec<String> = others.map(|id| id.to_string()).collect();
        if !others.is_empty() {
            let message = format!(
                "has to be a part of the showtime's, which has no {}",
                others.join(", ")
            );
            self.fields.fault("movies", message);
        }
    }

    /// Notes that the showtime it names does not exist.
    pub fn no_such_showtime(&mut self) {
        if let Some(id) = self.showtimeid {
            self.fields
                .fault("showtimeid", format!("there is no showtime {id}"));
        }
    }

    /// The order, as long as no fault is noted.
    pub fn order(&self) -> Option<Order> {
        self.fields.is_valid().then_some(())?;
        Some(Order {
            userid: self.userid,
            showtimeid: self.showtimeid?,
            movies: self.movies.clone(),
            seats: self.seats,
        })
    }

    /// The order.
    ///
    /// # Errors
    /// 422 with every fault that was noted.
    pub fn finish(self) -> Result<Order, Problem> {
        let order = self.order();
        self.fields.finish(order)
    }
}

/// How many seats a stored booking has: one, where another program did not say.
pub fn seats_of(document: &Document) -> i64 {
    let seats = lenient::integer(document, "seats");
    seats.filter(|seats| *seats > 0).unwrap_or(1)
}

data_api_client::read_leniently!(Booking);
