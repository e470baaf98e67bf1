//! The sale under adverse conditions: processes that interleave, die, and send requests that arrive late.

#![allow(clippy::unwrap_used)]

mod access;
mod bounded;
mod clearing;
mod closing;
mod customers;
mod door;
mod interleavings;
mod keys;
mod methods;
mod schedules;
mod selling;
mod stepped;
mod terms;

use std::collections::HashMap;

use data_api_client::Stored;
use service::Id;

use crate::model::{Booking, Entry, Order, Outcome, Showtime, Terms};
use crate::sale::Ended;
use crate::seats::Ledger;
use stepped::{Bench, Process, Step};

/// An order for seats at the one showtime of these tests.
fn order(seats: i32) -> Order {
    Order {
        userid: Id::new(),
        showtimeid: showtime(),
        movies: vec![movie()],
        seats,
    }
}

/// The film that everybody there books.
fn movie() -> Id {
    Id::from_bytes([8; 12])
}

fn showtime() -> Id {
    Id::from_bytes([7; 12])
}

/// That showtime in a house of so many seats.
fn house(capacity: i32) -> Showtime {
    Showtime {
        date: "2027-01-15".parse().unwrap(),
        time: None,
        screen: None,
        terms: Terms {
            revision: 0,
            capacity: Some(capacity),
            movies: vec![movie()],
        },
        films: Vec::new(),
    }
}

/// That showtime without a capacity.
fn unbounded() -> Showtime {
    let mut showtime = house(0);
    showtime.terms.capacity = None;
    showtime
}

impl Bench {
    fn entries(&self) -> impl Iterator<Item = Entry> + use<> {
        let documents = self.memory().documents("bookings").into_iter();
        documents.map(|document| Entry::from_document(document).unwrap())
    }

    /// The bookings that count.
    fn live(&self) -> Vec<Booking> {
        let standing = self.entries().filter_map(Entry::living);
        standing.filter(|one| one.cancelled.is_none()).collect()
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
        self.ledger().and_then(|ledger| ledger.taken).unwrap_or(0)
    }

    /// What must be so at every moment, in a house of so many seats unless other terms are set.
    fn check(&self, capacity: i32) {
        assert_eq!(self.memory().scans(), [""; 0]);
        let terms = self.ledger().and_then(|ledger| ledger.terms);
        let capacity = terms.and_then(|terms| terms.capacity).unwrap_or(capacity);
        let sold = self.sold();
        assert!(sold <= capacity, "{sold} seats sold of {capacity}");
        let mut customers: HashMap<Id, i32> = HashMap::new();
        for booking in self.live() {
            *customers.entry(booking.userid).or_default() += booking.seats;
        }
        assert!(
            customers.values().all(|seats| *seats <= 20),
            "a customer has too many"
        );
        let Some(ledger) = self.ledger() else {
            return;
        };
        assert!(
            ledger.holds.len() <= self.most.get(),
            "the ledger has grown"
        );
        let Some(taken) = ledger.taken else {
            return;
        };
        assert!(taken <= capacity, "{taken} seats taken of {capacity}");
        let holds = ledger.holds.iter().map(|hold| (hold.booking, hold.seats));
        let mut counted: HashMap<Id, i32> = holds.clone().collect();
        assert_eq!(counted.len(), holds.len(), "a booking has two holds");
        for entry in self.entries() {
            match entry {
                Entry::Living(booking) => counted.insert(booking.id, booking.seats),
                Entry::Void(one) if ledger.released == Some(one.id) => None,
                Entry::Void(one) if one.owed() > 0 => counted.insert(one.id, one.owed()),
                Entry::Void(_) => None,
            };
        }
        assert_eq!(taken, counted.values().sum::<i32>(), "{ledger:?}");
    }
}
