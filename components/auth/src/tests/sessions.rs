//! A session is renewed by its newest token alone, until it ends.

use super::*;
use crate::model::Session;

fn session_count(world: &World) -> usize {
    world.memory.documents("sessions").len()
}

#[test]
fn a_refresh_token_works_once() {
    let world = World::new();
    let first = world.signed_in();
    let answer = world.refresh(&first);
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(
        claims(&text(&answer, "access_token")).sub,
        world.ada.to_string()
    );
    let second = text(&answer, "refresh_token");
    assert_ne!(first, second);
    let third = text(&world.refresh(&second), "refresh_token");
    // An old one ends the whole family.
    assert_eq!(world.refresh(&first).status, 401);
    assert_eq!(world.refresh(&third).status, 401);
    assert_eq!(session_count(&world), 0);
}

#[test]
fn one_session_ends_without_the_others() {
    let world = World::new();
    let (one, other) = (world.signed_in(), world.signed_in());
    world.refresh(&one);
    assert_eq!(world.refresh(&one).status, 401);
    assert_eq!(world.refresh(&other).status, 200);
}

#[test]
fn of_two_who_renew_at_once_one_does() {
    let world = World::new();
    world.signed_in();
    let storage = Storage::new(world.memory.client());
    let id = world.memory.documents("sessions")[0].get_object_id("_id");
    let session = run(storage.session(id.unwrap().into())).unwrap().unwrap();
    let with = |secret: &str| Session {
        current: secret.to_owned(),
        ..session.clone()
    };
    let renew = |secret| run(storage.renew(&session, &with(secret))).unwrap();
    assert!(renew("one"));
    assert!(!renew("other"));
    // The same call again, its answer lost.
    assert!(renew("one"));
}

#[test]
fn a_session_lasts_thirty_days_from_its_login() {
    let world = World::new();
    let mut token = world.signed_in();
    for _ in 0..2 {
        pass(14 * 24 * 60 * 60);
        token = text(&world.refresh(&token), "refresh_token");
    }
    pass(2 * 24 * 60 * 60);
    assert_eq!(world.refresh(&token).status, 401);
    assert_eq!(session_count(&world), 0);
}

#[test]
fn a_login_removes_what_has_expired() {
    let world = World::new();
    world.signed_in();
    pass(31 * 24 * 60 * 60);
    world.signed_in();
    assert_eq!(session_count(&world), 1);
}

#[test]
fn the_role_is_read_anew() {
    let world = World::new();
    let token = world.signed_in();
    let client = world.memory.client();
    let users = client.collection::<Raw>("users");
    let promoted = users.update_one(doc! {"_id": world.ada}, doc! {"$set": {"role": "staff"}});
    run(promoted).unwrap();
    let answer = world.refresh(&token);
    assert_eq!(claims(&text(&answer, "access_token")).role, Role::Staff);
}

#[test]
fn a_deleted_user_is_signed_out() {
    let world = World::new();
    let token = world.signed_in();
    world.remove_ada();
    assert_eq!(world.refresh(&token).status, 401);
    assert_eq!(session_count(&world), 0);
}

#[test]
fn what_is_no_refresh_token_renews_nothing() {
    let world = World::new();
    let token = world.signed_in();
    for wrong in [
        String::new(),
        "x".to_owned(),
        "x".repeat(100_000),
        ".".to_owned(),
        format!("{}.x", Id::new()),
        format!("{token}."),
    ] {
        let answer = world.refresh(&wrong);
        assert_eq!(answer.status, 401, "{wrong}");
    }
    for wrong in [json!({"$gt": ""}), json!(1), json!(null)] {
        let answer = world.post("/auth/refresh", &json!({"refresh_token": wrong}));
        assert_eq!(answer.status, 422, "{wrong}");
    }
    assert_eq!(world.send(Call::new("POST", "/auth/refresh")).status, 422);
}

#[test]
fn logging_out_ends_the_session_whatever_is_brought() {
    let world = World::new();
    let token = world.signed_in();
    let old = world.signed_in();
    world.refresh(&old);
    let logout = |token: &str| {
        world
            .post("/auth/logout", &json!({"refresh_token": token}))
            .status
    };
    for token in [&token, &token, &old, "x", &format!("{}.x", Id::new())] {
        assert_eq!(logout(token), 204, "{token}");
    }
    assert_eq!(world.send(Call::new("POST", "/auth/logout")).status, 204);
    assert_eq!(session_count(&world), 0);
    assert_eq!(world.refresh(&token).status, 401);
}
