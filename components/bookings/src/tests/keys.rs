//! `Idempotency-Key`, wherever the requests that share one overtake each other or die.

use bson::doc;

use super::*;
use crate::idempotency::{answer, book, fingerprint, hash_key};
use crate::ledger::GRACE;
use crate::sale::cancel;

const MANY: usize = 40;

fn with_key(bench: &Bench, order: &Order, capacity: i32) -> Process<Option<Outcome>> {
    let order = order.clone();
    bench.process(async move |storage| book(storage, "key", &order, &house(capacity)).await.ok())
}

#[test]
fn two_at_once_are_one_booking() {
    let order = order(2);
    for first_steps in 0..MANY {
        for second_steps in 0..MANY {
            let bench = Bench::new();
            let first = with_key(&bench, &order, 5).go(first_steps);
            let second = with_key(&bench, &order, 5).go(second_steps);
            let (first, second) = (first.finish().unwrap(), second.finish().unwrap());
            assert_eq!(first, second, "{first_steps} {second_steps}");
            assert!(matches!(first, Outcome::Booked(_)));
            assert_eq!((bench.sold(), bench.taken()), (2, 2));
        }
    }
}

#[test]
fn one_that_finds_seats_and_one_that_does_not_make_one_booking_at_most() {
    let order = order(2);
    for first_steps in 0..MANY {
        for second_steps in 0..MANY {
            let bench = Bench::new();
            let other = self::order(2);
            let Some(Outcome::Booked(in_the_way)) = bench
                .run(async move |storage| book(storage, "other", &other, &house(3)).await.ok())
            else {
                panic!("there was room");
            };
            let first = with_key(&bench, &order, 3).go(first_steps);
            let id = in_the_way.id;
            bench
                .run(async move |storage| cancel(storage, id, |_| true).await)
                .unwrap();
            let second = with_key(&bench, &order, 3).go(second_steps);
            let answers = [first.finish(), second.finish()].map(Option::unwrap);
            bench.check(3);
            let third = with_key(&bench, &order, 3).finish().unwrap();
            assert!(matches!(third, Outcome::Booked(_)));
            for answer in answers {
                let sold_out = matches!(answer, Outcome::SoldOut(1));
                assert!(sold_out || answer == third, "{first_steps} {second_steps}");
            }
            bench.check(3);
            assert_eq!((bench.sold(), bench.taken()), (2, 2));
        }
    }
}

#[test]
fn sent_again_after_a_death_it_is_the_same_booking() {
    let order = order(2);
    for late in [false, true] {
        for wait in [0, GRACE.as_secs() as i64 + 1] {
            for steps in 0..MANY {
                let bench = Bench::new();
                bench.keep_late(late);
                drop(with_key(&bench, &order, 3).go(steps));
                let before = bench.live().pop();
                bench.wait(wait);
                // Another buyer may take what the dead one held.
                let other = self::order(2);
                bench
                    .run(async move |storage| book(storage, "other", &other, &house(3)).await.ok());
                let again = with_key(&bench, &order, 3).finish().unwrap();
                if let Some(before) = before {
                    assert_eq!(again, Outcome::Booked(before));
                }
                assert_eq!(with_key(&bench, &order, 3).finish().unwrap(), again);
                while bench.late() > 0 {
                    bench.deliver(0);
                }
                bench.check(3);
                // What is late may have made the booking that found no seats.
                let last = with_key(&bench, &order, 3).finish().unwrap();
                assert!(last == again || again == Outcome::SoldOut(1));
            }
        }
    }
}

#[test]
fn of_a_booking_that_was_cancelled_a_key_says_so() {
    let order = order(2);
    for steps in 0..MANY {
        for wait in [0, 23 * 60 * 60] {
            let bench = Bench::new();
            drop(with_key(&bench, &order, 3).go(steps));
            let Some(booking) = bench.live().pop() else {
                continue;
            };
            let id = booking.id;
            bench.run(async move |storage| cancel(storage, id, |_| true).await.unwrap());
            bench.wait(wait);
            bench.run(async move |storage| storage.clear_tombstones().await);
            let asked = order.clone();
            let known = bench.run(async move |storage| answer(storage, "key", &asked).await);
            assert_eq!(known, Ok(Some(Outcome::Cancelled)));
            let again = with_key(&bench, &order, 3).finish().unwrap();
            assert_eq!(again, Outcome::Cancelled, "after {steps} steps");
            assert_eq!((bench.sold(), bench.taken()), (0, 0));
        }
    }
}

#[test]
fn sold_out_is_no_answer_to_stay() {
    let bench = Bench::new();
    let order = order(2);
    let first = with_key(&bench, &order, 1).finish().unwrap();
    assert_eq!(first, Outcome::SoldOut(1));
    let second = with_key(&bench, &order, 9).finish().unwrap();
    assert!(matches!(second, Outcome::Booked(_)));
    assert_eq!(with_key(&bench, &order, 1).finish().unwrap(), second);
    assert_eq!((bench.sold(), bench.taken()), (2, 2));
}

#[test]
fn a_key_is_forgotten_after_a_day_to_the_second() {
    let bench = Bench::new();
    let first = with_key(&bench, &order(2), 9).finish();
    let Some(Outcome::Booked(booking)) = first else {
        panic!("there was room");
    };
    bench.run(async move |storage| cancel(storage, booking.id, |_| true).await.unwrap());
    bench.wait(24 * 60 * 60 + 1);
    // Another order is none of its business then.
    let again = with_key(&bench, &order(1), 9).finish();
    assert!(matches!(again, Some(Outcome::Booked(again)) if again.id != booking.id));
    bench.check(9);
    assert_eq!((bench.sold(), bench.taken()), (1, 1));
}

#[test]
fn another_request_is_told_apart() {
    let bench = Bench::new();
    let first = order(2);
    with_key(&bench, &first, 9).finish().unwrap();
    for other in [
        Order {
            seats: 3,
            ..first.clone()
        },
        Order {
            userid: Id::new(),
            ..first.clone()
        },
        Order {
            movies: vec![Id::new()],
            ..first.clone()
        },
    ] {
        let house = house(9);
        let answer = bench.run(async move |storage| book(storage, "key", &other, &house).await);
        let problem = answer.unwrap_err();
        assert_eq!(problem.errors[0].field, "Idempotency-Key");
    }
    let (one, two) = (Id::new(), Id::new());
    let ordered = |movies: [Id; 2]| Order {
        movies: movies.to_vec(),
        ..first.clone()
    };
    assert_eq!(
        fingerprint(&ordered([one, two])),
        fingerprint(&ordered([two, one]))
    );
}

#[test]
fn keys_are_printable_ascii() {
    for key in [
        "a",
        "8e03978e-40d5-43dd-bc93-6894a57f9324",
        &"~".repeat(128),
    ] {
        assert_eq!(hash_key(key, Id::new()).unwrap().len(), 64);
    }
    for key in ["", "é", "a\tb", &"a".repeat(129)] {
        assert_eq!(hash_key(key, Id::new()), None);
    }
}

#[test]
fn a_record_of_old_is_read() {
    let bench = Bench::new();
    let order = order(2);
    let record = doc! {
        "_id": "key", "fingerprint": fingerprint(&order), "bookingid": Id::new(), "createdon": bench.now(), "outcome": {"left": 1_i64},
    };
    bench.memory().put("idempotency", record);
    let answer = with_key(&bench, &order, 9).finish();
    assert!(matches!(answer, Some(Outcome::Booked(_))));
}
