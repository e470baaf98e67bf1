//! What stands under a booking's id: the booking, or the mark that it is void.

use bson::{DateTime, Document, doc};
use data_api_client::lenient::{self, Lenient};
use service::Id;

use crate::model::{Booking, NO_ID};

/// What stands in `bookings` under one id. The first to write there decides, and a void place is never filled again.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A booking that counts.
    Live(Booking),
    /// Nothing to see any more, and nothing may be booked under this id.
    Void(Tombstone),
}

/// The mark that a booking's id is used up: its booking was cancelled, or was never written and never may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Tombstone {
    /// The booking's id.
    pub id: Id,
    /// The showtime, so that a showtime's old tombstones are found.
    pub showtimeid: Option<Id>,
    /// Since when.
    pub voided: DateTime,
    /// When the booking was written, if it ever was: a cancelled one. `None` when only its hold was given back.
    pub createdon: Option<DateTime>,
    /// Which cancellation did it, so that one whose answer was lost knows its own work.
    pub by: Option<Id>,
}

impl Lenient for Tombstone {
    fn from_document(document: Document) -> Self {
        Self {
            id: lenient::object_id(&document, "_id").map_or(NO_ID, Id::from),
            showtimeid: lenient::object_id(&document, "showtimeid").map(Id::from),
            voided: lenient::date(&document, "voided").unwrap_or(DateTime::from_millis(0)),
            createdon: lenient::date(&document, "createdon"),
            by: lenient::object_id(&document, "by").map(Id::from),
        }
    }

    fn to_document(&self) -> Document {
        let mut document =
            doc! {"_id": self.id, "showtimeid": self.showtimeid, "voided": self.voided};
        if let Some(createdon) = self.createdon {
            document.insert("createdon", createdon);
        }
        if let Some(by) = self.by {
            document.insert("by", by);
        }
        document
    }
}

impl Lenient for Entry {
    fn from_document(document: Document) -> Self {
        if document.contains_key("voided") {
            Self::Void(Tombstone::from_document(document))
        } else {
            Self::Live(Booking::from_document(document))
        }
    }

    fn to_document(&self) -> Document {
        match self {
            Self::Live(booking) => booking.to_document(),
            Self::Void(tombstone) => tombstone.to_document(),
        }
    }
}

data_api_client::read_leniently!(Tombstone, Entry);
