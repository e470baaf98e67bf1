#![allow(clippy::unwrap_used)]

use bson::{Bson, DateTime, doc, oid::ObjectId};
use data_api_client::memory::Memory;
use serde_json::json;
use service::{
    Access,
    testing::{Answer, Call, FakeSibling, run, table},
};

use crate::{handlers::Showtimes, routes, storage::Storage};

/// The service over storage in memory, beside a catalogue of some films.
struct Programme {
    memory: Memory,
    movies: FakeSibling,
}

impl Programme {
    fn new() -> Self {
        Self {
            memory: Memory::new(),
            movies: FakeSibling::new("movies"),
        }
    }

    fn send(&self, call: Call) -> Answer {
        let service = Showtimes {
            storage: Storage::new(self.memory.client()),
            movies: self.movies.sibling(),
        };
        run(call.staff().send("showtimes", || service, routes))
    }

    /// Has the catalogue know, of the films asked for, just `known`.
    fn knows(&self, asked: &[ObjectId], known: &[ObjectId]) {
        let ids: Vec<_> = asked.iter().map(|id| id.to_hex()).collect();
        let data: Vec<_> = known
            .iter()
            .map(|id| json!({"id": id.to_hex(), "title": "x"}))
            .collect();
        self.movies.answer(
            &format!("/movies?limit=100&ids={}", ids.join(",")),
            &json!({"data": data}),
        );
    }

    fn add(&self, date: &str, movie: ObjectId) -> String {
        self.knows(&[movie], &[movie]);
        let body = json!({"date": date, "movies": [movie.to_hex()]});
        let answer = self.send(Call::json("POST", "/showtimes", &body));
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json["data"]["id"].as_str().unwrap().to_owned()
    }

    fn ids(&self, path: &str) -> Vec<String> {
        let answer = self.send(Call::get(path));
        assert_eq!(answer.status, 200, "{path}: {}", answer.json);
        answer.json["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[test]
fn the_soonest_come_first() {
    let programme = Programme::new();
    let movie = ObjectId::new();
    let [late, soon, same] =
        ["2030-01-20", "2030-01-15", "2030-01-15"].map(|day| programme.add(day, movie));
    let all = programme.ids("/showtimes?order=date");
    assert_eq!(all, [soon.clone(), same.clone(), late.clone()]);
    assert_eq!(
        programme.ids("/showtimes?order=date&limit=1"),
        [soon.clone()]
    );
    assert_eq!(
        programme.ids("/showtimes?order=date&from=2030-01-16&limit=1"),
        [late]
    );
    assert_eq!(
        programme.ids("/showtimes?order=date&date=2030-01-15"),
        [soon.clone(), same]
    );
    assert_eq!(programme.memory.scans(), [""; 0]);
    for wrong in [format!("order=date&after={soon}"), "order=time".into()] {
        let answer = programme.send(Call::get(&format!("/showtimes?{wrong}")));
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[test]
fn a_showtime_is_added_read_and_deleted() {
    let programme = Programme::new();
    let movies = [ObjectId::new(), ObjectId::new()];
    programme.knows(&movies, &movies);
    let body = json!({"date": "2030-01-15", "time": "20:15", "screen": "1", "capacity": 40, "movies": movies.map(|id| id.to_hex())});
    let created = programme.send(Call::json("POST", "/showtimes", &body));
    assert_eq!(created.status, 201);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(created.json["data"][field], *value);
    }
    let path = created.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(programme.send(Call::get(&path)).json, created.json);
    assert_eq!(programme.send(Call::new("DELETE", &path)).status, 204);
    assert_eq!(programme.send(Call::get(&path)).status, 404);
    assert_eq!(programme.send(Call::new("DELETE", &path)).status, 404);
    assert_eq!(
        programme
            .send(Call::json("PATCH", &path, &json!({})))
            .headers["allow"],
        "GET, DELETE, HEAD"
    );
}

#[test]
fn every_fault_is_told_at_once() {
    let programme = Programme::new();
    let movies = [ObjectId::new(), ObjectId::new()];
    programme.knows(&movies, &movies[..1]);
    let body = json!({"date": "2030-02-30", "time": "8pm", "screen": "", "capacity": 0, "movies": movies.map(|id| id.to_hex())});
    let answer = programme.send(Call::json("POST", "/showtimes", &body));
    let fields: Vec<_> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["date", "time", "screen", "capacity", "movies[1]"]);
    assert_eq!(answer.status, 422);
}

#[test]
fn the_catalogue_is_needed_to_add() {
    let programme = Programme::new();
    let movie = ObjectId::new();
    programme
        .movies
        .fail(&format!("/movies?limit=100&ids={movie}"));
    let answer = programme.send(Call::json(
        "POST",
        "/showtimes",
        &json!({"date": "2030-01-01", "movies": [movie.to_hex()]}),
    ));
    assert_eq!(answer.status, 503);
    assert!(answer.json["detail"].as_str().unwrap().contains("movies"));
    assert!(answer.headers.contains_key("retry-after"));
}

#[test]
fn lists_are_filtered() {
    let programme = Programme::new();
    let (first, second) = (ObjectId::new(), ObjectId::new());
    let ids = [
        programme.add("2030-01-01", first),
        programme.add("2030-01-02", second),
        programme.add("2030-01-03", first),
    ];
    assert_eq!(programme.ids("/showtimes"), ids);
    assert_eq!(programme.ids("/showtimes/2030-01-02"), ids[1..2]);
    assert_eq!(programme.ids("/showtimes/2031-01-02"), [""; 0]);
    assert_eq!(programme.ids("/showtimes?date=2030-01-03"), ids[2..]);
    assert_eq!(programme.ids("/showtimes?from=2030-01-02"), ids[1..]);
    assert_eq!(programme.ids("/showtimes?to=2030-01-02"), ids[..2]);
    assert_eq!(
        programme.ids("/showtimes?from=2030-01-02&to=2030-01-02"),
        ids[1..2]
    );
    assert_eq!(
        programme.ids("/showtimes?date=2030-01-01&from=2030-01-02"),
        [""; 0]
    );
    assert_eq!(
        programme.ids(&format!("/showtimes?movie={first}")),
        [ids[0].clone(), ids[2].clone()]
    );
    assert_eq!(
        programme.ids(&format!("/showtimes?ids={}", ids[1])),
        ids[1..2]
    );
    for wrong in [
        "/showtimes?date=x",
        "/showtimes?from=2030-13-01",
        "/showtimes?movie=x",
        "/showtimes/tomorrow",
        "/showtimes/2030-02-30",
    ] {
        assert_eq!(programme.send(Call::get(wrong)).status, 400, "{wrong}");
    }
    let first = programme.send(Call::get("/showtimes?from=2030-01-01&limit=2"));
    assert_eq!(
        programme.ids(first.json["next"].as_str().unwrap()),
        ids[2..]
    );
}

#[test]
fn what_is_no_showtime_is_left_out_of_lists_and_an_error_by_itself() {
    let programme = Programme::new();
    let good = programme.add("2015-11-30", ObjectId::new());
    let odd = ObjectId::new();
    let movies = [ObjectId::new()];
    for date in [Bson::from("20151130"), DateTime::now().into(), Bson::Null] {
        let id = ObjectId::new();
        let document =
            doc! {"_id": id, "date": date, "movies": movies.to_vec(), "createdon": DateTime::now()};
        programme.memory.put("showtimes", document);
    }
    let texts = doc! {"_id": odd, "date": "2015-11-30", "movies": [odd.to_hex()], "createdon": DateTime::now()};
    programme.memory.put("showtimes", texts);
    assert_eq!(programme.ids("/showtimes"), [good.as_str()]);
    assert_eq!(programme.ids("/showtimes/2015-11-30"), [good]);
    let by_itself = programme.send(Call::get(&format!("/showtimes/{odd}")));
    assert_eq!(by_itself.status, 500);
}

#[test]
fn anyone_reads_and_staff_writes() {
    let rows = table::<Showtimes<Memory, FakeSibling>>(routes);
    assert_eq!(rows.len(), 4);
    for (method, path, access) in rows {
        let expected = if method == "GET" {
            Access::Anyone
        } else {
            Access::Staff
        };
        assert_eq!(access, expected, "{method} {path}");
    }
}
