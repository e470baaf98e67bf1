//! What is over goes: a portion at a time, beside what is written anyway, and nobody's answer depends on it.

use std::time::Duration;

use bson::{Bson, Document, doc};
use data_api_client::memory::Fault;
use service::Moment;

use super::*;
use crate::idempotency::book;
use crate::sale::{cancel, sell_order};
use access::Counter;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// So many seconds before now.
fn ago(seconds: i64) -> Moment {
    Moment::clamped(Moment::now().millis() - seconds * 1000)
}

fn record(number: i32, createdon: Moment) -> Document {
    doc! {"_id": format!("{number}"), "fingerprint": "", "bookingid": Id::new(), "createdon": createdon}
}

/// Whether just this many are left of a collection, and among them those that are `kept`.
fn left(documents: &[Document], many: usize, kept: &[Bson]) {
    assert_eq!(documents.len(), many, "{documents:?}");
    for id in kept {
        assert!(documents.iter().any(|one| one.get("_id") == Some(id)));
    }
}

#[test]
fn keys_are_forgotten_after_a_day() {
    let counter = Counter::new();
    for number in 0..25 {
        let old = record(number, ago(DAY + 60));
        counter.memory.put("idempotency", old);
    }
    let young = record(25, ago(DAY - 60));
    let kept = [young.get("_id").cloned().unwrap()];
    counter.memory.put("idempotency", young);
    let me = Id::new();
    // Each leaves a record of its own behind.
    for (key, many) in [("a", 7), ("b", 3), ("c", 4)] {
        let call = counter.order(None).customer(me);
        let answer = counter.send(call.header("idempotency-key", key));
        assert_eq!(answer.status, 201);
        left(&counter.memory.documents("idempotency"), many, &kept);
    }
}

#[test]
fn a_key_that_is_forgotten_while_its_booking_is_made_books_once() {
    let bench = Bench::new();
    let order = order(2);
    let mut process =
        bench.process(async move |storage| book(storage, "key", &order, &house(9)).await);
    while bench.sold() == 0 {
        let Step::Going(going) = process.step() else {
            panic!("it has booked nothing");
        };
        process = going;
    }
    bench.wait(DAY + 60);
    bench.run(async move |storage| storage.clear_records().await);
    assert_eq!(bench.memory().documents("idempotency"), []);
    let booked = bench.live().pop().map(Outcome::Booked);
    assert_eq!(process.finish().ok(), booked);
    assert_eq!((bench.sold(), bench.taken()), (2, 2));
}

#[test]
fn tombstones_go_when_no_key_leads_to_them_any_more() {
    let bench = Bench::new();
    let book = |bench: &Bench| {
        let order = order(1);
        let sold = bench.run(async move |storage| sell_order(storage, &order, &house(9)).await);
        match sold.unwrap() {
            Outcome::Booked(booking) => booking.id,
            sold_out => panic!("{sold_out:?}"),
        }
    };
    let cancel = |bench: &Bench, id| {
        let cancelled = bench.run(async move |storage| cancel(storage, id, |_| true).await);
        assert_eq!(cancelled, Ok(Ended::Cancelled));
    };
    let (first, second, third, stays) = (book(&bench), book(&bench), book(&bench), book(&bench));
    cancel(&bench, first);
    bench.wait(DAY + HOUR - 60);
    cancel(&bench, second);
    left(&bench.memory().documents("bookings"), 4, &[first.into()]);
    bench.wait(120);
    cancel(&bench, third);
    let kept = [second.into(), third.into(), stays.into()];
    left(&bench.memory().documents("bookings"), 3, &kept);
    bench.check(9);
}

/// A ledger of another showtime, with a hold if one was taken.
fn ledger(bench: &Bench, date: Option<&str>, hold: Option<Moment>) -> Bson {
    let id = Id::new();
    let holds = hold.into_iter();
    let holds: Vec<_> = holds
        .map(|at| doc! {"booking": Id::new(), "seats": 1, "at": at})
        .collect();
    let mut ledger = doc! {"_id": id, "taken": holds.len() as i32, "holds": holds};
    if let Some(date) = date {
        ledger.insert("date", date);
    }
    bench.memory().put("seats", ledger);
    id.into()
}

fn buy(bench: &Bench, house: Showtime) -> Option<Outcome> {
    let order = order(2);
    bench.run(async move |storage| sell_order(storage, &order, &house).await.ok())
}

#[test]
fn ledgers_of_showtimes_long_past_go() {
    // It is 15 January 2027.
    let bench = Bench::new();
    let (now, long_ago) = (bench.now(), bench.now().before(Duration::from_secs(7200)));
    ledger(&bench, Some("2026-12-15"), None);
    ledger(&bench, Some("2026-12-15"), Some(long_ago));
    let kept = [
        ledger(&bench, Some("2026-12-16"), Some(long_ago)),
        ledger(&bench, Some("2026-12-15"), Some(now)),
        ledger(&bench, None, Some(long_ago)),
        showtime().into(),
    ];
    assert!(matches!(buy(&bench, house(9)), Some(Outcome::Booked(_))));
    left(&bench.memory().documents("seats"), 4, &kept);
    assert_eq!(bench.memory().scans(), [""; 0]);
}

#[test]
fn a_showtime_long_past_is_not_sold_twice_either() {
    let bench = Bench::new();
    let past = || Showtime {
        date: "2026-01-01".parse().unwrap(),
        ..house(3)
    };
    assert!(matches!(buy(&bench, past()), Some(Outcome::Booked(_))));
    bench.wait(2 * HOUR);
    // Whoever begins another ledger clears this one away.
    let other = Order {
        showtimeid: Id::new(),
        ..order(1)
    };
    let sold = bench.run(async move |storage| sell_order(storage, &other, &house(9)).await);
    assert!(sold.is_ok());
    let ledgers = bench.memory().documents("seats");
    assert_eq!(ledgers.len(), 1);
    assert_ne!(ledgers[0].get("_id"), Some(&showtime().into()));
    assert_eq!(buy(&bench, past()), Some(Outcome::SoldOut(1)));
}

#[test]
fn what_can_not_be_cleared_changes_no_answer() {
    let bench = Bench::new();
    let order = order(2);
    let process = bench.process(async move |storage| sell_order(storage, &order, &house(9)).await);
    // It finds no ledger, by a request of two steps; what it sends next, to clear old ones away, is refused.
    let Step::Going(process) = process.go(2) else {
        panic!("it has sold nothing yet");
    };
    bench.memory().fail_next(Fault::Answer {
        status: 400,
        retry_after: None,
        body: r#"{"error": "not today", "error_code": "BadRequest"}"#,
    });
    assert!(matches!(process.finish(), Ok(Outcome::Booked(_))));
    let cleared = bench.memory().requests();
    assert_eq!(cleared[1], ("find".into(), "seats".into()));
    assert_eq!((bench.sold(), bench.taken()), (2, 2));
}
