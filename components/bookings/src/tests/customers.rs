//! One customer's seats at one showtime are bounded, however many of their orders are under way at once.

use super::*;
use crate::ledger::GRACE;
use crate::sale::{cancel, sell_order};

const MANY: usize = 30;

fn buying(bench: &Bench, user: Id, seats: i32) -> Process<Option<Outcome>> {
    let order = Order {
        userid: user,
        ..order(seats)
    };
    bench.process(async move |storage| sell_order(storage, &order, &house(100)).await.ok())
}

fn is_booked(sale: &Option<Outcome>) -> bool {
    matches!(sale, Some(Outcome::Booked(_)))
}

#[test]
fn two_orders_at_once_are_not_more_than_one_may_have() {
    let user = Id::new();
    for most in [1, 2, 64] {
        for first_steps in 0..MANY {
            for second_steps in 0..MANY {
                let bench = Bench::new();
                bench.most.set(most);
                let first = buying(&bench, user, 12).go(first_steps);
                let second = buying(&bench, user, 12).go(second_steps);
                bench.check(100);
                // Somebody who confirms what is written.
                buying(&bench, Id::new(), 1).finish();
                bench.check(100);
                let sales = [first.finish(), second.finish()];
                bench.check(100);
                let refused = sales.iter().find(|sale| !is_booked(sale));
                let full = most == 1 && refused == Some(&None);
                assert!(
                    full || refused == Some(&Some(Outcome::Enough(8))),
                    "{sales:?}"
                );
                assert!(sales.iter().any(is_booked) || full);
            }
        }
    }
}

#[test]
fn what_is_left_to_a_customer_is_told_and_may_be_had() {
    let bench = Bench::new();
    let (user, other) = (Id::new(), Id::new());
    assert!(is_booked(&buying(&bench, user, 12).finish()));
    let first = bench.live()[0].id;
    assert_eq!(buying(&bench, user, 9).finish(), Some(Outcome::Enough(8)));
    assert!(is_booked(&buying(&bench, user, 8).finish()));
    assert_eq!(buying(&bench, user, 1).finish(), Some(Outcome::Enough(0)));
    assert!(is_booked(&buying(&bench, other, 20).finish()));
    let cancelled = bench.run(async move |storage| cancel(storage, first, |_| true).await);
    assert_eq!(cancelled, Ok(Ended::Cancelled));
    assert!(is_booked(&buying(&bench, user, 12).finish()));
    bench.check(100);
}

#[test]
fn what_a_dead_order_holds_counts_for_a_minute() {
    let bench = Bench::new();
    let user = Id::new();
    let mut dead = buying(&bench, user, 12);
    while bench.taken() == 0 {
        let Step::Going(going) = dead.step() else {
            panic!("it holds nothing");
        };
        dead = going;
    }
    drop(dead);
    assert_eq!(buying(&bench, user, 9).finish(), Some(Outcome::Enough(8)));
    bench.wait(GRACE.as_secs() as i64 + 1);
    assert!(is_booked(&buying(&bench, user, 9).finish()));
    assert_eq!((bench.sold(), bench.taken()), (9, 9));
}
