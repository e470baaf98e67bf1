#![allow(clippy::unwrap_used)]

use bson::{DateTime, doc, oid::ObjectId};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::{
    Access, Clock, Moment,
    testing::{Answer, Call, Code, FakeSibling, Status, run, table},
};

use crate::{grpc, handlers::Movies, routes, storage::Storage};

fn send(memory: &Memory, call: Call) -> Answer {
    let showtimes = FakeSibling::new("showtimes");
    send_beside(&showtimes, memory, call)
}

/// Noon of a day.
fn noon() -> Moment {
    Moment::clamped(1_893_412_800_000)
}

/// The same beside a programme, at noon of the last day of 2029.
fn send_beside(showtimes: &FakeSibling, memory: &Memory, call: Call) -> Answer {
    let service = Movies {
        storage: Storage::new(memory.client()),
        showtimes: showtimes.sibling(),
        clock: Clock::new("UTC", noon).unwrap(),
    };
    run(call.staff().send("movies", || service, routes))
}

/// A programme that shows a film at these times.
fn programme(movie: &str, showings: &[(&str, Option<&str>)]) -> FakeSibling {
    let showtimes = FakeSibling::new("showtimes");
    let showing = |(date, time): &(&str, Option<&str>)| json!({"id": ObjectId::new().to_hex(), "date": date, "time": time});
    let data: Vec<_> = showings.iter().map(showing).collect();
    let path = format!("/showtimes?movie={movie}&from=2029-12-31&limit=100");
    showtimes.answer(&path, &json!({"data": data}));
    showtimes
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

    let delete = || Call::new("DELETE", &path);
    let free = programme(id, &[]);
    assert_eq!(send_beside(&free, &memory, delete()).status, 204);
    assert_eq!(send_beside(&free, &memory, delete()).status, 404);
    for call in [Call::get(&path), Call::json("PATCH", &path, &json!({}))] {
        assert_eq!(send(&memory, call).status, 404);
    }
}

#[test]
fn a_film_that_is_to_be_shown_is_not_deleted() {
    let memory = Memory::new();
    let id = add(&memory, "A", 8.0);
    let delete = |showtimes: &FakeSibling| {
        let call = Call::new("DELETE", &format!("/movies/{id}"));
        send_beside(showtimes, &memory, call)
    };
    let begun = ("2029-12-31", Some("12:00"));
    for coming in [
        ("2029-12-31", Some("12:01")),
        ("2029-12-31", None),
        ("2030-01-15", Some("09:00")),
    ] {
        let refused = delete(&programme(&id, &[begun, coming]));
        assert_eq!(refused.status, 409, "{coming:?}");
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains(coming.0), "{detail}");
    }
    // Without showtimes nobody knows.
    assert_eq!(delete(&FakeSibling::new("showtimes")).status, 503);
    // Those that have begun may fill a page.
    let full = programme(&id, &[]);
    let path = format!("/showtimes?movie={id}&from=2029-12-31&limit=100");
    let showing = json!({"id": id, "date": begun.0, "time": begun.1});
    full.answer(
        &path,
        &json!({"data": [showing], "next": "/showtimes?place=x"}),
    );
    assert_eq!(delete(&full).status, 503);
    full.answer(
        "/showtimes?place=x",
        &json!({"data": [{"id": id, "date": "2030-01-01"}]}),
    );
    assert_eq!(delete(&full).status, 409);
    assert_eq!(delete(&programme(&id, &[begun])).status, 204);
}

#[test]
fn how_long_a_film_is_may_be_known_and_forgotten() {
    let memory = Memory::new();
    let body = json!({"title": "A", "director": "B", "rating": 5, "minutes": 104});
    let added = send(&memory, Call::json("POST", "/movies", &body));
    let path = added.headers["location"].to_str().unwrap();
    let minutes = |body: &Value| {
        let changed = send(&memory, Call::json("PATCH", path, body));
        assert_eq!(changed.status, 200, "{}", changed.json);
        changed.json["data"].get("minutes").cloned()
    };
    assert_eq!(minutes(&json!({})), Some(json!(104)));
    assert_eq!(
        minutes(&json!({"rating": 6, "minutes": 999})),
        Some(json!(999))
    );
    assert_eq!(minutes(&json!({"rating": 7, "minutes": null})), None);
    for wrong in [json!(0), json!(1000), json!(90.5), json!("90")] {
        let body = json!({"minutes": wrong});
        assert_eq!(send(&memory, Call::json("PATCH", path, &body)).status, 422);
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
    let ten = [a.as_str(); 10].join(",");
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
    let rows = table::<Movies<Memory, FakeSibling>>(routes);
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

#[test]
fn a_picture_is_an_address_that_a_page_may_have_in_it() {
    let memory = Memory::new();
    let body = |poster: &Value| json!({"title": "The Tide Table", "director": "Ines Marlow", "rating": 8, "poster": poster});
    let fine = "https://pictures.example.com:8443/a/the%20tide.jpg?size=2#x";
    let created = send(
        &memory,
        Call::json("POST", "/movies", &body(&json!(format!(" {fine} ")))),
    );
    assert_eq!(
        (created.status, &created.json["data"]["poster"]),
        (201, &json!(fine))
    );
    let path = format!("/movies/{}", created.json["data"]["id"].as_str().unwrap());
    let change =
        |changes: Value| send(&memory, Call::json("PATCH", &path, &changes)).json["data"].clone();
    assert_eq!(change(json!({"rating": 9}))["poster"], fine);
    assert_eq!(
        change(json!({"poster": null, "minutes": 90})).get("poster"),
        None
    );
    assert_eq!(
        change(json!({"poster": fine, "minutes": null}))["poster"],
        fine
    );
    let long = format!("https://{}", "a".repeat(493));
    for wrong in [
        "http://pictures.example.com/a.jpg",
        "https://",
        "https:///a.jpg",
        "javascript:alert(1)",
        "https://a.example/\"onerror=x",
        "https://a.example/<b>",
        "https://a.example/a b.jpg",
        "https://a.example\\@b.example/",
        "https://é.example/a.jpg",
        "",
        &long,
    ] {
        let answer = send(&memory, Call::json("POST", "/movies", &body(&json!(wrong))));
        assert_eq!(
            (answer.status, &answer.json["errors"][0]["field"]),
            (422, &json!("poster")),
            "{wrong}"
        );
    }
}

#[test]
fn a_film_is_told_by_grpc_as_it_is_by_http() {
    let memory = Memory::new();
    let id = add(&memory, "The Tide Table", 8.4);
    let get = |id: &str| -> Result<proto::GetMovieResponse, Status> {
        let message = proto::GetMovieRequest { id: id.to_owned() };
        let storage = memory.clone();
        let service = move || Movies {
            storage: Storage::new(storage.client()),
            showtimes: FakeSibling::new("showtimes").sibling(),
            clock: Clock::new("UTC", noon).unwrap(),
        };
        run(Call::method("cinema.v1.Movies/GetMovie", &message).unary(
            service,
            routes,
            grpc::methods,
        ))
    };
    let movie = get(&id).unwrap().movie.unwrap();
    let told = send(&memory, Call::get(&format!("/movies/{id}"))).json;
    assert_eq!(movie.title, told["data"]["title"].as_str().unwrap());
    assert_eq!((movie.id, movie.rating, movie.minutes), (id, 8.4, None));
    let createdon = movie.createdon.unwrap().to_string();
    assert_eq!(told["data"]["createdon"], createdon);
    assert_eq!(get(&movie.title).unwrap_err().code(), Code::InvalidArgument);
    let missing = get(&ObjectId::new().to_hex()).unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}
