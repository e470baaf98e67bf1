//! A sale that ends at every point where somebody buys.

use super::terms::{MANY, at_every_two_points, buyer, closing, is_booked};
use super::*;
use crate::idempotency::book;
use crate::sale::cancel;

fn keyed(bench: &Bench, order: &Order) -> Process<Option<Outcome>> {
    let order = order.clone();
    bench.process(async move |storage| book(storage, "key", &order, &house(5)).await.ok())
}

/// After a sale has ended, nothing counts, and what was promised to somebody is shown to be cancelled.
fn is_over(bench: &Bench, sales: &[Option<Outcome>]) {
    assert_eq!(bench.live(), []);
    for sale in sales.iter().flatten() {
        let Outcome::Booked(booking) = sale else {
            continue;
        };
        let entry = bench.entries().find_map(|entry| match entry {
            Entry::Living(one) if one.id == booking.id => one.cancelled,
            _ => None,
        });
        assert_eq!(entry.unwrap().reason, "the showtime was cancelled");
    }
    let late = buyer(bench, 1).finish();
    assert_eq!(late, Some(Outcome::Closed));
}

#[test]
fn once_it_is_closed_nothing_is_booked() {
    let begin = || {
        let bench = Bench::new();
        buyer(&bench, 1).finish();
        let (buyer, closing) = (buyer(&bench, 2), closing(&bench, true));
        (bench, buyer, closing)
    };
    at_every_two_points(begin, |bench, bought, closed| {
        assert_eq!(closed, Some(Ok(())));
        is_over(bench, &[bought]);
    });
}

#[test]
fn once_it_is_closed_no_key_books() {
    let order = order(2);
    let begin = || {
        let bench = Bench::new();
        let (buyer, closing) = (keyed(&bench, &order), closing(&bench, true));
        (bench, buyer, closing)
    };
    at_every_two_points(begin, |bench, bought, closed| {
        assert_eq!(closed, Some(Ok(())));
        let again = keyed(bench, &order).finish();
        assert!(matches!(again, Some(Outcome::Closed | Outcome::Cancelled)));
        is_over(bench, &[bought, again]);
    });
}

#[test]
fn it_is_closed_or_booked_and_not_both() {
    let begin = || {
        let bench = Bench::new();
        let (buyer, closing) = (buyer(&bench, 2), closing(&bench, false));
        (bench, buyer, closing)
    };
    at_every_two_points(begin, |bench, bought, closed| {
        if closed.unwrap().is_ok() {
            assert_eq!(bought, Some(Outcome::Closed));
            is_over(bench, &[]);
        } else {
            assert!(is_booked(&bought));
            assert_eq!(closing(bench, false).finish(), Some(Err(1)));
            // It is on sale still.
            assert!(is_booked(&buyer(bench, 1).finish()));
        }
    });
}

#[test]
fn whoever_dies_while_closing_is_followed_by_whoever_comes() {
    for late in [false, true] {
        for steps in 0..MANY {
            for buyers_steps in 0..MANY {
                let bench = Bench::new();
                bench.keep_late(late);
                let sold = buyer(&bench, 1).finish();
                let slow = buyer(&bench, 2).go(buyers_steps);
                drop(closing(&bench, true).go(steps));
                bench.check(5);
                assert_eq!(closing(&bench, true).finish(), Some(Ok(())));
                is_over(&bench, std::slice::from_ref(&sold));
                let slow = slow.finish();
                while bench.late() > 0 {
                    bench.deliver(0);
                }
                is_over(&bench, &[sold, slow]);
                assert_eq!(closing(&bench, false).finish(), Some(Ok(())));
            }
        }
    }
}

#[test]
fn a_request_that_arrives_after_the_closing_books_nothing() {
    // Each request of a buyer is sent twice: once it gets through, and once it arrives after all else.
    for delayed in 0..24 {
        let bench = Bench::new();
        let mut buyer = Step::Going(buyer(&bench, 2));
        let mut steps = 0;
        while let Step::Going(going) = buyer {
            if steps == delayed {
                bench.delay_next();
            }
            buyer = going.step();
            steps += 1;
        }
        assert_eq!(closing(&bench, true).finish(), Some(Ok(())));
        while bench.late() > 0 {
            bench.deliver(0);
        }
        is_over(&bench, &[buyer.finish()]);
    }
}

#[test]
fn what_the_cinema_has_cancelled_nobody_cancels_again() {
    let bench = Bench::new();
    buyer(&bench, 2).finish();
    let id = bench.live()[0].id;
    assert_eq!(closing(&bench, true).finish(), Some(Ok(())));
    let again = bench.run(async move |storage| cancel(storage, id, |_| true).await);
    assert_eq!(again, Ok(Ended::ByCinema));
    is_over(&bench, &[]);
}

#[test]
fn hundreds_are_cancelled_a_portion_at_a_time() {
    let bench = Bench::new();
    for _ in 0..250 {
        let booking = order(1).booking(Id::new(), bench.now(), &unbounded());
        bench
            .memory()
            .put("bookings", booking.to_document().unwrap());
    }
    let before = bench.memory().request_count();
    assert_eq!(closing(&bench, true).finish(), Some(Ok(())));
    assert_eq!(bench.live(), []);
    let asked = bench.memory().request_count() - before;
    assert!(asked < 16, "{asked} requests");
    assert_eq!(bench.memory().scans(), [""; 0]);
}
