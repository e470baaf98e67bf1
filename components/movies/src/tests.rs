#![allow(clippy::unwrap_used)]

use bson::{DateTime, doc, oid::ObjectId};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::{
    Access,
    testing::{Answer, Call, run, table},
};

use crate::{handlers::Movies, routes, storage::Storage};

fn send(memory: &Memory, call: Call) -> Answer {
    let storage = Storage::new(memory.client());
    run(call.staff().send("movies", || Movies { storage }, routes))
}

fn add(memory: &Memory, title: &str, rating: f64) -> String {
    let body = json!({"title": title, "director": "Ines Marlow", "rating": rating});
    let answer = send(memory, Call::json("POST", "/movies", &body));
    assert_eq!(answer.status, 201);
    answer.json["data"]["id"].as_str().unwrap().to_owned()
}

fn titles(answer: &Answer) -> Vec<&str> {
    answer.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|movie| movie["title"].as_str().unwrap())
        .collect()
}

#[test]
fn a_film_is_added_read_changed_and_deleted() {
    let memory = Memory::new();
    let body =
        json!({"title": "The Tide Table", "director": "Ines Marlow", "rating": 8.44, "id": "mine"});
    let created = send(&memory, Call::json("POST", "/movies", &body));
    assert_eq!(created.status, 201);
    let id = created.json["data"]["id"].as_str().unwrap();
    let path = format!("/movies/{id}");
    assert_eq!(created.headers["location"], path.as_str());
    assert_eq!(created.json["data"]["rating"], 8.4);
    assert_eq!(send(&memory, Call::get(&path)).json, created.json);

    let changed = send(
        &memory,
        Call::json("PATCH", &path, &json!({"rating": 9, "createdon": "x"})),
    );
    assert_eq!(changed.json["data"]["rating"], 9.0);
    assert_eq!(
        changed.json["data"]["createdon"],
        created.json["data"]["createdon"]
    );
    let refused = send(
        &memory,
        Call::json("PATCH", &path, &json!({"title": null, "rating": "9"})),
    );
    assert_eq!(
        (
            refused.status,
            refused.json["errors"].as_array().unwrap().len()
        ),
        (422, 2)
    );

    assert_eq!(send(&memory, Call::new("DELETE", &path)).status, 204);
    for call in [
        Call::get(&path),
        Call::new("DELETE", &path),
        Call::json("PATCH", &path, &json!({})),
    ] {
        assert_eq!(send(&memory, call).status, 404);
    }
}

#[test]
fn lists_are_filtered_and_paged() {
    let memory = Memory::new();
    let ids: Vec<_> = ["Été (I)", "The Tide", "Tide Again"]
        .into_iter()
        .zip([7.0, 8.0, 9.0])
        .map(|(title, rating)| add(&memory, title, rating))
        .collect();
    let get = |path: &str| send(&memory, Call::get(path));
    assert_eq!(
        titles(&get("/movies?title=TIDE")),
        ["The Tide", "Tide Again"]
    );
    assert_eq!(titles(&get("/movies?title=%C3%89T%C3%89%20(")), ["Été (I)"]);
    assert_eq!(titles(&get("/movies?director=nobody")), [""; 0]);
    assert_eq!(
        titles(&get(&format!("/movies?ids={},{}", ids[0], ids[2]))),
        ["Été (I)", "Tide Again"]
    );
    let first = get("/movies?limit=1&min_rating=8");
    assert_eq!(titles(&first), ["The Tide"]);
    let second = get(first.json["next"].as_str().unwrap());
    assert_eq!(titles(&second), ["Tide Again"]);
    assert_eq!(second.json["next"], Value::Null);
    for wrong in [
        "limit=0",
        "limit=101",
        "limit=x",
        "after=x",
        "min_rating=11",
        "min_rating=x",
        "ids=x",
        "ids=",
        "ids=68a1f0c27d5b3e9a41c80f01,",
    ] {
        assert_eq!(get(&format!("/movies?{wrong}")).status, 400, "{wrong}");
    }
}

#[test]
fn the_best_rated_are_one_page() {
    let memory = Memory::new();
    for (title, rating) in [("A", 7.0), ("B", 9.0), ("C", 7.0), ("D", 0.0)] {
        add(&memory, title, rating);
    }
    let get = |path: &str| send(&memory, Call::get(path));
    let best = get("/movies?order=rating");
    assert_eq!(titles(&best), ["B", "C", "A", "D"], "the newest of equals");
    let two = get("/movies?order=rating&limit=2");
    assert_eq!(
        (titles(&two), &two.json["next"]),
        (vec!["B", "C"], &Value::Null)
    );
    assert_eq!(
        titles(&get("/movies?order=rating&max_rating=7&min_rating=1")),
        ["C", "A"]
    );
    assert_eq!(memory.scans(), [""; 0]);
    let id = best.json["data"][0]["id"].as_str().unwrap();
    for wrong in [
        format!("order=rating&after={id}"),
        "order=title".into(),
        "max_rating=11".into(),
    ] {
        assert_eq!(get(&format!("/movies?{wrong}")).status, 400, "{wrong}");
    }
}

#[test]
fn films_are_alike_by_their_directors() {
    let memory = Memory::new();
    let film = |title: &str, director: &str| {
        let body = json!({"title": title, "director": director, "rating": 5});
        let answer = send(&memory, Call::json("POST", "/movies", &body));
        answer.json["data"]["id"].as_str().unwrap().to_owned()
    };
    let [a, b] = [film("A", "Marlow"), film("B", "Quillon")];
    film("C", "Marlow");
    film("D", "Strand");
    let get = |query: &str| send(&memory, Call::get(&format!("/movies?{query}")));
    assert_eq!(titles(&get(&format!("like={a},{b}"))), ["A", "B", "C"]);
    assert_eq!(titles(&get(&format!("like={a}&ids={b}"))), [""; 0]);
    assert_eq!(titles(&get(&format!("like={}", ObjectId::new()))), [""; 0]);
    // Those after the tenth do not count.
    let ten = vec![a.as_str(); 10].join(",");
    assert_eq!(titles(&get(&format!("like={ten},{b}"))), ["A", "C"]);
    assert_eq!(get("like=x").status, 400);
    assert_eq!(memory.scans(), [""; 0]);
}

#[test]
fn what_is_no_film_is_left_out_of_lists_and_an_error_by_itself() {
    let memory = Memory::new();
    let good = add(&memory, "A", 8.8);
    let odd = ObjectId::new();
    memory.put("movies", doc! {"_id": odd, "title": "B", "director": "x", "rating": "8.8", "createdon": DateTime::now()});
    memory.put("movies", doc! {"_id": "not an id of ours", "title": "C"});
    let answer = send(&memory, Call::get("/movies"));
    assert_eq!(titles(&answer), ["A"]);
    let path = |id: &str| format!("/movies/{id}");
    assert_eq!(send(&memory, Call::get(&path(&good))).status, 200);
    let answer = send(&memory, Call::get(&path(&odd.to_hex())));
    assert_eq!(answer.status, 500);
    assert!(!answer.json.to_string().contains("adopt"));
}

#[test]
fn errors_say_what_to_do() {
    let memory = Memory::new();
    let answer = send(
        &memory,
        Call::json("POST", "/movies", &json!({"title": "", "rating": 11})),
    );
    assert_eq!(answer.status, 422);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 3);
    let status = |call: Call| send(&memory, call).status;
    assert_eq!(status(Call::get("/movies/nonsense")), 400);
    assert_eq!(status(Call::get("/movies/")), 404);
    assert_eq!(status(Call::get("/movies/a/b")), 404);
    assert_eq!(status(Call::new("POST", "/movies")), 415);
    assert_eq!(
        status(Call::new("POST", "/movies").header("content-type", "application/json")),
        400
    );
    let wrong_method = send(&memory, Call::new("PUT", "/movies"));
    assert_eq!(
        (
            wrong_method.status,
            wrong_method.headers["allow"].to_str().unwrap()
        ),
        (405, "GET, POST, HEAD")
    );
    assert_eq!(status(Call::new("HEAD", "/movies")), 200);
}

#[test]
fn storage_that_is_down_is_said_so() {
    let memory = Memory::new();
    memory.go_down();
    let answer = send(&memory, Call::get("/movies"));
    assert_eq!(answer.status, 503);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(
        answer.json["detail"]
            .as_str()
            .unwrap()
            .starts_with("storage")
    );
    assert_eq!(send(&memory, Call::get("/movies/healthy")).status, 503);
    assert_eq!(send(&memory, Call::get("/movies/healthz")).status, 200);
}

#[test]
fn anyone_reads_and_staff_writes() {
    let rows = table::<Movies<Memory>>(routes);
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
