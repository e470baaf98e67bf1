//! Over storage in memory, on a clock that stands still.

#![allow(clippy::unwrap_used)]

mod changes;
mod lists;
mod methods;
mod rules;
mod screens;

use std::cell::Cell;

use bson::oid::ObjectId;
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::{
    Access, Clock, Moment,
    testing::{Answer, Call, FakeSibling, run, table},
};

use crate::{handlers::Showtimes, routes, storage::Storage};

thread_local! {
    /// Where the clock stands: at noon of the last day of 2029, in UTC.
    static NOW: Cell<Moment> = const { Cell::new(Moment::clamped(1_893_412_800_000)) };
}

/// The clock of the cinema, in a time zone.
fn clock(zone: &str) -> Clock {
    Clock::new(zone, || NOW.get()).unwrap()
}

/// The service over storage in memory, beside a catalogue of some films, and bookings.
struct Programme {
    memory: Memory,
    movies: FakeSibling,
    bookings: FakeSibling,
    zone: &'static str,
}

impl Programme {
    fn new() -> Self {
        Self {
            memory: Memory::new(),
            movies: FakeSibling::new("movies"),
            bookings: FakeSibling::new("bookings"),
            zone: "UTC",
        }
    }

    fn send(&self, call: Call) -> Answer {
        let service = Showtimes {
            storage: Storage::new(self.memory.client(), clock(self.zone)),
            movies: self.movies.sibling(),
            bookings: self.bookings.sibling(),
        };
        run(call.staff().send("showtimes", || service, routes))
    }

    /// Has the catalogue know, of the films asked for, just `known`.
    fn knows(&self, asked: &[ObjectId], known: &[ObjectId]) {
        let known = known.iter().map(|id| json!({"id": id.to_hex()}));
        self.tells(asked, known.collect());
    }

    /// Has the catalogue say this of the films asked for.
    fn tells(&self, asked: &[ObjectId], films: Vec<Value>) {
        let ids: Vec<_> = asked.iter().map(|id| id.to_hex()).collect();
        let path = format!("/movies?limit=100&ids={}", ids.join(","));
        self.movies.answer(&path, &json!({"data": films}));
    }

    /// A film that takes so long.
    fn film(&self, minutes: Option<i32>) -> ObjectId {
        let film = ObjectId::new();
        self.tells(
            &[film],
            vec![json!({"id": film.to_hex(), "minutes": minutes})],
        );
        film
    }

    fn post(&self, body: &Value) -> Answer {
        self.send(Call::json("POST", "/showtimes", body))
    }

    fn patch(&self, id: &str, body: &Value) -> Answer {
        self.send(Call::json("PATCH", &format!("/showtimes/{id}"), body))
    }

    fn delete(&self, id: &str) -> Answer {
        self.send(Call::new("DELETE", &format!("/showtimes/{id}")))
    }

    /// Adds a showtime, and gives its id.
    fn add(&self, date: &str, movie: ObjectId) -> String {
        self.knows(&[movie], &[movie]);
        self.added(&json!({"date": date, "movies": [movie.to_hex()]}))
    }

    fn added(&self, body: &Value) -> String {
        let answer = self.post(body);
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json["data"]["id"].as_str().unwrap().to_owned()
    }

    fn ids(&self, path: &str) -> Vec<String> {
        let answer = self.send(Call::get(path));
        assert_eq!(answer.status, 200, "{path}: {}", answer.json);
        ids(&answer)
    }
}

fn ids(answer: &Answer) -> Vec<String> {
    let list = answer.json["data"].as_array().unwrap().iter();
    let ids = list.map(|one| one["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// The fields at fault of a 422.
fn faults(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 422, "{}", answer.json);
    let errors = answer.json["errors"].as_array().unwrap().iter();
    errors
        .map(|error| error["field"].as_str().unwrap())
        .collect()
}

#[test]
fn anyone_reads_and_staff_writes() {
    let rows = table::<Showtimes<Memory, FakeSibling>>(routes);
    assert_eq!(rows.len(), 5);
    for (method, path, access) in rows {
        let expected = if method == "GET" {
            Access::Anyone
        } else {
            Access::Staff
        };
        assert_eq!(access, expected, "{method} {path}");
    }
}
