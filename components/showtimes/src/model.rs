//! A showtime: the document, and what makes one valid.

use std::ops::RangeInclusive;

use bson::{DateTime, Document, doc, oid::ObjectId};
use data_api_client::{Stored, lenient};
use serde::Serialize;
#[cfg(test)]
use service::openapi::words;
use service::{Fields, clock};

/// How long a screen's name may be, in characters.
const SCREEN: RangeInclusive<usize> = 1..=50;

/// How many films one showtime may have.
const MOVIES: RangeInclusive<usize> = 1..=50;

/// How many seats there may be.
const CAPACITY: RangeInclusive<i64> = 1..=10_000;

/// Films shown together. What another program's document lacks is missing here, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Showtime {
    /// Made by the service, never by storage.
    pub id: ObjectId,
    /// The day, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The time of day, `HH:MM`.
    pub time: Option<String>,
    /// The hall.
    pub screen: Option<String>,
    /// The films, in order.
    pub movies: Vec<ObjectId>,
    /// How many seats there are; none means that there is always one more.
    pub capacity: Option<i64>,
    /// When it was added.
    pub createdon: Option<DateTime>,
}

/// A showtime as the API shows it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Showtime))]
pub struct View {
    #[cfg_attr(test, schema(value_type = words::Id))]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<words::Day>))]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    screen: Option<String>,
    #[cfg_attr(test, schema(value_type = Vec<words::Id>))]
    movies: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<words::Moment>))]
    createdon: Option<String>,
}

impl Showtime {
    /// A new showtime from a body, which notes what is wrong. Whether the films exist is for others to say.
    pub fn create(fields: &mut Fields) -> Self {
        Self {
            id: service::new_id(),
            date: Some(fields.date("date")),
            time: fields.optional_time("time"),
            screen: fields.optional_string("screen", SCREEN),
            movies: fields.ids("movies", MOVIES),
            capacity: fields.optional_integer("capacity", CAPACITY),
            createdon: Some(clock::now()),
        }
    }

    /// The showtime as the API shows it.
    pub fn view(self) -> View {
        View {
            id: self.id.to_hex(),
            date: self.date,
            time: self.time,
            screen: self.screen,
            movies: self.movies.iter().map(|id| id.to_hex()).collect(),
            capacity: self.capacity,
            createdon: self.createdon.map(clock::rfc3339),
        }
    }
}

impl Stored for Showtime {
    fn from_document(document: Document) -> Self {
        Self {
            id: lenient::object_id(&document, "_id").unwrap_or_default(),
            date: lenient::day(&document, "date"),
            time: lenient::text(&document, "time"),
            screen: lenient::text(&document, "screen"),
            movies: lenient::object_ids(&document, "movies"),
            capacity: lenient::integer(&document, "capacity").filter(|seats| *seats > 0),
            createdon: lenient::created(&document),
        }
    }

    /// Without the fields that are not given: what is missing reads the same in every program.
    fn to_document(&self) -> Document {
        let mut document = doc! {"_id": self.id, "date": &self.date, "movies": self.movies.clone()};
        if let Some(time) = &self.time {
            document.insert("time", time);
        }
        if let Some(screen) = &self.screen {
            document.insert("screen", screen);
        }
        if let Some(capacity) = self.capacity {
            document.insert("capacity", capacity);
        }
        document.insert("createdon", self.createdon);
        document
    }
}
