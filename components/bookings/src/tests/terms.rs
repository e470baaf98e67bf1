//! Terms that change at every point where somebody buys.

use super::*;
use crate::ledger::GRACE;
use crate::sale::{cancel, sell_order};
use crate::terms::{self, Unfit};

/// No process here needs more steps than this.
pub(super) const MANY: usize = 26;

pub(super) fn buyer(bench: &Bench, seats: i32) -> Process<Option<Outcome>> {
    let order = order(seats);
    bench.process(async move |storage| sell_order(storage, &order, &house(5)).await.ok())
}

fn terms(revision: i32, capacity: i32, movies: &[Id]) -> Terms {
    Terms {
        revision,
        capacity: Some(capacity),
        movies: movies.to_vec(),
    }
}

type Set = Result<Result<(), Unfit>, data_api_client::Error>;

fn setting(bench: &Bench, terms: &Terms) -> Process<Set> {
    let terms = terms.clone();
    bench.process(async move |storage| terms::set(storage, showtime(), &terms).await)
}

pub(super) fn closing(bench: &Bench, cancels: bool) -> Process<Option<Result<(), i64>>> {
    bench.process(async move |storage| terms::close(storage, showtime(), cancels).await.ok())
}

pub(super) fn is_booked(sale: &Option<Outcome>) -> bool {
    matches!(sale, Some(Outcome::Booked(_)))
}

/// Has two processes overtake each other at every pair of points, and end in either order.
pub(super) fn at_every_two_points<A, B>(
    begin: impl Fn() -> (Bench, Process<A>, Process<B>),
    check: impl Fn(&Bench, A, B),
) {
    for first_steps in 0..MANY {
        for second_steps in 0..MANY {
            for first_ends_first in [true, false] {
                let (bench, first, second) = begin();
                let first = first.go(first_steps);
                let second = second.go(second_steps);
                bench.check(5);
                let (first, second) = if first_ends_first {
                    let first = first.finish();
                    bench.check(5);
                    (first, second.finish())
                } else {
                    let second = second.finish();
                    bench.check(5);
                    (first.finish(), second)
                };
                bench.check(5);
                check(&bench, first, second);
            }
        }
    }
}

#[test]
fn fewer_seats_are_there_or_sold_and_not_both() {
    let fewer = terms(1, 2, &[movie()]);
    let begin = || {
        let bench = Bench::new();
        let (buyer, setting) = (buyer(&bench, 3), setting(&bench, &fewer));
        (bench, buyer, setting)
    };
    at_every_two_points(begin, |bench, bought, set| {
        match set.unwrap() {
            Ok(()) => assert_eq!(bought, Some(Outcome::SoldOut(2))),
            Err(unfit) => {
                assert_eq!(unfit, Unfit::Sold(3));
                assert!(is_booked(&bought));
            }
        }
        // Who comes with what was shown before goes by what counts.
        let sold = bench.sold();
        assert!(is_booked(&buyer(bench, 2).finish()));
        assert!(!is_booked(&buyer(bench, 1).finish()));
        assert_eq!(bench.sold(), sold + 2);
    });
}

#[test]
fn a_film_is_there_or_not_booked() {
    let other = Id::new();
    let another = terms(1, 5, &[other]);
    let begin = || {
        let bench = Bench::new();
        let (buyer, setting) = (buyer(&bench, 3), setting(&bench, &another));
        (bench, buyer, setting)
    };
    at_every_two_points(begin, |_, bought, set| match set.unwrap() {
        Ok(()) => assert_eq!(bought, Some(Outcome::NotShown(vec![movie()]))),
        Err(unfit) => {
            assert_eq!(unfit, Unfit::Booked(movie().to_string()));
            assert!(is_booked(&bought));
        }
    });
}

#[test]
fn what_was_cancelled_is_in_nobodys_way() {
    let bench = Bench::new();
    buyer(&bench, 4).finish();
    let id = bench.live()[0].id;
    let fewer = terms(1, 2, &[Id::new()]);
    assert_eq!(
        setting(&bench, &fewer).finish(),
        Ok(Err(Unfit::Booked(movie().to_string())))
    );
    // Its seats are owed still.
    drop(
        bench
            .process(async move |storage| cancel(storage, id, |_| true).await)
            .go(4),
    );
    assert_eq!((bench.sold(), bench.taken()), (0, 4));
    assert_eq!(setting(&bench, &fewer).finish(), Ok(Ok(())));
    assert_eq!(bench.taken(), 0);
}

#[test]
fn seats_of_one_who_died_count_for_a_minute() {
    let bench = Bench::new();
    let mut dead = buyer(&bench, 3);
    while bench.taken() == 0 {
        let Step::Going(going) = dead.step() else {
            panic!("it holds nothing");
        };
        dead = going;
    }
    drop(dead);
    let fewer = terms(1, 2, &[movie()]);
    assert_eq!(setting(&bench, &fewer).finish(), Ok(Err(Unfit::Sold(3))));
    assert_eq!(closing(&bench, false).finish(), Some(Err(1)));
    bench.wait(GRACE.as_secs() as i64 + 1);
    assert_eq!(setting(&bench, &fewer).finish(), Ok(Ok(())));
    assert_eq!(closing(&bench, false).finish(), Some(Ok(())));
}

#[test]
fn the_later_terms_count_and_older_ones_are_told_so() {
    let bench = Bench::new();
    let (second, third) = (terms(2, 3, &[movie()]), terms(3, 4, &[movie()]));
    assert_eq!(setting(&bench, &third).finish(), Ok(Ok(())));
    // Sent again, it is as good as once.
    assert_eq!(setting(&bench, &third).finish(), Ok(Ok(())));
    for stale in [second, terms(3, 5, &[movie()])] {
        assert_eq!(setting(&bench, &stale).finish(), Ok(Err(Unfit::Stale(3))));
    }
    // A buyer who has read a still later showtime goes by that.
    let order = order(5);
    let mut showtime = house(5);
    showtime.terms.revision = 4;
    let sold = bench.run(async move |storage| sell_order(storage, &order, &showtime).await.ok());
    assert!(is_booked(&sold));
}

#[test]
fn an_open_house_has_terms_as_well() {
    let bench = Bench::new();
    let (mine, theirs) = (order(4), order(1));
    let sold = bench.run(async move |storage| sell_order(storage, &mine, &unbounded()).await.ok());
    assert!(is_booked(&sold));
    let few = terms(1, 3, &[movie()]);
    assert_eq!(setting(&bench, &few).finish(), Ok(Err(Unfit::Sold(4))));
    assert_eq!(
        setting(&bench, &terms(1, 4, &[movie()])).finish(),
        Ok(Ok(()))
    );
    let sold = bench.run(async move |storage| sell_order(storage, &theirs, &unbounded()).await);
    assert_eq!(sold, Ok(Outcome::SoldOut(0)));
}
