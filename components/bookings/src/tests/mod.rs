//! The sale under adverse conditions: processes that interleave, die, and send requests that arrive late.

#![allow(clippy::unwrap_used)]

mod access;
mod interleavings;
mod keys;
mod schedules;
mod stepped;

use data_api_client::lenient::Lenient;
use service::Id;

use crate::entry::Entry;
use crate::model::{Booking, Order};
use crate::seats::Ledger;
use stepped::{Bench, Process, Step};

/// An order for seats at the one showtime of these tests.
fn order(seats: i64) -> Order {
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

impl Bench {
    /// The bookings that count.
    fn live(&self) -> Vec<Booking> {
        let entries = self.memory().documents("bookings").into_iter();
        entries
            .filter_map(|document| match Entry::from_document(document) {
                Entry::Live(booking) => Some(booking),
                Entry::Void(_) => None,
            })
            .collect()
    }

    fn sold(&self) -> i64 {
        self.live().iter().map(|booking| booking.seats).sum()
    }

    fn ledger(&self) -> Option<Ledger> {
        self.memory()
            .documents("seats")
            .pop()
            .map(Ledger::from_document)
    }

    fn taken(&self) -> i64 {
        self.ledger().map_or(0, |ledger| ledger.taken)
    }

    /// What must be so at every moment.
    fn check(&self, capacity: i64) {
        let sold = self.sold();
        assert!(sold <= capacity, "{sold} seats sold of {capacity}");
        let Some(ledger) = self.ledger() else {
            return;
        };
        let held: i64 = ledger.holds.iter().map(|hold| hold.seats).sum();
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
