//! Who is let in, and what the rest are told.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

use super::*;

#[test]
fn a_right_password_gives_tokens() {
    let world = World::new();
    let answer = world.login("ADA", PASSWORD);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.json["token_type"], "Bearer");
    assert_eq!(answer.json["expires_in"], 900);
    assert!(!answer.headers.contains_key("set-cookie"));
    let claims = claims(&text(&answer, "access_token"));
    assert_eq!(claims.sub, world.ada.to_string());
    assert_eq!(
        (claims.role, claims.exp - claims.iat),
        (Role::Customer, 900)
    );
    let stored = format!("{:?}", world.memory.documents("sessions"));
    let refresh = text(&answer, "refresh_token");
    let (_, secret) = refresh.split_once('.').unwrap();
    assert!(!stored.contains(secret));
}

#[test]
fn a_wrong_one_and_an_unknown_name_are_told_the_same_after_the_same_work() {
    let world = World::new();
    let asked = |username: &str| {
        let before = world.memory.request_count();
        let answer = world.login(username, "wrong horse");
        (answer, world.memory.request_count() - before)
    };
    let (known, work) = asked("ada");
    let (unknown, same_work) = asked("nobody");
    assert_eq!(known.status, 401);
    assert_eq!(known.json, unknown.json);
    assert_eq!(work, same_work);
    assert_eq!(
        known.headers["www-authenticate"],
        unknown.headers["www-authenticate"]
    );
}

#[test]
fn nobody_gets_in_by_a_name_without_a_user_or_a_password() {
    let world = World::new();
    let reserved = doc! {"_id": "reserved", "userid": Id::new(), "at": now()};
    world.memory.put("usernames", reserved);
    // A reservation that another user's came in the place of.
    world.memory.put(
        "usernames",
        doc! {"_id": "old", "userid": world.ada, "at": now()},
    );
    let id = Id::new();
    world.add(id, "passwordless", "");
    let credentials = world.memory.client().collection::<Raw>("credentials");
    run(credentials.delete_one(doc! {"_id": id})).unwrap();
    for name in ["reserved", "old", "passwordless"] {
        assert_eq!(world.login(name, PASSWORD).status, 401, "{name}");
    }
    world.remove_ada();
    assert_eq!(world.login("ada", PASSWORD).status, 401);
}

#[test]
fn what_is_no_text_is_no_filter() {
    let world = World::new();
    for value in [
        json!({"$gt": ""}),
        json!({"$ne": null}),
        json!(["ada"]),
        json!(null),
        json!(1),
        json!(""),
        json!("x".repeat(1025)),
    ] {
        for field in ["username", "password"] {
            let mut body = json!({"username": "ada", "password": PASSWORD});
            body[field] = value.clone();
            let answer = world.post("/auth/login", &body);
            assert_eq!(answer.status, 422, "{body}");
            assert_eq!(answer.json["errors"][0]["field"], field);
        }
    }
    assert_eq!(world.login("ada", r#"{"$gt": ""}"#).status, 401);
    assert_eq!(world.login(".*", PASSWORD).status, 401);
    let wrong = json!({"username": "ada", "password": PASSWORD, "cookies": "yes"});
    assert_eq!(world.post("/auth/login", &wrong).status, 422);
}

#[test]
fn a_weak_hash_is_made_a_strong_one() {
    let world = World::new();
    let params = Params::new(8 * 1024, 1, 1, None).unwrap();
    let weak = Argon2::new(Algorithm::Argon2id, Version::default(), params)
        .hash_password(PASSWORD.as_bytes())
        .unwrap()
        .to_string();
    let id = Id::new();
    world.add(id, "olga", &weak);
    let stored = || {
        let all = world.memory.documents("credentials");
        let olgas = all
            .into_iter()
            .find(|one| one.get_object_id("_id").unwrap() == id.into());
        olgas.unwrap().get_str("password").unwrap().to_owned()
    };
    assert_eq!(world.login("olga", "wrong horse").status, 401);
    assert_eq!(stored(), weak);
    assert_eq!(world.login("olga", PASSWORD).status, 200);
    assert!(stored().contains("m=19456,t=2,p=1"));
    assert_eq!(world.login("olga", PASSWORD).status, 200);
}
