//! A showtime's seats as they are stored: who holds how many.

use serde::{Deserialize, Serialize};
use service::{Day, Id, Moment};

use crate::model::Booking;

/// The seats that one booking holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// The booking, written or about to be.
    pub booking: Id,
    pub seats: i32,
    /// When they were taken.
    pub at: Moment,
}

/// One showtime's seats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The showtime's.
    #[serde(alias = "_id")]
    pub id: Id,
    /// The showtime's day, after which the ledger is cleared away; one without a day stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    /// How many are taken: the sum of the holds' seats.
    pub taken: i32,
    pub holds: Vec<Hold>,
}

impl Ledger {
    /// A ledger of what is booked already.
    pub fn of(showtime: Id, date: Day, bookings: &[Booking], now: Moment) -> Self {
        let hold = |booking: &Booking| Hold {
            booking: booking.id,
            seats: booking.seats,
            at: booking.createdon.min(now),
        };
        let seats = bookings.iter().map(|booking| booking.seats);
        Self {
            id: showtime,
            date: Some(date),
            taken: seats.fold(0, i32::saturating_add),
            holds: bookings.iter().map(hold).collect(),
        }
    }

    /// Whether a booking holds seats.
    pub fn has(&self, booking: Id) -> bool {
        self.holds.iter().any(|hold| hold.booking == booking)
    }
}
