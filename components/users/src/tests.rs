//! Over storage in memory, beside siblings that are not there.

#![allow(clippy::unwrap_used)]

mod access;
mod bookings;
mod grpc;
mod passwords;
mod registration;
mod staff;
mod suggestions;

use data_api_client::memory::Memory;
use serde_json::{Value, json};
use service::{
    Clock, Id, Moment,
    testing::{Answer, Call, FakeSibling, run},
};

use crate::{
    common::Kept,
    handlers::Users,
    recommender::{Recommender, Request, Suggestion},
    routes,
    siblings::Siblings,
    signup::FirstStaff,
};

/// Where the cinema stands: there it is already 2030.
const ZONE: &str = "Pacific/Kiritimati";

/// Noon of the last day of 2029, in UTC; there, two in the morning.
fn noon() -> Moment {
    Moment::clamped(1_893_412_800_000)
}

/// The service with all it talks to.
#[derive(Clone)]
struct World {
    memory: Memory,
    bookings: FakeSibling,
    showtimes: FakeSibling,
    movies: FakeSibling,
    recommender: Ranking,
    kept: Kept,
    now: fn() -> Moment,
    first_staff: Option<FirstStaff>,
}

/// A recommender by rating alone, or one that gives what it was told to.
#[derive(Clone, Default)]
struct Ranking(Option<Vec<Suggestion>>);

impl Recommender for Ranking {
    fn suggest(&self, request: &Request) -> Vec<Suggestion> {
        self.0.clone().unwrap_or_else(|| by_rating(request))
    }
}

fn by_rating(request: &Request) -> Vec<Suggestion> {
    let mut films: Vec<_> = request.candidates.iter().collect();
    films.sort_by(|one, other| {
        other
            .rating
            .unwrap_or(0.0)
            .total_cmp(&one.rating.unwrap_or(0.0))
    });
    let suggestion = |film: &&crate::recommender::Movie| Suggestion {
        movie_id: film.id.clone(),
        score: film.rating.unwrap_or(0.0) / 10.0,
        reason: format!(
            "{} booked, {} showings",
            request.booked.len(),
            request.showings.len()
        ),
    };
    films
        .iter()
        .take(request.limit as usize)
        .map(suggestion)
        .collect()
}

impl World {
    fn new() -> Self {
        Self {
            memory: Memory::new(),
            bookings: FakeSibling::new("bookings"),
            showtimes: FakeSibling::new("showtimes"),
            movies: FakeSibling::new("movies"),
            recommender: Ranking::default(),
            kept: Kept::default(),
            now: noon,
            first_staff: None,
        }
    }

    /// The answer to staff.
    fn send(&self, call: Call) -> Answer {
        self.send_as_is(call.staff())
    }

    fn service(&self) -> Users<Memory, FakeSibling, Ranking> {
        let siblings = Siblings {
            bookings: self.bookings.sibling(),
            showtimes: self.showtimes.sibling(),
            movies: self.movies.sibling(),
        };
        Users::new(
            self.memory.client(),
            siblings,
            self.recommender.clone(),
            self.kept.clone(),
            self.first_staff.clone(),
            Clock::new(ZONE, self.now).unwrap(),
        )
    }

    /// The answer to whoever the call is from.
    fn send_as_is(&self, call: Call) -> Answer {
        let answer = run(call.send("users", || self.service(), routes));
        assert_eq!(self.memory.scans(), [""; 0]);
        answer
    }

    /// The answer to a `GET`.
    fn get(&self, path: &str) -> Answer {
        self.send(Call::get(path))
    }

    /// A user's deletion, whose bookings may be cancelled.
    fn deletion(&self, path: &str) -> Call {
        let id = path.rsplit('/').next().unwrap();
        let cancelling = format!("DELETE /bookings?userid={id}");
        self.bookings.answer(&cancelling, &Value::Null);
        Call::new("DELETE", path)
    }

    /// The answer to a user's creation.
    fn register(&self, username: &str) -> Answer {
        let body = json!({"username": username, "firstname": "Ada", "lastname": "Lovelace", "password": PASSWORD});
        self.send(Call::json("POST", "/users", &body))
    }

    /// Somebody who is staff in storage, too.
    fn staff_user(&self, username: &str) -> Id {
        let id = Id::new();
        self.memory.put("users", bson::doc! {
            "_id": id, "username": username, "firstname": "B", "lastname": "C", "role": "staff", "createdon": bson::DateTime::now(),
        });
        id
    }

    /// A user's id.
    fn user(&self) -> String {
        let created = self.register("ada");
        assert_eq!(created.status, 201, "{}", created.json);
        created.json["data"]["id"].as_str().unwrap().to_owned()
    }
}

/// A password, which is to be seen nowhere.
const PASSWORD: &str = "secret secret";

/// An id that says by its number what it is.
fn id(number: u32) -> String {
    format!("{number:024x}")
}

/// A film as movies shows it.
fn film(number: u32, title: &str, rating: f64) -> Value {
    // With a field that users knows nothing of.
    json!({
        "id": id(number), "title": title, "director": "Somebody", "rating": rating, "createdon": "2030-01-01T00:00:00.000Z",
        "awards": ["Golden Tide"],
    })
}

/// A list as a sibling shows it.
fn list(items: &[Value]) -> Value {
    json!({"data": items})
}

#[test]
fn a_user_is_added_read_listed_and_deleted() {
    let world = World::new();
    let body = json!({"username": "Ada.L", "firstname": "Ada", "lastname": "Lovelace", "id": id(1), "password": PASSWORD});
    let created = world.send(Call::json("POST", "/users", &body));
    assert_eq!(created.status, 201);
    let user = &created.json["data"];
    assert_eq!(user["username"], "ada.l");
    assert_ne!(user["id"], id(1));
    assert!(!created.json.to_string().contains("secret"));
    let path = created.headers["location"].to_str().unwrap();
    assert_eq!(world.get(path).json, created.json);
    assert_eq!(world.get("/users").json["data"], json!([user]));
    assert_eq!(world.send(world.deletion(path)).status, 204);
    assert_eq!(world.get(path).status, 404);
    assert_eq!(world.send(world.deletion(path)).status, 404);
    assert_eq!(world.get("/users").json["data"], json!([]));
}

#[test]
fn every_fault_is_told_at_once() {
    let world = World::new();
    let body = json!({"username": "a b", "firstname": "", "lastname": 7, "password": "too short", "role": "owner"});
    let answer = world.send(Call::json("POST", "/users", &body));
    assert_eq!(answer.status, 422);
    let errors = answer.json["errors"].as_array().unwrap();
    let fields: Vec<_> = errors
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["username", "firstname", "lastname", "password", "role"]
    );
}

#[test]
fn whom_another_program_added_keeps_their_name() {
    let world = World::new();
    world.memory.put("users", bson::doc! {
        "_id": Id::new(), "username": "old_one", "firstname": "Olga", "lastname": "Old", "role": "customer", "createdon": bson::DateTime::now(),
    });
    assert_eq!(world.register("Old_One").status, 409);
    assert_eq!(world.register("oldxone").status, 201);
}

#[test]
fn what_is_no_user_is_left_out_of_lists_and_an_error_by_itself() {
    let world = World::new();
    let (user, odd) = (world.user(), Id::new());
    world.memory.put(
        "users",
        bson::doc! {"_id": odd, "username": "olga", "name": "Olga"},
    );
    let listed = world.get("/users");
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed.json["data"][0]["id"], user);
    assert_eq!(world.get(&format!("/users/{odd}")).status, 500);
}
