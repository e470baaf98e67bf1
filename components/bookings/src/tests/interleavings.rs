//! Two processes, at every pair of points where one can be overtaken by the other, or die.

use super::*;
use crate::ledger::GRACE;
use crate::sale::{cancel, sell_order};

/// No process here needs more steps than this.
const MANY: usize = 40;

fn buyer(bench: &Bench, capacity: i32, seats: i32) -> Process<Option<Outcome>> {
    let order = order(seats);
    bench.process(async move |storage| sell_order(storage, &order, &house(capacity)).await.ok())
}

fn is_booked(sale: &Option<Outcome>) -> bool {
    matches!(sale, Some(Outcome::Booked(_)))
}

#[test]
fn of_two_buyers_of_the_last_seats_one_gets_them() {
    for first_steps in 0..MANY {
        for second_steps in 0..MANY {
            let bench = Bench::new();
            let first = buyer(&bench, 3, 2).go(first_steps);
            let second = buyer(&bench, 3, 2).go(second_steps);
            bench.check(3);
            let first = first.finish();
            bench.check(3);
            let second = second.finish();
            bench.check(3);
            let booked = [&first, &second].into_iter().filter(|sale| is_booked(sale));
            assert_eq!(booked.count(), 1, "{first_steps} {second_steps}");
            assert_eq!((bench.sold(), bench.taken()), (2, 2));
        }
    }
}

#[test]
fn wherever_a_buyer_dies_the_seats_are_sold_a_minute_later() {
    for late in [false, true] {
        for steps in 0..MANY {
            let bench = Bench::new();
            bench.keep_late(late);
            drop(buyer(&bench, 2, 2).go(steps));
            bench.check(2);
            let sold = bench.sold() > 0;
            let second = buyer(&bench, 2, 2).finish();
            let held = bench.taken() > 0;
            if !is_booked(&second) {
                assert!(held);
                bench.wait(GRACE.as_secs() as i64 + 1);
                let third = buyer(&bench, 2, 2).finish();
                assert_eq!(is_booked(&third), !sold, "after {steps} steps");
            }
            while bench.late() > 0 {
                bench.deliver(0);
                bench.check(2);
            }
            assert_eq!(bench.sold(), 2);
        }
    }
}

#[test]
fn a_buyer_overtaken_by_the_reclaiming_of_its_seats_books_nothing_that_was_sold() {
    for steps in 0..MANY {
        for reclaimer_steps in 0..MANY {
            let bench = Bench::new();
            let slow = buyer(&bench, 2, 2).go(steps);
            bench.wait(GRACE.as_secs() as i64 + 1);
            let reclaimer = buyer(&bench, 2, 2).go(reclaimer_steps);
            let slow = slow.finish();
            bench.check(2);
            let reclaimer = reclaimer.finish();
            bench.check(2);
            let both = [&slow, &reclaimer];
            assert!(both.into_iter().filter(|sale| is_booked(sale)).count() <= 1);
            // Whoever lost, nothing is left behind that a minute does not heal.
            bench.wait(GRACE.as_secs() as i64 + 1);
            buyer(&bench, 2, 2).finish();
            bench.check(2);
            assert_eq!((bench.sold(), bench.taken()), (2, 2));
        }
    }
}

#[test]
fn cancelling_gives_back_once_wherever_it_dies() {
    for steps in 0..MANY {
        let bench = Bench::new();
        let Some(Outcome::Booked(booking)) = buyer(&bench, 4, 2).finish() else {
            panic!("there was room");
        };
        buyer(&bench, 4, 2).finish();
        let id = booking.id;
        let dead = bench
            .process(async move |storage| cancel(storage, id, |_| true).await)
            .go(steps);
        let dead = matches!(dead, Step::Going(_));
        let again = bench
            .run(async move |storage| cancel(storage, id, |_| true).await == Ok(Ended::Cancelled));
        assert!(dead || !again, "it was cancelled, so the second is told so");
        assert_eq!(bench.sold(), 2);
        bench.wait(GRACE.as_secs() as i64 + 1);
        assert!(is_booked(&buyer(&bench, 4, 2).finish()));
        bench.check(4);
        assert_eq!((bench.sold(), bench.taken()), (4, 4));
    }
}

#[test]
fn of_two_cancellations_one_does_it() {
    for first_steps in 0..MANY {
        for second_steps in 0..MANY {
            let bench = Bench::new();
            let Some(Outcome::Booked(booking)) = buyer(&bench, 4, 2).finish() else {
                panic!("there was room");
            };
            buyer(&bench, 4, 2).finish();
            let id = booking.id;
            let cancelling = || {
                bench.process(async move |storage| {
                    cancel(storage, id, |_| true).await == Ok(Ended::Cancelled)
                })
            };
            let first = cancelling().go(first_steps);
            let second = cancelling().go(second_steps);
            assert!(first.finish() ^ second.finish());
            bench.check(4);
            assert_eq!((bench.sold(), bench.taken()), (2, 2));
        }
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_and_changes_nothing_twice() {
    for lost in 0..6 {
        let bench = Bench::new();
        buyer(&bench, 4, 1).finish();
        let mut process = buyer(&bench, 4, 2);
        for step in 0.. {
            if step == lost {
                bench
                    .memory()
                    .fail_next(data_api_client::memory::Fault::LostAnswer);
            }
            match process.step() {
                Step::Going(going) => process = going,
                Step::Done(sale) => {
                    assert!(is_booked(&sale));
                    break;
                }
            }
        }
        bench.check(4);
        assert_eq!((bench.sold(), bench.taken()), (3, 3));
    }
}

#[test]
fn a_cancellation_whose_answer_was_lost_knows_its_own_work() {
    let bench = Bench::new();
    let Some(Outcome::Booked(booking)) = buyer(&bench, 4, 2).finish() else {
        panic!("there was room");
    };
    let id = booking.id;
    // Two steps read the booking; the third request's first try is the update.
    let Step::Going(process) = bench
        .process(async move |storage| cancel(storage, id, |_| true).await == Ok(Ended::Cancelled))
        .go(2)
    else {
        panic!("it has not cancelled yet");
    };
    bench
        .memory()
        .fail_next(data_api_client::memory::Fault::LostAnswer);
    let Step::Going(process) = process.step() else {
        panic!("it has not seen the answer yet");
    };
    assert!(process.finish());
    assert_eq!((bench.sold(), bench.taken()), (0, 0));
}

#[test]
fn a_booking_that_arrives_after_its_cancellation_stays_cancelled() {
    let bench = Bench::new();
    // The writing of the booking is sent twice: once it gets through, and once it is held up on the way.
    let mut process = buyer(&bench, 2, 2);
    let mut sale = None;
    while sale.is_none() {
        if bench.taken() == 2 && bench.late() == 0 {
            bench.delay_next();
        }
        match process.step() {
            Step::Going(going) => process = going,
            Step::Done(done) => {
                sale = Some(done);
                break;
            }
        }
    }
    let Some(Some(Outcome::Booked(booking))) = sale else {
        panic!("the second try got through");
    };
    assert_eq!(bench.late(), 1);
    let id = booking.id;
    assert!(
        bench.run(async move |storage| cancel(storage, id, |_| true).await == Ok(Ended::Cancelled))
    );
    assert!(is_booked(&buyer(&bench, 2, 2).finish()));
    bench.deliver(0);
    bench.check(2);
    assert_eq!(bench.sold(), 2);
}

#[test]
fn what_is_booked_is_counted_when_the_ledger_begins() {
    let bench = Bench::new();
    // What was booked before there were ledgers.
    let earlier = order(3).booking(Id::new(), bench.now(), &unbounded());
    bench
        .memory()
        .put("bookings", earlier.to_document().unwrap());
    assert_eq!(buyer(&bench, 4, 2).finish(), Some(Outcome::SoldOut(1)));
    assert!(is_booked(&buyer(&bench, 4, 1).finish()));
    bench.check(4);
}
