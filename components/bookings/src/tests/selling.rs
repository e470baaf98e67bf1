//! The routes: what is kept of a sale, what is sold no more, what is left, and who leaves.

use bson::doc;
use serde_json::{Value, json};
use service::{Fresh, Moment, testing::Call};

use super::*;
use access::Counter;

/// A day that many days from now.
fn day(from_now: i64) -> String {
    Moment::now().day().plus_days(from_now).to_string()
}

/// Has showtimes and movies show what is sold.
fn shows(counter: &Counter, showtime: &Value) {
    let path = format!("/showtimes/{}", showtime["id"].as_str().unwrap());
    counter.showtimes.answer(&path, &json!({"data": showtime}));
}

fn sold(counter: &Counter, date: &str, time: Option<&str>) -> Value {
    let mut showtime = json!({"id": counter.showtime, "date": date, "movies": [counter.movie], "capacity": 9, "screen": "Studio"});
    if let Some(time) = time {
        showtime["time"] = json!(time);
    }
    showtime
}

#[test]
fn a_booking_keeps_what_was_bought() {
    let mut counter = Counter::new();
    let date = day(9);
    shows(&counter, &sold(&counter, &date, Some("20:15")));
    let path = format!("/movies?limit=100&ids={}", counter.movie);
    let film =
        json!({"id": counter.movie, "title": "Low Water at Pell", "director": "x", "rating": 7.0});
    counter.movies.answer(&path, &json!({"data": [film]}));
    let me = Id::new();
    let booked = counter.send(counter.order(None).customer(me)).json["data"].clone();
    let bought = ["date", "time", "screen", "films"].map(|field| booked[field].clone());
    let films = json!([{"id": counter.movie, "title": "Low Water at Pell"}]);
    assert_eq!(
        bought,
        [json!(date), json!("20:15"), json!("Studio"), films.clone()]
    );
    let path = format!("/bookings/{}", booked["id"].as_str().unwrap());
    assert_eq!(
        counter.send(Call::get(&path).customer(me)).json["data"],
        booked
    );
    // A title is known for a moment. Without any, seats are sold all the same.
    counter
        .movies
        .fail(&format!("/movies?limit=100&ids={}", counter.movie));
    let booked = counter.send(counter.order(None).customer(me));
    assert_eq!(booked.json["data"]["films"], films);
    counter.titles = Fresh::default();
    let booked = counter.send(counter.order(None).customer(me));
    assert_eq!(
        (booked.status, &booked.json["data"]["films"]),
        (201, &Value::Null)
    );
}

#[test]
fn titles_stand_in_one_order_whichever_were_known() {
    let counter = Counter::new();
    let mut films = [counter.movie, Id::new()];
    films.sort();
    let [first, second] = films;
    let showtime = json!({"id": counter.showtime, "date": day(9), "movies": films, "capacity": 9});
    shows(&counter, &showtime);
    for film in films {
        let told = json!({"data": [{"id": film, "title": "x"}]});
        let path = format!("/movies?limit=100&ids={film}");
        counter.movies.answer(&path, &told);
    }
    let order = |movies: &[Id]| {
        let body = json!({"showtimeid": counter.showtime, "movies": movies});
        counter
            .send(Call::json("POST", "/bookings", &body).customer(Id::new()))
            .json["data"]["films"]
            .clone()
    };
    order(&[second]);
    let titled = |film| json!({"id": film, "title": "x"});
    assert_eq!(order(&films), json!([titled(first), titled(second)]));
}

#[test]
fn what_has_begun_is_not_sold() {
    let counter = Counter::new();
    let book = |showtime: &Value| {
        shows(&counter, showtime);
        counter.send(counter.order(None).customer(Id::new()))
    };
    // Wherever the cinema is, two days are more than a time zone is off.
    for (from_now, status) in [(-2, 409), (2, 201)] {
        for time in [None, Some("12:00")] {
            let answer = book(&sold(&counter, &day(from_now), time));
            assert_eq!(answer.status, status, "{}", answer.json);
        }
    }
    let date = day(-2);
    let answer = book(&sold(&counter, &date, Some("12:00")));
    let detail = format!("the showtime has begun: it was on {date} at 12:00");
    assert_eq!(answer.json["detail"], detail);
}

#[test]
fn one_customer_has_only_so_many_seats() {
    let counter = Counter::new();
    let mut large = sold(&counter, &day(9), None);
    large["capacity"] = json!(100);
    shows(&counter, &large);
    let me = Id::new();
    let book = |seats: i32| {
        let body =
            json!({"showtimeid": counter.showtime, "movies": [counter.movie], "seats": seats});
        counter.send(Call::json("POST", "/bookings", &body).customer(me))
    };
    assert_eq!(book(18).status, 201);
    let refused = book(3);
    assert_eq!(refused.status, 409);
    assert!(
        refused.json["detail"]
            .as_str()
            .unwrap()
            .ends_with("seats left to them 2")
    );
    assert_eq!(book(2).status, 201);
}

#[test]
fn more_films_than_there_may_be_are_only_counted() {
    let counter = Counter::new();
    let films: Vec<_> = (0..38_000).map(|_| Id::new()).collect();
    let body = json!({"showtimeid": counter.showtime, "movies": films});
    let answer = counter.send(Call::json("POST", "/bookings", &body).customer(Id::new()));
    assert_eq!(
        (answer.status, &answer.json["errors"][0]["field"]),
        (422, &json!("movies"))
    );
}

#[test]
fn terms_are_set_and_refused_with_what_they_do_not_go_with() {
    let counter = Counter::new();
    let path = format!("/bookings/terms/{}", counter.showtime);
    let put = |revision: i32, capacity: i32, movie: Id| {
        let body = json!({"revision": revision, "capacity": capacity, "movies": [movie]});
        let answer = counter.send(Call::json("PUT", &path, &body).staff());
        (
            answer.status,
            answer.json["detail"].clone(),
            answer.json["revision"].clone(),
        )
    };
    let order = |seats: i32| {
        let body =
            json!({"showtimeid": counter.showtime, "movies": [counter.movie], "seats": seats});
        counter.send(Call::json("POST", "/bookings", &body).customer(Id::new()))
    };
    assert_eq!(order(3).status, 201);
    let conflict = |detail: String| (409, json!(detail), Value::Null);
    assert_eq!(
        put(1, 2, counter.movie),
        conflict("more seats are sold: 3".into())
    );
    let film = format!("the movie {} is booked there", counter.movie);
    assert_eq!(put(1, 3, Id::new()), conflict(film));
    assert_eq!(put(2, 3, counter.movie).0, 204);
    assert_eq!(put(2, 3, counter.movie).0, 204);
    let (status, _, revision) = put(1, 9, counter.movie);
    assert_eq!((status, revision), (409, json!(2)));
    assert_eq!(
        order(1).json["detail"],
        "sold out: seats asked for 1, seats left 0"
    );
    assert_eq!(put(3, 9, counter.movie).0, 204);
    assert_eq!(order(1).status, 201);
    assert_eq!(counter.send(Call::new("DELETE", &path)).status, 401);
}

#[test]
fn a_showtime_is_closed_and_its_bookings_are_shown_as_cancelled() {
    let counter = Counter::new();
    let me = Id::new();
    let booked = counter.send(counter.order(None).customer(me));
    let path = format!("/bookings/terms/{}", counter.showtime);
    let close = |how: &str| counter.send(Call::new("DELETE", &format!("{path}{how}")).staff());
    let refused = close("");
    assert_eq!(refused.status, 409);
    assert!(
        refused.json["detail"]
            .as_str()
            .unwrap()
            .starts_with("bookings that hang on it: 1;")
    );
    assert_eq!(close("?cancel_bookings=maybe").status, 400);
    assert_eq!(close("?cancel_bookings=true").status, 204);
    let path = booked.headers["location"].to_str().unwrap();
    let shown = counter.send(Call::get(path).customer(me)).json["data"].clone();
    assert_eq!(shown["cancelled"]["reason"], "the showtime was cancelled");
    let listed = counter.send(Call::get("/bookings").customer(me)).json["data"][0].clone();
    assert_eq!(listed, shown);
    assert_eq!(
        counter.send(Call::new("DELETE", path).customer(me)).status,
        409
    );
    let late = counter.send(counter.order(None).customer(me));
    assert_eq!(late.status, 409);
    assert_eq!(
        late.json["detail"],
        "the showtime was cancelled: nothing is sold there any more"
    );
    assert_eq!(close("").status, 204);
}

#[test]
fn seats_that_are_left_are_told_to_anyone() {
    let counter = Counter::new();
    let [open, fresh, gone] = [(); 3].map(|()| Id::new());
    let of_old = Id::new();
    let ids = [counter.showtime, open, fresh, of_old, gone].map(|id| id.to_string());
    let showtime = |id: Id, capacity: Value| json!({"id": id, "date": "2030-01-15", "movies": [], "capacity": capacity});
    let mut shown = vec![
        showtime(counter.showtime, json!(9)),
        showtime(fresh, json!(5)),
        showtime(of_old, json!(4)),
    ];
    shown.push(json!({"id": open, "date": "2030-01-15", "movies": []}));
    let path = format!("/showtimes?limit=100&ids={}", ids.join(","));
    counter.showtimes.answer(&path, &json!({"data": shown}));
    counter.send(counter.order(None).customer(Id::new()));
    // From before there were ledgers.
    let booking = order(3).booking(Id::new(), Moment::now(), &unbounded());
    let mut document = booking.to_document().unwrap();
    document.insert("showtimeid", of_old);
    counter.memory.put("bookings", document);
    counter.memory.put(
        "bookings",
        doc! {"_id": Id::new(), "showtimeid": of_old, "seats": 1, "voided": Moment::now()},
    );
    let path = format!("/bookings/availability?showtimeids={}", ids.join(","));
    let answer = counter.send(Call::get(&path));
    let left = |id: Id, capacity: i32, left: i32| json!({"showtimeid": id, "capacity": capacity, "left": left});
    assert_eq!(
        answer.json["data"],
        json!([
            left(counter.showtime, 9, 8),
            {"showtimeid": open},
            left(fresh, 5, 5),
            left(of_old, 4, 1),
        ])
    );
    let many = vec![ids[0].clone(); 101].join(",");
    for wrong in [
        "".to_owned(),
        "?showtimeids=x".to_owned(),
        format!("?showtimeids={many}"),
    ] {
        let path = format!("/bookings/availability{wrong}");
        assert_eq!(counter.send(Call::get(&path)).status, 400, "{wrong}");
    }
    assert_eq!(counter.memory.scans(), [""; 0]);
}

#[test]
fn a_hundred_showtimes_are_looked_up_by_an_index() {
    let counter = Counter::new();
    let ids: Vec<_> = (0..100).map(|_| Id::new().to_string()).collect();
    let path = format!("/showtimes?limit=100&ids={}", ids.join(","));
    counter.showtimes.answer(&path, &json!({"data": []}));
    let path = format!("/bookings/availability?showtimeids={}", ids.join(","));
    assert_eq!(counter.send(Call::get(&path)).json["data"], json!([]));
    assert_eq!(counter.memory.scans(), [""; 0]);
}

#[test]
fn of_who_leaves_what_is_to_come_is_cancelled() {
    let counter = Counter::new();
    let (me, other) = (Id::new(), Id::new());
    counter.send(counter.order(None).customer(me));
    counter.send(counter.order(None).customer(other));
    let ledger = || {
        let mut ledgers = counter.memory.documents("seats").into_iter();
        let its = ledgers.find(|one| one.get("_id") == Some(&counter.showtime.into()));
        its.unwrap()
    };
    assert_eq!(ledger().get_i32("taken").unwrap(), 2);
    // One that is past, one whose showtime is gone and was to come, and one of old of which nobody knows.
    let mut others = vec![counter.showtime];
    for date in [Some(day(-3)), Some(day(3)), None] {
        let mut booking = order(1).booking(Id::new(), Moment::now(), &unbounded());
        booking.date = date.map(|date| date.parse().unwrap());
        (booking.userid, booking.showtimeid) = (me, Id::new());
        others.push(booking.showtimeid);
        counter
            .memory
            .put("bookings", booking.to_document().unwrap());
    }
    others.sort();
    let ids: Vec<_> = others.iter().map(Id::to_string).collect();
    let path = format!("/showtimes?limit=100&ids={}", ids.join(","));
    let showtime =
        json!({"id": counter.showtime, "date": day(9), "movies": [counter.movie], "capacity": 9});
    counter
        .showtimes
        .answer(&path, &json!({"data": [showtime]}));
    let leave = |query: &str, caller: Id| {
        counter
            .send(Call::new("DELETE", &format!("/bookings{query}")).customer(caller))
            .status
    };
    let mine = format!("?userid={me}");
    assert_eq!((leave("", me), leave(&mine, other)), (400, 403));
    assert_eq!(leave(&mine, me), 204);
    let left = counter.send(Call::get("/bookings").customer(me)).json["data"].clone();
    let dates: Vec<_> = left
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["date"].clone())
        .collect();
    assert_eq!(dates, [json!(day(-3)), Value::Null]);
    assert_eq!(ledger().get_i32("taken").unwrap(), 1);
    assert_eq!(counter.memory.scans(), [""; 0]);
}
