//! What is stored of an `Idempotency-Key`.

use bson::{DateTime, Document, doc};
use data_api_client::lenient::{self, Lenient};
use service::Id;

use crate::model::{Booking, NO_ID};

/// What is remembered of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The key's hash: a client's key is not stored in plain text.
    pub key: String,
    /// The hash of the request it came with.
    pub fingerprint: String,
    /// The booking to make.
    pub bookingid: Id,
    /// When the key was first seen, for whoever wants to clear old ones away.
    pub createdon: DateTime,
    /// The answer, once it is settled.
    pub outcome: Option<Outcome>,
}

/// A settled answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The booking as it was first answered.
    Booked(Booking),
    /// Not enough seats: only so many were left.
    SoldOut {
        /// Seats that nobody held.
        left: i64,
    },
}

impl Lenient for Record {
    fn from_document(document: Document) -> Self {
        Self {
            key: lenient::text(&document, "_id").unwrap_or_default(),
            fingerprint: lenient::text(&document, "fingerprint").unwrap_or_default(),
            bookingid: lenient::object_id(&document, "bookingid").map_or(NO_ID, Id::from),
            createdon: lenient::created(&document).unwrap_or(DateTime::from_millis(0)),
            outcome: document
                .get_document("outcome")
                .ok()
                .map(|outcome| Outcome::read(outcome.clone())),
        }
    }

    fn to_document(&self) -> Document {
        let mut document = doc! {
            "_id": &self.key,
            "fingerprint": &self.fingerprint,
            "bookingid": self.bookingid,
            "createdon": self.createdon,
        };
        if let Some(outcome) = &self.outcome {
            document.insert("outcome", outcome.to_document());
        }
        document
    }
}

impl Outcome {
    fn read(document: Document) -> Self {
        match document.get_document("booked") {
            Ok(booking) => Self::Booked(Booking::from_document(booking.clone())),
            Err(_) => Self::SoldOut {
                left: lenient::integer(&document, "left").unwrap_or(0),
            },
        }
    }

    /// As it stands in a record.
    pub fn to_document(&self) -> Document {
        match self {
            Self::Booked(booking) => doc! {"booked": booking.to_document()},
            Self::SoldOut { left } => doc! {"left": *left},
        }
    }
}

data_api_client::read_leniently!(Record);
