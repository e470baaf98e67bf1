//! The ledger is small however many have booked, and what left it is neither forgotten nor counted twice.

use bson::{Document, doc};

use super::*;
use crate::idempotency::book;
use crate::ledger::GRACE;
use crate::sale::{cancel, sell_order};

fn buying(bench: &Bench, capacity: i32, seats: i32) -> Process<()> {
    let order = order(seats);
    bench.process(async move |storage| drop(sell_order(storage, &order, &house(capacity)).await))
}

/// One who books one seat with the one key of these tests.
fn twin(bench: &Bench, order: &Order, capacity: i32) -> Process<()> {
    let order = order.clone();
    bench.process(async move |storage| drop(book(storage, "key", &order, &house(capacity)).await))
}

fn cancelling(bench: &Bench, id: Id) -> Process<()> {
    bench.process(async move |storage| drop(cancel(storage, id, |_| true).await))
}

/// A bench where somebody has booked seats, and their booking.
fn booked(capacity: Option<i32>, seats: i32) -> (Bench, Id) {
    let bench = Bench::new();
    let order = order(seats);
    let house = capacity.map_or_else(unbounded, house);
    let sold = bench.run(async move |storage| sell_order(storage, &order, &house).await);
    assert!(matches!(sold, Ok(Outcome::Booked(_))));
    let id = bench.live()[0].id;
    (bench, id)
}

/// A minute later, whoever wants all that is left gets it, and no seat is lost.
fn settled(bench: &Bench, capacity: i32) {
    bench.wait(GRACE.as_secs() as i64 + 1);
    buying(bench, capacity, capacity + 1).finish();
    bench.check(capacity);
    assert_eq!(bench.taken(), bench.sold(), "seats are lost");
}

/// How often a process is overtaken in the middle of its work, in all.
const SWITCHES: usize = 3;

/// Lets processes go a request at a time, in every order in which they are overtaken no more than [`SWITCHES`] times.
fn in_every_order(begin: impl Fn() -> (Bench, Vec<Process<()>>), capacity: i32) {
    let mut orders = 0;
    let mut choices: Vec<(usize, usize)> = Vec::new();
    loop {
        let (bench, mut running) = begin();
        let (mut switches, mut going) = (0, false);
        for turn in 0.. {
            if running.is_empty() {
                break;
            }
            if turn == choices.len() {
                let stays = going && switches == SWITCHES;
                choices.push((0, if stays { 1 } else { running.len() }));
            }
            let at = choices[turn].0;
            switches += usize::from(going && at > 0);
            // Whoever went last stands first.
            let step = running.remove(at).go(2);
            going = matches!(step, Step::Going(_));
            if let Step::Going(process) = step {
                running.insert(0, process);
            }
            bench.check(capacity);
        }
        settled(&bench, capacity);
        orders += 1;
        while choices.pop_if(|(at, of)| *at + 1 == *of).is_some() {}
        let Some(last) = choices.last_mut() else {
            assert!(orders > 100, "{orders} orders are few");
            return;
        };
        last.0 += 1;
    }
}

#[test]
fn a_cancellation_and_a_buyer_who_confirms_what_it_cancels() {
    for most in 1..3 {
        let begin = || {
            let (bench, id) = booked(Some(3), 1);
            bench.most.set(most);
            let running = vec![cancelling(&bench, id), buying(&bench, 3, 3)];
            (bench, running)
        };
        in_every_order(begin, 3);
    }
}

#[test]
fn a_cancellation_and_a_buyer_who_counts_what_it_cancels() {
    let begin = || {
        let (bench, id) = booked(None, 2);
        let running = vec![cancelling(&bench, id), buying(&bench, 3, 1)];
        (bench, running)
    };
    in_every_order(begin, 3);
}

#[test]
fn two_cancellations_at_once() {
    let begin = || {
        let (bench, first) = booked(Some(4), 1);
        buying(&bench, 4, 2).finish();
        let second = bench
            .live()
            .iter()
            .map(|one| one.id)
            .find(|id| *id != first);
        let running = vec![
            cancelling(&bench, first),
            cancelling(&bench, second.unwrap()),
        ];
        (bench, running)
    };
    in_every_order(begin, 4);
}

#[test]
fn one_with_a_key_and_a_buyer_who_confirms_it() {
    let order = order(1);
    let begin = || {
        let (bench, _) = booked(Some(3), 1);
        let running = vec![twin(&bench, &order, 3), buying(&bench, 3, 1)];
        (bench, running)
    };
    in_every_order(begin, 3);
}

// There is room for more, so that nothing else keeps a seat from being counted twice.
#[test]
fn three_at_every_three_points() {
    // Requests, of which each is two steps.
    const MANY: usize = 8;
    let order = order(1);
    for first in 0..MANY {
        for second in 0..MANY {
            for third in 0..MANY {
                let (bench, id) = booked(Some(9), 1);
                bench.most.set(2);
                // A twin stops, another is overtaken by one who confirms, and by a cancellation of either's booking.
                let slow = twin(&bench, &order, 9).go(2 * first);
                let other = twin(&bench, &order, 9).go(2 * second);
                bench.check(9);
                let cancelled = bench.live().last().map_or(id, |booking| booking.id);
                let cancellation = cancelling(&bench, cancelled).go(2 * third);
                bench.check(9);
                buying(&bench, 3, 1).finish();
                bench.check(9);
                slow.finish();
                bench.check(9);
                cancellation.finish();
                bench.check(9);
                other.finish();
                settled(&bench, 9);
            }
        }
    }
}

#[test]
fn a_late_request_changes_nothing_that_was_confirmed_since() {
    // Each request of a buyer, and then of a cancellation, is sent twice: once it gets through, and once it arrives after all else.
    for (delayed, most) in (0..24).flat_map(|delayed| [(delayed, 1), (delayed, 2)]) {
        let (bench, id) = booked(Some(9), 1);
        bench.most.set(most);
        let mut processes = [buying(&bench, 9, 1), cancelling(&bench, id)].map(Step::Going);
        let mut steps = 0;
        for process in &mut processes {
            while let Step::Going(going) = std::mem::replace(process, Step::Done(())) {
                if steps == delayed {
                    bench.delay_next();
                }
                *process = going.step();
                steps += 1;
            }
        }
        buying(&bench, 9, 1).finish();
        buying(&bench, 9, 1).finish();
        bench.check(9);
        while bench.late() > 0 {
            bench.deliver(0);
            bench.check(9);
        }
        settled(&bench, 9);
    }
}

#[test]
fn what_a_dead_cancellation_owes_is_given_back_by_who_needs_it() {
    for steps in 0..20 {
        let (bench, id) = booked(Some(2), 2);
        drop(cancelling(&bench, id).go(steps));
        let void = bench.sold() == 0;
        // At once, without a minute's wait.
        buying(&bench, 2, 1).finish();
        bench.check(2);
        assert_eq!(
            bench.sold(),
            if void { 1 } else { 2 },
            "after {steps} steps"
        );
    }
}

/// A ledger as they were: with a hold for each booking ever made, and without an epoch.
fn ledger_of_old(bench: &Bench, holds: &[Id]) {
    let at = bench.now().before(2 * GRACE);
    let holds: Vec<Document> = holds
        .iter()
        .map(|id| doc! {"booking": id, "seats": 1, "at": at})
        .collect();
    let ledger = doc! {"_id": showtime(), "taken": holds.len() as i32, "holds": holds};
    bench.memory().put("seats", ledger);
}

#[test]
fn a_ledger_of_old_is_carried_on() {
    let bench = Bench::new();
    bench.most.set(64);
    let bookings: Vec<Booking> = (0..250)
        .map(|_| order(1).booking(Id::new(), bench.now(), &house(9)))
        .collect();
    let dead = [Id::new(), Id::new()];
    let mut holds: Vec<Id> = bookings.iter().map(|booking| booking.id).collect();
    holds.extend(dead);
    ledger_of_old(&bench, &holds);
    for (number, booking) in bookings.iter().enumerate() {
        let mut document = booking.to_document().unwrap();
        if number == 0 {
            // It was cancelled, and nobody came to release its hold.
            let now = bench.now();
            document =
                doc! {"_id": booking.id, "showtimeid": showtime(), "voided": now, "createdon": now};
        }
        bench.memory().put("bookings", document);
    }
    buying(&bench, 252, 1).finish();
    bench.check(252);
    assert_eq!((bench.sold(), bench.taken()), (250, 250));
    cancelling(&bench, bookings[1].id).finish();
    bench.check(252);
    assert_eq!((bench.sold(), bench.taken()), (249, 249));
}

#[test]
fn a_ledger_is_no_larger_for_many_bookings() {
    for (most, largest) in [(8, 8), (64, 15)] {
        let bench = Bench::new();
        bench.most.set(most);
        for sold in 1..40 {
            buying(&bench, 40, 1).finish();
            bench.check(40);
            assert_eq!((bench.sold(), bench.taken()), (sold, sold));
            assert!(bench.ledger().unwrap().holds.len() <= largest);
        }
    }
}

#[test]
fn buyers_whom_a_full_ledger_has_no_room_for_come_again() {
    let bench = Bench::new();
    bench.most.set(1);
    // One holds seats, and has not written its booking.
    let mut slow = buying(&bench, 9, 1);
    while bench.taken() == 0 {
        let Step::Going(going) = slow.step() else {
            panic!("it holds nothing");
        };
        slow = going;
    }
    let order = order(1);
    let sale = bench.run(async move |storage| sell_order(storage, &order, &house(9)).await);
    assert_eq!(sale, Err(data_api_client::Error::Busy));
    slow.finish();
    assert_eq!(bench.sold(), 1);
    buying(&bench, 9, 1).finish();
    assert_eq!((bench.sold(), bench.taken()), (2, 2));
}
