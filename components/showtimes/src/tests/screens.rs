//! One screen, and processes that are overtaken, die, and send requests that arrive late.

use std::time::Duration;

use data_api_client::{
    Place, Stored,
    memory::Fault,
    stepped::{Chance, Process, Step, Stepped},
};
use service::{Day, Id, Time};

use super::*;
use crate::{
    model::{Entry, Showtime, ShowtimeChanges},
    programme,
    screens::GRACE,
};

/// No process here sends more requests than this. Each is two steps: it is carried out, and its answer is seen.
const MANY: usize = 16;

const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

type Storage = crate::storage::Storage<Stepped>;

/// Whether it was done; `None` where that is not known.
type Done = Option<bool>;

/// Storage, and the one film that there is.
struct Bench {
    wires: Stepped,
    movies: FakeSibling,
}

fn day() -> Day {
    "2030-01-15".parse().unwrap()
}

/// A showtime on the one screen, of half an hour.
fn showtime(time: &str) -> Showtime {
    Showtime {
        id: Id::new(),
        date: day(),
        time: Some(time.parse().unwrap()),
        screen: Some("1".into()),
        movies: vec![Id::LEAST],
        capacity: None,
        minutes: Some(30),
        revision: 0,
        createdon: NOW.get(),
    }
}

fn wait(seconds: u64) {
    NOW.set(NOW.get().after(Duration::from_secs(seconds)));
}

impl Bench {
    fn new() -> Self {
        let movies = FakeSibling::new("movies");
        let film = json!({"data": [{"id": Id::LEAST, "minutes": 30}]});
        movies.answer(&format!("/movies?limit=100&ids={}", Id::LEAST), &film);
        let wires = Stepped::default();
        Self { wires, movies }
    }

    fn process<A: 'static>(&self, work: impl AsyncFnOnce(Storage) -> A + 'static) -> Process<A> {
        let work = async move |client| work(Storage::new(client, clock("UTC"))).await;
        self.wires.process(work)
    }

    fn adding(&self, showtime: &Showtime) -> Process<Done> {
        let showtime = showtime.clone();
        self.process(async move |storage| {
            done(programme::add(&storage, &showtime).await.map(|()| true))
        })
    }

    fn moving(&self, id: Id, time: &str) -> Process<Done> {
        let time: Time = time.parse().unwrap();
        let changes = ShowtimeChanges {
            date: None,
            time: Some(Some(time)),
            screen: None,
            movies: None,
            capacity: None,
        };
        let movies = self.movies.sibling();
        self.process(async move |storage| {
            let siblings = (&movies, &movies);
            let changed = programme::change(&storage, siblings, id, &changes).await;
            done(changed.map(|changed| changed.is_some()))
        })
    }

    fn removing(&self, id: Id) -> Process<Done> {
        let bookings = FakeSibling::new("bookings");
        bookings.answer(&format!("DELETE /bookings/terms/{id}"), &json!(null));
        let bookings = bookings.sibling();
        self.process(async move |storage| {
            done(programme::remove(&storage, &bookings, id, false).await)
        })
    }

    /// What is on, by when it begins.
    fn on(&self) -> Vec<Showtime> {
        let documents = self.wires.memory.documents("showtimes").into_iter();
        let entries = documents.map(|one| Entry::from_document(one).unwrap());
        let mut on: Vec<_> = entries.filter_map(Place::living).collect();
        on.sort_by_key(Showtime::spot);
        on
    }

    /// One thing is on at a time.
    fn check(&self) {
        let clock = clock("UTC");
        let begins = |one: &Showtime| clock.moment(one.date, one.time.unwrap());
        for pair in self.on().windows(2) {
            let [first, second] = pair else { continue };
            let ends = begins(first).after(HALF_AN_HOUR);
            assert!(ends <= begins(second), "{pair:#?}");
        }
    }

    /// A minute later, each time at which nothing is on can be had.
    fn settled(&self, times: &[&str]) {
        wait(GRACE.as_secs() + 1);
        for time in times {
            let begins = |time: Time| clock("UTC").moment(day(), time);
            let new = begins(time.parse().unwrap());
            let free = self.on().iter().all(|one| {
                let old = begins(one.time.unwrap());
                old.since(new).max(new.since(old)) >= HALF_AN_HOUR
            });
            assert_eq!(self.adding(&showtime(time)).finish(), Some(free), "{time}");
            self.check();
        }
    }
}

fn done(result: Result<bool, service::Problem>) -> Done {
    match result {
        Ok(done) => Some(done),
        Err(problem) if problem.status == 409 => Some(false),
        Err(_) => None,
    }
}

#[test]
fn of_two_at_once_one_gets_the_screen() {
    for first_requests in 0..MANY {
        for second_requests in 0..MANY {
            let bench = Bench::new();
            let first = bench.adding(&showtime("20:00")).go(2 * first_requests);
            let second = bench.adding(&showtime("20:20")).go(2 * second_requests);
            bench.check();
            let first = first.finish();
            bench.check();
            let second = second.finish();
            bench.check();
            let both = [first, second];
            assert!(
                both == [Some(true), Some(false)] || both == [Some(false), Some(true)],
                "{first_requests} {second_requests}: {both:?}"
            );
            assert_eq!(bench.on().len(), 1);
        }
    }
}

#[test]
fn wherever_one_dies_the_time_is_free_a_minute_later() {
    for (late, steps) in (0..2 * MANY).flat_map(|steps| [(false, steps), (true, steps)]) {
        let bench = Bench::new();
        bench.wires.keep_late(late);
        let there = showtime("18:00");
        assert_eq!(bench.adding(&there).finish(), Some(true));
        drop(bench.adding(&showtime("20:00")).go(steps));
        drop(bench.moving(there.id, "22:00").go(steps));
        bench.check();
        bench.settled(&["20:00", "22:00"]);
        while bench.wires.late() > 0 {
            bench.wires.deliver(0);
            bench.check();
        }
        bench.settled(&["18:00", "20:00", "22:00"]);
        assert_eq!(bench.on().len(), 3);
    }
}

#[test]
fn who_was_given_up_on_begins_anew_or_is_refused() {
    for requests in 0..MANY {
        for other_requests in 0..MANY {
            let bench = Bench::new();
            let there = showtime("18:00");
            bench.adding(&there).finish();
            let adding = bench.adding(&showtime("20:00")).go(2 * requests);
            let moving = bench.moving(there.id, "20:10").go(2 * requests);
            wait(GRACE.as_secs() + 1);
            let other = bench.adding(&showtime("20:20")).go(2 * other_requests);
            bench.check();
            let adding = adding.finish();
            bench.check();
            let moving = moving.finish();
            bench.check();
            let other = other.finish();
            bench.check();
            let had = [adding, moving, other].into_iter();
            assert!(had.filter(|one| *one == Some(true)).count() <= 1);
            bench.settled(&["18:00", "20:00"]);
        }
    }
}

#[test]
fn who_moves_away_and_back_keeps_the_place() {
    for requests in 0..MANY {
        for other_requests in 0..MANY {
            let bench = Bench::new();
            let there = showtime("20:00");
            bench.adding(&there).finish();
            let away = bench.moving(there.id, "22:00").go(2 * requests);
            let back = bench.moving(there.id, "20:00").go(2 * other_requests);
            away.finish();
            bench.check();
            back.finish();
            bench.check();
            bench.settled(&["20:00", "22:00"]);
        }
    }
}

#[test]
fn two_who_move_the_same_to_the_same_place_are_both_right() {
    for requests in 0..MANY {
        for other_requests in 0..MANY {
            let bench = Bench::new();
            let there = showtime("18:00");
            bench.adding(&there).finish();
            let first = bench.moving(there.id, "20:00").go(2 * requests);
            let second = bench.moving(there.id, "20:00").go(2 * other_requests);
            assert_eq!((first.finish(), second.finish()), (Some(true), Some(true)));
            bench.settled(&["18:00", "20:10"]);
        }
    }
}

#[test]
fn a_request_that_arrives_late_changes_nothing() {
    for delayed in 0..4 * MANY {
        let bench = Bench::new();
        let there = showtime("18:00");
        bench.adding(&there).finish();
        let mut steps = 0;
        for process in [
            bench.adding(&showtime("20:00")),
            bench.moving(there.id, "22:00"),
            bench.moving(there.id, "18:10"),
        ] {
            let mut process = Step::Going(process);
            while let Step::Going(going) = process {
                if steps == delayed {
                    bench.wires.delay_next();
                }
                process = going.step();
                steps += 1;
            }
        }
        bench.settled(&["20:00", "22:00"]);
        while bench.wires.late() > 0 {
            bench.wires.deliver(0);
            bench.check();
        }
        bench.settled(&["20:00", "22:00"]);
    }
}

/// Random schedules of additions, moves, removals, deaths, lost answers and late requests; each can be run again by its seed.
#[test]
fn whatever_the_schedule_one_thing_is_on_at_a_time() {
    const TIMES: [&str; 4] = ["20:00", "20:20", "20:40", "21:10"];
    for seed in 0..400 {
        let (bench, mut chance) = (Bench::new(), Chance(seed));
        bench.wires.keep_late(chance.one_in(2));
        let mut running: Vec<Process<Done>> = Vec::new();
        for _ in 0..150 {
            let time = TIMES[chance.below(TIMES.len())];
            match chance.below(12) {
                0 => {
                    running.push(bench.adding(&showtime(time)));
                }
                1 => {
                    let on = bench.on();
                    if !on.is_empty() {
                        let id = on[chance.below(on.len())].id;
                        running.push(match chance.one_in(5) {
                            true => bench.removing(id),
                            false => bench.moving(id, time),
                        });
                    }
                }
                2 if chance.one_in(3) => wait(chance.below(100) as u64),
                3 if bench.wires.late() > 0 => {
                    bench.wires.deliver(chance.below(bench.wires.late()))
                }
                _ if !running.is_empty() => {
                    let process = running.swap_remove(chance.below(running.len()));
                    if chance.one_in(60) {
                        bench.wires.delay_next();
                    }
                    if chance.one_in(60) {
                        bench.wires.memory.fail_next(Fault::LostAnswer);
                    }
                    match process.step() {
                        Step::Going(_) if chance.one_in(60) => {}
                        Step::Going(process) => running.push(process),
                        Step::Done(_) => {}
                    }
                }
                _ => {}
            }
            bench.check();
        }
        drop(running);
        while bench.wires.late() > 0 {
            bench.wires.deliver(0);
            bench.check();
        }
        bench.settled(&TIMES);
    }
}
