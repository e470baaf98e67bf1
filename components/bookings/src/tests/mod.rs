//! The sale under adverse conditions: processes that interleave, die, and send requests that arrive late.

#![allow(clippy::unwrap_used)]

mod access;
mod clearing;
mod interleavings;
mod keys;
mod schedules;
mod stepped;

use data_api_client::Stored;
use service::Id;

use crate::model::{Booking, Entry, Order, Showtime};
use crate::record::Outcome;
use crate::seats::Ledger;
use stepped::{Bench, Process, Step};

/// An order for seats at the one showtime of these tests.
fn order(seats: i32) -> Order {
    Order {
        userid: Id::new(),
        showtimeid: showtime(),
        movies: vec![Id::new()],
        seats,
    }
}

fn showtime() -> Id {
    Id::from_bytes([7; 12])
}

/// That showtime in a house of so many seats.
fn house(capacity: i32) -> Showtime {
    Showtime {
        date: "2027-01-15".parse().unwrap(),
        movies: Vec::new(),
        capacity: Some(capacity),
    }
}

impl Bench {
    /// The bookings that count.
    fn live(&self) -> Vec<Booking> {
        let entries = self.memory().documents("bookings").into_iter();
        entries
            .filter_map(|document| Entry::from_document(document).unwrap().living())
            .collect()
    }

    fn sold(&self) -> i32 {
        self.live().iter().map(|booking| booking.seats).sum()
    }

    fn ledger(&self) -> Option<Ledger> {
        self.memory()
            .documents("seats")
            .pop()
            .map(|document| Ledger::from_document(document).unwrap())
    }

    fn taken(&self) -> i32 {
        self.ledger().map_or(0, |ledger| ledger.taken)
    }

    /// What must be so at every moment.
    fn check(&self, capacity: i32) {
        assert_eq!(self.memory().scans(), [""; 0]);
        let sold = self.sold();
        assert!(sold <= capacity, "{sold} seats sold of {capacity}");
        let Some(ledger) = self.ledger() else {
            return;
        };
        let held: i32 = ledger.holds.iter().map(|hold| hold.seats).sum();
        assert_eq!(ledger.taken, held, "the count differs from its holds");
        assert!(held <= capacity, "{held} seats held of {capacity}");
        for booking in self.live() {
            let holds = ledger
                .holds
                .iter()
                .filter(|hold| hold.booking == booking.id);
            assert_eq!(holds.count(), 1, "a booking without its hold, or with two");
        }
    }
}
