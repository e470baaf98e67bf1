//! A session is renewed by its newest token alone, until it ends.

use super::*;
use accounts::{Session, Sessions};

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
    // The one just replaced gives the same for some seconds: two tabs renew at once.
    pass(10);
    assert_eq!(text(&world.refresh(&first), "refresh_token"), second);
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
    pass(11);
    assert_eq!(world.refresh(&one).status, 401);
    assert_eq!(world.refresh(&other).status, 200);
}

#[test]
fn of_two_who_renew_at_once_both_get_the_same() {
    let world = World::new();
    world.signed_in();
    let sessions = Sessions::new(&world.memory.client());
    let id = world.memory.documents("sessions")[0].get_object_id("_id");
    let session = run(sessions.find(id.unwrap().into())).unwrap().unwrap();
    let with = |secret: &str| Session {
        current: secret.to_owned(),
        ..session.clone()
    };
    let renew = |secret| run(sessions.renew(&session, &with(secret))).unwrap();
    assert!(renew("one"));
    assert!(!renew("other"));
    // The same token makes the same, and a call may be sent again, its answer lost.
    assert!(renew("one"));
}

#[test]
fn whoever_knows_the_id_alone_ends_nothing() {
    let world = World::new();
    let token = world.signed_in();
    let (id, _) = token.split_once('.').unwrap();
    for guess in [format!("{id}.x"), format!("{id}.x.y"), format!("{id}.")] {
        assert_eq!(world.refresh(&guess).status, 401);
        let logout = world.post("/auth/logout", &json!({"refresh_token": guess}));
        assert_eq!(logout.status, 204);
    }
    assert_eq!(world.refresh(&token).status, 200);
    let other = world.signed_in();
    assert_ne!(id[..8], other[..8]);
}

#[test]
fn a_session_of_before_is_renewed() {
    let world = World::new();
    let id = Id::new();
    let old = doc! {"_id": id, "userid": world.ada, "current": tokens::digest("old"), "expires": now().after(Duration::from_secs(60)), "createdon": now()};
    world.memory.put("sessions", old);
    assert_eq!(world.refresh(&format!("{id}.x")).status, 401);
    let first = text(&world.refresh(&format!("{id}.old")), "refresh_token");
    assert_eq!(
        text(&world.refresh(&format!("{id}.old")), "refresh_token"),
        first
    );
    assert_eq!(world.refresh(&first).status, 200);
}

#[test]
fn ones_own_sessions_are_seen_and_ended() {
    let world = World::new();
    let login = |agent: &str| {
        let body = json!({"username": "ada", "password": PASSWORD});
        world.send(Call::json("POST", "/auth/login", &body).header("user-agent", agent))
    };
    let one = login("Tidefox/1.0");
    pass(1);
    let other = login("curl");
    let as_one = |method: &str, path: &str| {
        let bearer = format!("Bearer {}", text(&one, "access_token"));
        world.send(Call::new(method, path).header("authorization", &bearer))
    };
    let listed = as_one("GET", "/auth/sessions").json["data"].clone();
    let seen: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["agent"], &one["current"]))
        .collect();
    assert_eq!(
        seen,
        [
            (&json!("Tidefox/1.0"), &json!(true)),
            (&json!("curl"), &json!(false))
        ]
    );
    assert!(!listed.to_string().contains("current\":\""));
    let stranger = Id::new();
    let path = format!("/auth/sessions/{}", listed[1]["id"].as_str().unwrap());
    let strangers = world.send(Call::new("DELETE", &path).customer(stranger));
    assert_eq!(strangers.status, 404);
    assert_eq!(as_one("DELETE", &path).status, 204);
    assert_eq!(as_one("DELETE", &path).status, 404);
    assert_eq!(world.refresh(&text(&other, "refresh_token")).status, 401);
    assert_eq!(as_one("DELETE", "/auth/sessions").status, 204);
    assert_eq!(world.refresh(&text(&one, "refresh_token")).status, 401);
    assert_eq!(session_count(&world), 0);
}

#[test]
fn a_code_sets_a_password_once_and_within_its_hour() {
    let world = World::new();
    let token = world.signed_in();
    let accounts = accounts::Accounts::new(&world.memory.client());
    let give = |code: &str| {
        let digest = tokens::digest(&accounts::random::typed(code));
        let expires = now().after(Duration::from_secs(3600));
        run(accounts.give_code(world.ada, &accounts::Code { digest, expires })).unwrap();
    };
    let reset = |code: &str, password: &str| {
        let body = json!({"username": "ADA", "code": code, "password": password});
        world.post("/auth/reset", &body).status
    };
    give("AB12-CD34");
    assert_eq!(reset("AB12-CD35", "a new tide at dawn"), 401);
    assert_eq!(reset("AB12-CD34", "1234567890"), 422);
    assert_eq!(reset("ab12 cd34", "a new tide at dawn"), 204);
    assert_eq!(reset("AB12-CD34", "yet another tide"), 401);
    assert_eq!(world.refresh(&token).status, 401);
    assert_eq!(world.login("ada", PASSWORD).status, 401);
    assert_eq!(world.login("ada", "a new tide at dawn").status, 200);
    give("EF56");
    pass(3601);
    assert_eq!(reset("EF56", "too late a tide"), 401);
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
    pass(11);
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
