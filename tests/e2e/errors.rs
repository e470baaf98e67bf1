//! The error examples of the description, held against what is said when it happens.

use std::collections::BTreeMap;

use cinema_tests::{
    Answer, Api, Host,
    api::{booking, in_days, person},
    cookies::Session,
    people::Tokens,
    staff,
};
use futures::future::join_all;
use serde_json::{Value, json};

/// What is said, by operation and status: `POST /bookings 409`.
type Said = BTreeMap<String, String>;

/// A text with one number in place of all, and one id: those are another each time.
fn words(detail: &Value) -> String {
    let word = |word: &str| {
        if word.len() == 24 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return "id".to_owned();
        }
        let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
        let mut letters: Vec<_> = word.chars().map(digit).collect();
        letters.dedup_by(|one, other| (*one, *other) == ('0', '0'));
        letters.into_iter().collect()
    };
    let words: Vec<_> = detail.as_str().unwrap().split(' ').map(word).collect();
    words.join(" ")
}

/// What the description shows.
fn described(document: &Value) -> Said {
    let mut said = Said::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let answers = operation["responses"].as_object().into_iter().flatten();
            for (status, answer) in answers {
                let example = &answer["content"]["application/problem+json"]["example"];
                if example.is_object() {
                    let operation = format!("{} {path} {status}", method.to_uppercase());
                    said.insert(operation, words(&example["detail"]));
                }
            }
        }
    }
    said
}

/// Keeps what an answer of an operation says.
#[track_caller]
fn say(said: &mut Said, operation: &str, answer: &Answer) {
    let (_, status) = operation.rsplit_once(' ').unwrap();
    let problem = answer.problem(status.parse().unwrap());
    said.insert(operation.to_owned(), words(&problem["detail"]));
}

async fn put(api: &Api, path: &str, body: &Value) -> Answer {
    api.send(api.request("PUT", path).json(body)).await
}

#[tokio::test]
async fn examples_read_as_what_is_said() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    let document = cinema.get("/openapi.json").await.expect(200).json();
    let mut said = Said::new();
    of_the_programme(&cinema, &mut said).await;
    of_sessions(&cinema, &mut said).await;
    of_accounts(&cinema, &mut said).await;
    assert_eq!(said, described(&document));
}

async fn of_the_programme(cinema: &Api, said: &mut Said) {
    let film = cinema.film("The Tide Table", "Ines Marlow", 8.0).await;
    let on = |time: &str| json!({"date": in_days(30), "time": time, "screen": "Screen 1", "movies": [film], "capacity": 3});
    let showtime = cinema.post("/showtimes", &on("19:30")).await.expect(201);
    let showtime = showtime.id();
    let answer = cinema.post("/showtimes", &on("19:30")).await;
    say(said, "POST /showtimes 409", &answer);
    let later = cinema.post("/showtimes", &on("22:30")).await.expect(201);
    let path = format!("/showtimes/{}", later.id());
    let answer = cinema.patch(&path, &json!({"time": "19:30"})).await;
    say(said, "PATCH /showtimes/{id} 409", &answer);
    let answer = cinema.delete(&format!("/movies/{film}")).await;
    say(said, "DELETE /movies/{id} 409", &answer);

    let (ann, bob) = (cinema.customer("ann").await, cinema.customer("bob").await);
    let others = booking(&bob.id, &showtime, &[&film], 2);
    let answer = ann.api.post("/bookings", &others).await;
    say(said, "POST /bookings 403", &answer);
    let bobs = format!("/bookings?userid={}", bob.id);
    say(said, "GET /bookings 403", &ann.api.get(&bobs).await);
    say(said, "DELETE /bookings 403", &ann.api.delete(&bobs).await);
    let booked = cinema.booking(&bob.id, &showtime, &[&film], 2).await;
    let answer = cinema.post("/bookings", &others).await;
    say(said, "POST /bookings 409", &answer);
    let checkin = format!("/bookings/{booked}/checkin");
    let let_in = async || cinema.send(cinema.request("POST", &checkin)).await;
    let_in().await.expect(200);
    say(said, "POST /bookings/{id}/checkin 409", &let_in().await);
    cinema.delete(&checkin).await.expect(200);
    let terms = format!("/bookings/terms/{showtime}");
    let fewer = json!({"revision": 2, "capacity": 1, "movies": [film]});
    let answer = put(cinema, &terms, &fewer).await;
    say(said, "PUT /bookings/terms/{id} 409", &answer);
    let answer = cinema.delete(&terms).await;
    say(said, "DELETE /bookings/terms/{id} 409", &answer);
    let path = format!("/showtimes/{showtime}");
    let answer = cinema.delete(&path).await;
    say(said, "DELETE /showtimes/{id} 409", &answer);
    let path = format!("{path}?cancel_bookings=true");
    cinema.delete(&path).await.expect(204);
    let answer = bob.api.delete(&format!("/bookings/{booked}")).await;
    say(said, "DELETE /bookings/{id} 409", &answer);
}

async fn of_sessions(cinema: &Api, said: &mut Said) {
    let browser = cinema.anonymous();
    let session = Session::begin(cinema, "ann").await;
    for path in ["/auth/logout", "/auth/refresh"] {
        let answer = browser.send(session.request(&browser, "POST", path)).await;
        say(said, &format!("POST {path} 403"), &answer);
    }
    let Tokens { refresh, .. } = cinema.sign_in("ann").await;
    cinema.logout(&refresh).await.expect(204);
    let answer = cinema.refresh(&refresh).await;
    say(said, "POST /auth/refresh 401", &answer);
}

async fn of_accounts(cinema: &Api, said: &mut Said) {
    let ada = cinema.customer("ada").await;
    let answer = cinema.post("/users", &person("ada")).await;
    say(said, "POST /users 409", &answer);
    let first = cinema.get("/auth/me").await.expect(200).data();
    let first = format!("/users/{}", first["id"].as_str().unwrap());
    let answer = cinema.patch(&first, &json!({"role": "customer"})).await;
    say(said, "PATCH /users/{id} 409", &answer);
    let answer = cinema.delete(&first).await;
    say(said, "DELETE /users/{id} 409", &answer);

    // Both are compared with the one that is there before either takes its place.
    let path = format!("/users/{}/password", ada.id);
    let passwords = ["a new tide at dawn", "a new tide at dusk"];
    let mut current = staff::password().to_owned();
    loop {
        let change = |new: &str| json!({"current": current, "password": new});
        let bodies = passwords.map(change);
        let answers = join_all(bodies.iter().map(|body| put(&ada.api, &path, body))).await;
        if let Some(answer) = answers.iter().find(|answer| answer.status == 409) {
            say(said, "PUT /users/{id}/password 409", answer);
            break;
        }
        let one_after_the_other = answers.iter().position(|answer| answer.status == 204);
        current = passwords[one_after_the_other.unwrap()].to_owned();
    }

    let wrong =
        json!({"username": "bob", "code": "ABCD-EFGH-JKLM", "password": "a new tide at dawn"});
    let bob = cinema.with_token(&cinema.sign_in("bob").await.access);
    let me = bob.get("/auth/me").await.expect(200).data();
    let path = format!("/users/{}/password", me["id"].as_str().unwrap());
    let stranger = cinema.anonymous();
    let answer = stranger.post("/auth/reset", &wrong).await;
    say(said, "POST /auth/reset 401", &answer);
    let answer = cinema.login("bob", "not this one").await;
    say(said, "POST /auth/login 401", &answer);
    while cinema.login("bob", "not this one").await.status == 401 {}
    let answer = cinema.login("bob", "not this one").await;
    say(said, "POST /auth/login 429", &answer);
    let answer = stranger.post("/auth/reset", &wrong).await;
    say(said, "POST /auth/reset 429", &answer);
    let guess = json!({"current": "not this one", "password": "a new tide at dawn"});
    let answer = put(&bob, &path, &guess).await;
    say(said, "PUT /users/{id}/password 429", &answer);
}
