//! A thousand random schedules of buyers, cancellations, changes of terms, closings, deaths and late requests; each can be run again by
//! its seed.

use std::collections::{HashMap, HashSet};

use data_api_client::stepped::Chance;

use super::*;
use crate::idempotency::book;
use crate::ledger::{self, GRACE};
use crate::sale::{cancel, sell_order};
use crate::terms::{self, Unfit};

const SCHEDULES: u64 = 1_000;

/// How a process ended.
enum End {
    Sold(Option<Outcome>),
    Keyed(&'static str, Option<Outcome>),
    Cancelled(Id, Option<Ended>),
    Set(Terms, Option<Result<(), Unfit>>),
    Closed(Option<Result<(), i64>>),
}

struct Schedule {
    bench: Bench,
    chance: Chance,
    capacity: i32,
    running: Vec<Process<End>>,
    orders: HashMap<&'static str, Order>,
    booked: HashMap<&'static str, Id>,
    /// Told to their buyers, and not asked to be cancelled.
    promised: HashSet<Id>,
    cancelled: HashSet<Id>,
    /// The revision of the last terms that somebody wanted.
    revision: i32,
    /// Whether somebody was told that nothing is sold any more.
    closed: bool,
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let capacity = 1 + chance.below(6) as i32;
        let orders = ["first", "second"].map(|key| (key, order(1 + chance.below(3) as i32)));
        let bench = Bench::new();
        bench.keep_late(chance.one_in(2));
        bench.most.set(1 + chance.below(3));
        Self {
            bench,
            chance,
            capacity,
            running: Vec::new(),
            orders: orders.into(),
            booked: HashMap::new(),
            promised: HashSet::new(),
            cancelled: HashSet::new(),
            revision: 0,
            closed: false,
        }
    }

    fn begin(&mut self) {
        let capacity = self.capacity;
        let process = match self.chance.below(60) {
            0 => {
                let cancels = self.chance.one_in(2);
                self.bench.process(async move |storage| {
                    End::Closed(terms::close(storage, showtime(), cancels).await.ok())
                })
            }
            1..6 => {
                self.revision += 1;
                let mut terms = house(1 + self.chance.below(6) as i32).terms;
                terms.revision = self.revision;
                self.bench.process(async move |storage| {
                    let set = terms::set(storage, showtime(), &terms).await;
                    End::Set(terms, set.ok())
                })
            }
            6..28 => {
                let order = order(1 + self.chance.below(3) as i32);
                self.bench.process(async move |storage| {
                    End::Sold(sell_order(storage, &order, &house(capacity)).await.ok())
                })
            }
            28..40 => {
                let key = if self.chance.one_in(2) {
                    "first"
                } else {
                    "second"
                };
                let order = self.orders[key].clone();
                self.bench.process(async move |storage| {
                    End::Keyed(key, book(storage, key, &order, &house(capacity)).await.ok())
                })
            }
            _ => {
                let live = self.bench.live();
                if live.is_empty() {
                    return;
                }
                let id = live[self.chance.below(live.len())].id;
                self.promised.remove(&id);
                self.cancelled.insert(id);
                self.bench.process(async move |storage| {
                    End::Cancelled(id, cancel(storage, id, |_| true).await.ok())
                })
            }
        };
        self.running.push(process);
    }

    fn step(&mut self) {
        if self.running.is_empty() {
            return;
        }
        let index = self.chance.below(self.running.len());
        let process = self.running.swap_remove(index);
        if self.chance.one_in(40) {
            return;
        }
        if self.chance.one_in(60) {
            self.bench.delay_next();
        }
        if self.chance.one_in(60) {
            self.bench
                .memory()
                .fail_next(data_api_client::memory::Fault::LostAnswer);
        }
        match process.step() {
            Step::Going(process) => self.running.push(process),
            Step::Done(end) => self.ended(end),
        }
    }

    fn ended(&mut self, end: End) {
        match end {
            End::Set(terms, Some(Ok(()))) => {
                let ledger = self.bench.ledger().unwrap();
                let revision = ledger.terms.map(|known| known.revision);
                assert!(revision >= Some(terms.revision), "the terms are not set");
            }
            End::Closed(Some(Ok(()))) => {
                self.closed = true;
                assert_eq!(self.bench.live(), [], "it is closed");
            }
            End::Sold(Some(Outcome::Booked(booking))) => self.promise(&booking),
            End::Keyed(key, Some(Outcome::Booked(booking))) => {
                self.promise(&booking);
                let first = self.booked.entry(key).or_insert(booking.id);
                assert_eq!(*first, booking.id, "a key has two bookings");
            }
            End::Cancelled(id, Some(Ended::Cancelled)) => {
                let live = self.bench.live();
                assert!(
                    live.iter().all(|booking| booking.id != id),
                    "it is cancelled"
                );
            }
            _ => {}
        }
    }

    fn promise(&mut self, booking: &Booking) {
        if !self.cancelled.contains(&booking.id) {
            self.promised.insert(booking.id);
        }
    }

    fn turn(&mut self) {
        match self.chance.below(20) {
            0..=2 if self.running.len() < 5 => self.begin(),
            3 => {
                let seconds = [1, 20, 70][self.chance.below(3)];
                self.bench.wait(seconds);
            }
            4 if self.bench.late() > 0 => {
                let index = self.chance.below(self.bench.late());
                self.bench.deliver(index);
            }
            _ => self.step(),
        }
        self.bench.check(self.capacity);
        assert!(!self.closed || self.bench.live().is_empty(), "it is closed");
    }

    /// Everything in flight ends or arrives, and a minute later somebody wants the whole house.
    fn settle(mut self) {
        while !self.running.is_empty() {
            self.step();
            self.bench.check(self.capacity);
        }
        while self.bench.late() > 0 {
            self.bench.deliver(0);
            self.bench.check(self.capacity);
        }
        self.bench.wait(GRACE.as_secs() as i64 + 1);
        let ledger = self.bench.ledger();
        if ledger.as_ref().is_some_and(|one| one.closed.is_some()) {
            return self.settle_closed();
        }
        let terms = ledger.and_then(|ledger| ledger.terms);
        let capacity = terms
            .and_then(|terms| terms.capacity)
            .unwrap_or(self.capacity);
        let everything = order(capacity).booking(Id::new(), self.bench.now(), &house(capacity));
        let left = self.bench.run(async move |storage| {
            let terms = house(capacity).terms;
            let left = ledger::take(storage, &everything, &terms, false).await;
            let dropping = (storage.ledgers).drop_hold(showtime(), everything.id, capacity);
            dropping.await.unwrap();
            match left.unwrap() {
                None => capacity,
                Some(Outcome::SoldOut(left)) => left,
                Some(refused) => panic!("{refused:?}"),
            }
        });
        self.bench.check(self.capacity);
        assert_eq!(self.bench.taken(), self.bench.sold(), "seats are lost");
        assert_eq!(left, capacity - self.bench.sold());
        let live: HashSet<Id> = self.bench.live().iter().map(|booking| booking.id).collect();
        assert!(self.promised.is_subset(&live), "a promised booking is gone");
    }

    /// Somebody has closed it, or died doing so, and somebody does so to the end.
    fn settle_closed(self) {
        let closed =
            (self.bench).run(async |storage| terms::close(storage, showtime(), true).await);
        assert_eq!(closed, Ok(Ok(())));
        assert_eq!(self.bench.live(), []);
        let standing = self.bench.entries().filter_map(Entry::living);
        let standing: HashSet<Id> = standing.map(|booking| booking.id).collect();
        assert!(
            self.promised.is_subset(&standing),
            "a promised booking is not shown"
        );
    }
}

#[test]
fn no_schedule_oversells_or_loses_seats() {
    for seed in 0..SCHEDULES {
        let outcome = std::panic::catch_unwind(|| {
            let mut schedule = Schedule::new(seed);
            for _ in 0..150 {
                schedule.turn();
            }
            schedule.settle();
        });
        assert!(outcome.is_ok(), "schedule {seed}");
    }
}
