//! Over storage in memory, on a clock that stands still.

#![allow(clippy::unwrap_used)]

mod attempts;
mod cookies;
mod grpc;
mod login;
mod sessions;

use std::{cell::Cell, time::Duration};

use accounts::password;
use bson::doc;
use data_api_client::{Raw, memory::Memory};
use serde_json::{Value, json};
use service::{
    Access, Id, Moment, Role, Routes,
    testing::{self, Answer, Call, run, table},
};

use crate::{handlers::Auth, keys::Keys, storage::Storage};

const PASSWORD: &str = "correct horse";

thread_local! {
    /// Where the clock stands: where the world's stood when the test began.
    static CLOCK: Cell<Moment> = Cell::new(Moment::now());
}

fn now() -> Moment {
    CLOCK.get()
}

/// Puts the clock forward.
fn pass(seconds: u64) {
    CLOCK.set(CLOCK.get().after(Duration::from_secs(seconds)));
}

/// The service with the one user `ada`.
struct World {
    memory: Memory,
    ada: Id,
    /// Settings that are other than a test's usual ones.
    settings: Vec<(&'static str, String)>,
}

impl World {
    fn new() -> Self {
        let world = Self {
            memory: Memory::new(),
            ada: Id::new(),
            settings: Vec::new(),
        };
        world.add(world.ada, "ada", &password::hash(PASSWORD).unwrap());
        world
    }

    fn add(&self, id: Id, username: &str, hash: &str) {
        let put = |collection, document| self.memory.put(collection, document);
        put(
            "users",
            doc! {"_id": id, "username": username, "firstname": "Ada", "lastname": "Lovelace", "role": "customer", "createdon": now()},
        );
        put(
            "usernames",
            doc! {"_id": username, "userid": id, "at": now()},
        );
        put(
            "credentials",
            doc! {"_id": id, "password": hash, "changedon": now()},
        );
    }

    fn remove_ada(&self) {
        let client = self.memory.client();
        let users = client.collection::<Raw>("users");
        assert_eq!(run(users.delete_one(doc! {"_id": self.ada})).unwrap(), 1);
    }

    fn service(&self) -> impl Fn() -> Auth<Memory> + Clone + use<> {
        let usual = |name: &str| match name {
            "auth_jwks" => Some(testing::JWKS.to_owned()),
            "auth_signing_key" => Some(testing::SIGNING_KEY.to_owned()),
            "auth_issuer" | "auth_audience" => Some("cinema".to_owned()),
            _ => None,
        };
        let keys = Keys::by(|name| {
            let other = self.settings.iter().find(|(other, _)| *other == name);
            other.map_or_else(|| usual(name), |(_, value)| Some(value.clone()))
        });
        let memory = self.memory.clone();
        move || Auth {
            storage: Storage::new(memory.client()),
            keys: keys.clone(),
            now,
        }
    }

    fn send(&self, call: Call) -> Answer {
        let answer = run(call.send("auth", self.service(), crate::routes));
        assert_eq!(self.memory.scans(), [""; 0]);
        answer
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Call::json("POST", path, body))
    }

    fn login(&self, username: &str, password: &str) -> Answer {
        self.post(
            "/auth/login",
            &json!({"username": username, "password": password}),
        )
    }

    /// Signs ada in, and gives the refresh token.
    fn signed_in(&self) -> String {
        let answer = self.login("ada", PASSWORD);
        assert_eq!(answer.status, 200, "{}", answer.json);
        text(&answer, "refresh_token")
    }

    fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh", &json!({"refresh_token": token}))
    }
}

/// A text of a body.
fn text(answer: &Answer, field: &str) -> String {
    answer.json[field].as_str().unwrap().to_owned()
}

/// What an access token says.
fn claims(token: &str) -> tokens::Claims {
    let verifier = tokens::Verifier::new(testing::JWKS, "cinema", "cinema").unwrap();
    verifier.verify(token).unwrap()
}

#[test]
fn every_route_says_whom_it_is_open_to() {
    let routes = |routes: &mut Routes<Auth<Memory>>| crate::routes(routes);
    let rows = table(routes);
    assert_eq!(rows.len(), 9);
    for (method, path, access) in rows {
        let expected = if path == "/auth/me" || path.starts_with("/auth/sessions") {
            Access::SignedIn
        } else {
            Access::Anyone
        };
        assert_eq!(access, expected, "{method} {path}");
    }
}

#[test]
fn who_is_signed_in_is_told() {
    let world = World::new();
    let answer = world.send(Call::get("/auth/me").customer(world.ada));
    let ada = json!({
        "id": world.ada, "username": "ada", "firstname": "Ada", "lastname": "Lovelace", "role": "customer", "createdon": now(),
    });
    assert_eq!(answer.json["data"], ada);
    assert_eq!(world.send(Call::get("/auth/me")).status, 401);
    world.remove_ada();
    assert_eq!(
        world.send(Call::get("/auth/me").customer(world.ada)).status,
        401
    );
}

#[test]
fn the_public_keys_are_anybodys() {
    let world = World::new();
    let answer = world.send(Call::get("/auth/.well-known/jwks.json"));
    let expected: Value = serde_json::from_str(testing::JWKS).unwrap();
    assert_eq!((answer.status, &answer.json), (200, &expected));
    let careless = World {
        settings: vec![(
            "auth_jwks",
            json!({"keys": [serde_json::from_str::<Value>(testing::SIGNING_KEY).unwrap()]})
                .to_string(),
        )],
        ..World::new()
    };
    let answer = careless.send(Call::get("/auth/.well-known/jwks.json"));
    assert_eq!(answer.json, expected);
}

#[test]
fn settings_that_are_missing_are_named() {
    // The same instance has signed by good ones.
    assert_eq!(World::new().login("ada", PASSWORD).status, 200);
    let unknown = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "other", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]});
    for (name, value) in [
        ("auth_jwks", String::new()),
        ("auth_jwks", "{".to_owned()),
        ("auth_jwks", unknown.to_string()),
        ("auth_signing_key", String::new()),
        ("auth_signing_key", "{}".to_owned()),
        ("auth_issuer", String::new()),
        ("auth_audience", String::new()),
    ] {
        let world = World {
            settings: vec![(name, value.clone())],
            ..World::new()
        };
        let answer = world.login("ada", PASSWORD);
        assert_eq!(answer.status, 503, "{name} {value}");
        assert!(answer.json["detail"].as_str().unwrap().contains(name));
        assert!(answer.headers.contains_key("retry-after"));
        assert_eq!(world.send(Call::get("/auth/healthy")).status, 200);
    }
}

#[test]
fn storage_that_is_down_is_said_so() {
    let world = World::new();
    world.memory.go_down();
    for answer in [
        world.login("ada", PASSWORD),
        world.refresh(&format!("{}.x", Id::new())),
        world.send(Call::get("/auth/me").customer(world.ada)),
        world.send(Call::get("/auth/healthy")),
    ] {
        assert_eq!(answer.status, 503, "{}", answer.json);
    }
}
