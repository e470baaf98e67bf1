//! A showtime's seats as they are stored: who holds how many.

use bson::{Bson, DateTime, Document, doc};
use data_api_client::lenient::{self, Lenient};
use service::Id;

use crate::model::{NO_ID, seats_of};

/// The seats that one booking holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// The booking, written or about to be.
    pub booking: Id,
    /// How many seats.
    pub seats: i64,
    /// When they were taken.
    pub at: DateTime,
}

/// One showtime's seats.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// Whose seats these are.
    pub showtime: Id,
    /// How many are taken: the sum of the holds' seats.
    pub taken: i64,
    /// By which bookings.
    pub holds: Vec<Hold>,
}

impl Ledger {
    /// A ledger of what is booked already. A booking of another program whose id is no Id is counted without a hold:
    /// nobody can cancel it here, so its seats never come back.
    pub fn of(showtime: Id, bookings: &[Document], now: DateTime) -> Self {
        let hold = |booking: &Document| {
            Some(Hold {
                booking: booking.get_object_id("_id").ok()?.into(),
                seats: seats_of(booking),
                at: lenient::created(booking).unwrap_or(now).min(now),
            })
        };
        Self {
            showtime,
            taken: bookings.iter().map(seats_of).sum(),
            holds: bookings.iter().filter_map(hold).collect(),
        }
    }

    /// Whether a booking holds seats.
    pub fn has(&self, booking: Id) -> bool {
        self.holds.iter().any(|hold| hold.booking == booking)
    }
}

impl Lenient for Ledger {
    fn from_document(document: Document) -> Self {
        let holds = document
            .get_array("holds")
            .map(|holds| holds.iter().filter_map(Bson::as_document).collect())
            .unwrap_or_else(|_| Vec::new());
        Self {
            showtime: lenient::object_id(&document, "_id").map_or(NO_ID, Id::from),
            taken: lenient::integer(&document, "taken").unwrap_or(0),
            holds: holds.into_iter().filter_map(Hold::read).collect(),
        }
    }

    fn to_document(&self) -> Document {
        let holds: Vec<Document> = self.holds.iter().map(Hold::to_document).collect();
        doc! {"_id": self.showtime, "taken": self.taken, "holds": holds}
    }
}

impl Hold {
    fn read(document: &Document) -> Option<Self> {
        Some(Self {
            booking: lenient::object_id(document, "booking").map(Id::from)?,
            seats: lenient::integer(document, "seats")?,
            at: lenient::date(document, "at")?,
        })
    }

    /// As it stands in the ledger.
    pub fn to_document(&self) -> Document {
        doc! {"booking": self.booking, "seats": self.seats, "at": self.at}
    }
}

data_api_client::read_leniently!(Ledger);
