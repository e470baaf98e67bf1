//! The routes: customers have to do with their own bookings alone, and orders are looked at before their showtime is.

use bson::{Bson, doc};
use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::{
    Access, Clock, Fresh, Moment,
    testing::{Answer, Call, FakeSibling, run, table},
};

use super::*;
use crate::{handlers::Bookings, model::Film, routes, storage::Storage};

/// The service with one showtime that anybody may book.
pub(super) struct Counter {
    pub(super) memory: Memory,
    pub(super) showtimes: FakeSibling,
    pub(super) movies: FakeSibling,
    pub(super) users: FakeSibling,
    pub(super) showtime: Id,
    pub(super) movie: Id,
    pub(super) titles: Fresh<Id, Film>,
}

impl Counter {
    pub(super) fn new() -> Self {
        let (showtime, movie) = (showtime(), Id::new());
        let showtimes = FakeSibling::new("showtimes");
        let shown = json!({"data": {"id": showtime.to_string(), "date": "2030-01-15", "movies": [movie.to_string()], "capacity": 9}});
        showtimes.answer(&format!("/showtimes/{showtime}"), &shown);
        Self {
            memory: Memory::new(),
            showtimes,
            movies: FakeSibling::new("movies"),
            users: FakeSibling::new("users"),
            showtime,
            movie,
            titles: Fresh::default(),
        }
    }

    pub(super) fn send(&self, call: Call) -> Answer {
        let service = || Bookings {
            storage: Storage::new(self.memory.client(), Moment::now),
            showtimes: self.showtimes.sibling(),
            movies: self.movies.sibling(),
            users: self.users.sibling(),
            clock: Clock::new("Europe/Berlin", Moment::now).unwrap(),
            titles: self.titles.clone(),
        };
        let answer = run(call.send("bookings", service, routes));
        assert_eq!(self.memory.scans(), [""; 0]);
        answer
    }

    pub(super) fn order(&self, user: Option<Id>) -> Call {
        let mut body =
            json!({"showtimeid": self.showtime.to_string(), "movies": [self.movie.to_string()]});
        if let Some(user) = user {
            body["userid"] = json!(user.to_string());
        }
        Call::json("POST", "/bookings", &body)
    }

    /// Books for oneself, and gives the booking's path.
    fn book(&self, customer: Id) -> String {
        let answer = self.send(self.order(None).customer(customer));
        assert_eq!(answer.status, 201, "{}", answer.json);
        assert_eq!(answer.json["data"]["userid"], customer.to_string());
        answer.headers["location"].to_str().unwrap().to_owned()
    }
}

#[test]
fn every_route_says_whom_it_is_open_to() {
    let rows = table::<Bookings<Memory, FakeSibling>>(routes);
    let open_to = |wanted: Access| {
        let rows = rows.iter().filter(move |(.., access)| *access == wanted);
        let mut rows: Vec<_> = rows
            .map(|(method, path, _)| format!("{method} {path}"))
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(open_to(Access::Anyone), ["GET /bookings/availability"]);
    let for_staff = [
        "DELETE /bookings/:id/checkin",
        "DELETE /bookings/terms/:id",
        "GET /bookings/guests/:id",
        "GET /bookings/report",
        "POST /bookings/:id/checkin",
        "PUT /bookings/terms/:id",
    ];
    assert_eq!(open_to(Access::Staff), for_staff);
    assert_eq!(open_to(Access::SignedIn).len() + 7, rows.len());
}

#[test]
fn a_customer_books_for_themselves_alone() {
    let counter = Counter::new();
    let (me, other) = (Id::new(), Id::new());
    counter.book(me);
    let status = |call: Call| counter.send(call).status;
    assert_eq!(status(counter.order(None)), 401);
    assert_eq!(status(counter.order(Some(me)).customer(me)), 201);
    assert_eq!(status(counter.order(Some(other)).customer(me)), 403);
    let nobody = counter.send(counter.order(Some(other)).staff());
    assert_eq!(
        (nobody.status, &nobody.json["errors"][0]["field"]),
        (422, &json!("userid"))
    );
    let path = format!("/users/{other}");
    counter
        .users
        .answer(&path, &json!({"data": {"id": other.to_string()}}));
    let by_staff = counter.send(counter.order(Some(other)).staff());
    assert_eq!(by_staff.json["data"]["userid"], other.to_string());
    assert_eq!(counter.memory.documents("bookings").len(), 3);
}

#[test]
fn anothers_booking_is_not_there() {
    let counter = Counter::new();
    let (me, other) = (Id::new(), Id::new());
    let path = counter.book(me);
    let status = |method: &str, caller| {
        counter
            .send(Call::new(method, &path).customer(caller))
            .status
    };
    assert_eq!(status("GET", me), 200);
    assert_eq!(status("GET", other), 404);
    assert_eq!(status("DELETE", other), 404);
    assert_eq!(counter.send(Call::get(&path)).status, 401);
    assert_eq!(counter.send(Call::get(&path).staff()).status, 200);
    assert_eq!(status("DELETE", me), 204);
    assert_eq!(status("GET", me), 404);
}

#[test]
fn a_list_is_of_ones_own() {
    let counter = Counter::new();
    let (me, other) = (Id::new(), Id::new());
    counter.book(me);
    counter.book(other);
    let of = |query: &str, caller| {
        counter.send(Call::get(&format!("/bookings{query}")).customer(caller))
    };
    let users = |answer: Answer| -> Vec<Value> {
        let list = answer.json["data"].as_array().unwrap();
        list.iter()
            .map(|booking| booking["userid"].clone())
            .collect()
    };
    assert_eq!(users(of("", me)), [me.to_string()]);
    assert_eq!(
        users(of(&format!("?userid={other}"), other)),
        [other.to_string()]
    );
    assert_eq!(
        users(of(&format!("?showtimeid={}", showtime()), me)),
        [me.to_string()]
    );
    assert_eq!(of(&format!("?userid={other}"), me).status, 403);
    let all = counter.send(Call::get("/bookings").staff());
    assert_eq!(users(all).len(), 2);
}

#[test]
fn a_key_is_its_callers_own() {
    let counter = Counter::new();
    let (me, other) = (Id::new(), Id::new());
    let book = |caller| {
        let call = counter.order(None).customer(caller);
        counter.send(call.header("idempotency-key", "1")).json["data"]["id"].clone()
    };
    assert_eq!(book(me), book(me));
    assert_ne!(book(me), book(other));
}

#[test]
fn an_order_is_looked_at_first_and_then_its_showtime() {
    let counter = Counter::new();
    let me = Id::new();
    let book = |showtime: Id, movies: &[Id], seats: i32| {
        let movies: Vec<_> = movies.iter().map(Id::to_string).collect();
        let body = json!({"showtimeid": showtime.to_string(), "movies": movies, "seats": seats});
        counter.send(Call::json("POST", "/bookings", &body).customer(me))
    };
    let faults = |answer: Answer| {
        assert_eq!(answer.status, 422, "{}", answer.json);
        let errors = answer.json["errors"].as_array().unwrap().clone();
        errors
            .iter()
            .map(|error| error["field"].clone())
            .collect::<Vec<_>>()
    };
    let (unknown, down, other) = (Id::new(), Id::new(), Id::new());
    assert_eq!(faults(book(unknown, &[], 21)), ["movies", "seats"]);
    assert_eq!(counter.showtimes.asked(), [""; 0]);
    assert_eq!(faults(book(unknown, &[counter.movie], 1)), ["showtimeid"]);
    let movies = [counter.movie, other];
    let answer = book(counter.showtime, &movies, 1);
    assert!(
        answer.json["detail"]
            .as_str()
            .unwrap()
            .contains(&other.to_string())
    );
    assert_eq!(faults(answer), ["movies"]);
    counter.showtimes.fail(&format!("/showtimes/{down}"));
    assert_eq!(book(down, &[counter.movie], 1).status, 503);
    let sold_out = book(counter.showtime, &[counter.movie], 10);
    assert_eq!(sold_out.status, 409);
    let detail = "sold out: seats asked for 10, seats left 9";
    assert_eq!(sold_out.json["detail"], detail);
    assert_eq!(book(counter.showtime, &[counter.movie], 9).status, 201);
}

#[test]
fn what_is_no_booking_is_left_out_of_lists_and_an_error_by_itself() {
    let counter = Counter::new();
    let (me, odd) = (Id::new(), Id::new());
    let good = counter.book(me);
    let text = doc! {"_id": odd, "userid": me, "showtimeid": showtime(), "movies": [odd], "seats": "3", "createdon": Moment::now()};
    counter.memory.put("bookings", text);
    let answer = counter.send(Call::get("/bookings").customer(me));
    let ids = answer.json["data"].as_array().unwrap().iter();
    let paths: Vec<_> = ids
        .map(|booking| format!("/bookings/{}", booking["id"].as_str().unwrap()))
        .collect();
    assert_eq!(paths, [good]);
    let by_itself = counter.send(Call::get(&format!("/bookings/{odd}")).customer(me));
    assert_eq!(by_itself.status, 500);
}

#[test]
fn seats_that_a_booking_out_of_shape_may_hold_are_not_sold() {
    let text = || Bson::from(showtime().to_string());
    let cases = [
        (showtime().into(), Bson::from("9"), 500),
        (text(), 9.into(), 500),
        (showtime().into(), 9.into(), 409),
    ];
    for (named, seats, status) in cases {
        let counter = Counter::new();
        counter.memory.put(
            "bookings",
            doc! {
                "_id": Id::new(), "userid": Id::new(), "showtimeid": named,
                "movies": [counter.movie], "seats": seats, "createdon": Moment::now(),
            },
        );
        let answer = counter.send(counter.order(None).customer(Id::new()));
        assert_eq!(answer.status, status, "{}", answer.json);
        assert_eq!(counter.memory.documents("bookings").len(), 1);
        let ledger = counter.memory.documents("seats").pop().unwrap();
        assert_eq!(ledger.contains_key("taken"), status == 409, "{ledger}");
    }
}

#[test]
fn bookings_are_listed_from_either_end_and_by_film() {
    let counter = Counter::new();
    let customer = Id::new();
    let [first, second, third] = [(); 3].map(|()| counter.book(customer));
    let list = |query: &str| {
        let path = format!("/bookings?{query}");
        counter.send(Call::get(&path).customer(customer))
    };
    let paths = |answer: &Answer| -> Vec<String> {
        let bookings = answer.json["data"].as_array().unwrap().iter();
        bookings
            .map(|booking| format!("/bookings/{}", booking["id"].as_str().unwrap()))
            .collect()
    };
    let page = list("order=newest&limit=2");
    assert_eq!(paths(&page), [third, second]);
    let next = page.json["next"].as_str().unwrap();
    // What is booked meanwhile comes in front.
    counter.book(customer);
    let rest = counter.send(Call::get(next).customer(customer));
    assert_eq!(
        (paths(&rest), &rest.json["next"]),
        (vec![first], &Value::Null)
    );
    let of = |movie: Id| paths(&list(&format!("movies={},{movie}", Id::new()))).len();
    assert_eq!((of(counter.movie), of(Id::new())), (4, 0));
    for wrong in ["order=oldest", "movies=x"] {
        assert_eq!(list(wrong).status, 400, "{wrong}");
    }
    assert_eq!(counter.memory.scans(), [""; 0]);
}
