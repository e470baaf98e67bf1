//! Who is let in, once; who is awaited; and what was sold.

use bson::doc;
use data_api_client::Place;
use serde_json::{Value, json};
use service::testing::Call;

use super::access::Counter;
use super::*;
use crate::ledger;
use crate::sale::{cancel, sell_order};

fn booked(counter: &Counter, seats: i32) -> String {
    let body = json!({"showtimeid": counter.showtime.to_string(), "movies": [counter.movie.to_string()], "seats": seats});
    let answer = counter.send(Call::json("POST", "/bookings", &body).customer(Id::new()));
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.headers["location"].to_str().unwrap().to_owned()
}

#[test]
fn guests_are_let_in_once_and_that_is_taken_back() {
    let counter = Counter::new();
    let path = booked(&counter, 2);
    let (at, staff) = (format!("{path}/checkin"), Id::new());
    let send = |method| counter.send(Call::new(method, &at).staff_user(staff));
    assert_eq!(counter.send(Call::new("POST", &at)).status, 401);
    assert_eq!(
        counter
            .send(Call::new("POST", &at).customer(Id::new()))
            .status,
        403
    );
    let noted = send("POST");
    assert_eq!(
        (noted.status, &noted.json["data"]["checkedin"]["by"]),
        (200, &json!(staff.to_string()))
    );
    let again = send("POST");
    assert_eq!(again.status, 409);
    let detail = again.json["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("the guests of this booking were let in already, on 20"),
        "{detail}"
    );
    // Whoever is inside does not get their seats back.
    let cancelled = counter.send(Call::new("DELETE", &path).staff());
    assert_eq!(cancelled.status, 409, "{}", cancelled.json);
    let back = send("DELETE");
    assert_eq!(
        (back.status, back.json["data"].get("checkedin")),
        (200, None)
    );
    assert_eq!(send("DELETE").status, 200);
    assert_eq!(counter.send(Call::new("DELETE", &path).staff()).status, 204);
    assert_eq!((send("POST").status, send("DELETE").status), (404, 404));
    let gone = counter.memory.documents("bookings").pop().unwrap();
    assert!(!gone.contains_key("checkedin"), "{gone}");
}

#[test]
fn what_the_cinema_cancelled_lets_nobody_in() {
    let counter = Counter::new();
    let path = booked(&counter, 1);
    let closing = format!("/bookings/terms/{}?cancel_bookings=true", counter.showtime);
    assert_eq!(
        counter.send(Call::new("DELETE", &closing).staff()).status,
        204
    );
    let answer = counter.send(Call::new("POST", &format!("{path}/checkin")).staff());
    assert_eq!(
        (answer.status, &answer.json["detail"]),
        (409, &json!("the cinema has cancelled this booking already"))
    );
}

#[test]
fn whoever_is_let_in_and_cancels_at_once_does_one_of_both() {
    for steps in 0..12 {
        let bench = Bench::new();
        bench
            .run(async |storage| sell_order(storage, &order(2), &house(9)).await)
            .unwrap();
        let booking = bench.live()[0].id;
        let cancelling = bench
            .process(async move |storage| cancel(storage, booking, |_| true).await.ok())
            .go(steps);
        let by = crate::model::CheckedIn {
            on: service::Moment::clamped(0),
            by: Id::new(),
        };
        let letting = bench
            .run(async move |storage| storage.check_in(booking, by).await)
            .unwrap();
        let cancelled = cancelling.finish();
        let (is_in, _) = letting;
        assert_eq!(is_in, bench.sold() == 2, "{steps}: {cancelled:?}");
        assert_eq!(
            cancelled == Some(Ended::Cancelled),
            !is_in,
            "{steps}: {cancelled:?}"
        );
        assert!(bench.entries().all(|entry| match entry {
            Place::Living(booking) => booking.checkedin == Some(by),
            Place::Void(_) => true,
        }));
        bench
            .run(async |storage| ledger::release(storage, showtime()).await)
            .unwrap();
        bench.check(9);
    }
}

#[test]
fn guests_come_whole_with_their_names() {
    let counter = Counter::new();
    let ids: Vec<String> = (0..120).map(|_| Id::new().to_string()).collect();
    let users: Vec<Id> = ids.iter().map(|id| id.parse().unwrap()).collect();
    for user in &users {
        let booking = doc! {"_id": Id::new(), "userid": user, "showtimeid": counter.showtime, "movies": [counter.movie], "seats": 1, "createdon": service::Moment::clamped(0)};
        counter.memory.put("bookings", booking);
    }
    let mut sorted = users;
    sorted.sort_unstable();
    for portion in sorted.chunks(100) {
        let listed: Vec<_> = portion.iter().map(Id::to_string).collect();
        let known: Vec<_> = (listed.iter().skip(1))
            .map(|id| json!({"id": id, "username": format!("u{id}"), "firstname": "Ada", "lastname": "Okafor"}))
            .collect();
        counter.users.answer(
            &format!("/users?limit=100&ids={}", listed.join(",")),
            &json!({"data": known}),
        );
    }
    let answer = counter.send(Call::get(&format!("/bookings/guests/{}", counter.showtime)).staff());
    assert_eq!(
        (answer.status, answer.json.get("next")),
        (200, None),
        "{}",
        answer.json
    );
    let guests = answer.json["data"].as_array().unwrap();
    assert_eq!(guests.len(), 120);
    // Two are not there any more.
    assert_eq!(
        guests
            .iter()
            .filter(|guest| guest.get("user").is_none())
            .count(),
        2
    );
    for guest in guests.iter().filter(|guest| guest.get("user").is_some()) {
        assert_eq!(guest["booking"]["userid"], guest["user"]["id"]);
    }
    let none = counter.send(Call::get(&format!("/bookings/guests/{}", Id::new())).staff());
    assert_eq!(none.json, json!({"data": []}));
}

#[test]
fn a_report_counts_what_is_sold_by_ledgers_or_else_by_bookings() {
    let counter = Counter::new();
    booked(&counter, 4);
    let (old, both, other) = (Id::new(), Id::new(), Id::new());
    let shown = |id: Id, date: &str, time: Value, movies: &[Id], capacity: Value| {
        let movies: Vec<_> = movies.iter().map(Id::to_string).collect();
        json!({"id": id.to_string(), "date": date, "time": time, "movies": movies, "capacity": capacity})
    };
    let put = |showtime: Id, movies: &[Id], seats: i32, cancelled: bool| {
        let mut booking = doc! {"_id": Id::new(), "userid": Id::new(), "showtimeid": showtime, "movies": movies.to_vec(), "seats": seats, "createdon": service::Moment::clamped(0)};
        if cancelled {
            booking.insert(
                "cancelled",
                doc! {"on": service::Moment::clamped(0), "reason": "x"},
            );
        }
        counter.memory.put("bookings", booking);
    };
    put(old, &[other], 3, false);
    put(old, &[other], 9, true);
    put(both, &[counter.movie, other], 2, false);
    put(both, &[other], 1, false);
    // The 15th of January 2030 is a Tuesday.
    let first = [
        shown(
            counter.showtime,
            "2030-01-15",
            json!("20:15"),
            &[counter.movie],
            json!(9),
        ),
        shown(old, "2030-01-15", json!("20:45"), &[other], json!(10)),
        shown(
            both,
            "2030-01-16",
            Value::Null,
            &[counter.movie, other],
            Value::Null,
        ),
    ];
    counter.showtimes.answer(
        "/showtimes?from=2030-01-15&to=2030-01-21&limit=100",
        &json!({"data": first}),
    );
    counter.showtimes.answer(
        "/showtimes?from=2030-01-22&to=2030-01-23&limit=100",
        &json!({"data": []}),
    );
    let answer = counter.send(Call::get("/bookings/report?from=2030-01-15&to=2030-01-23").staff());
    assert_eq!(answer.status, 200, "{}", answer.json);
    let report = &answer.json["data"];
    let days = report["days"].as_array().unwrap();
    assert_eq!(days.len(), 9);
    assert_eq!(
        days[0],
        json!({"date": "2030-01-15", "showtimes": 2, "seats": 7})
    );
    assert_eq!(
        days[1],
        json!({"date": "2030-01-16", "showtimes": 1, "seats": 3})
    );
    assert_eq!(
        days[8],
        json!({"date": "2030-01-23", "showtimes": 0, "seats": 0})
    );
    let film = |id: Id, seats: i32| json!({"id": id.to_string(), "seats": seats});
    assert_eq!(report["films"].as_array().unwrap().len(), 2);
    assert!(
        report["films"]
            .as_array()
            .unwrap()
            .contains(&film(counter.movie, 6))
    );
    assert!(
        report["films"]
            .as_array()
            .unwrap()
            .contains(&film(other, 6))
    );
    assert_eq!(
        report["hours"],
        json!([{"weekday": 2, "hour": 20, "showtimes": 2, "capacity": 19, "seats": 7}])
    );
    for query in [
        "",
        "?from=2030-01-15",
        "?from=2030-01-15&to=2030-01-14",
        "?from=2030-01-15&to=2030-02-15",
        "?from=x&to=2030-01-15",
    ] {
        let call = Call::get(&format!("/bookings/report{query}")).staff();
        assert_eq!(counter.send(call).status, 400, "{query}");
    }
}
