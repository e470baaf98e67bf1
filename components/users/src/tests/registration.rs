//! A name is one user's, and a dead process holds none for ever.

use std::time::Duration;

use accounts::{Accounts, User};
use bson::doc;
use data_api_client::memory::Fault;
use service::{Moment, Role};

use super::*;

#[test]
fn a_name_is_given_once_whatever_its_case() {
    let world = World::new();
    assert_eq!(world.register("ada").status, 201);
    let again = world.register("ADA");
    assert_eq!(again.status, 409);
    assert!(
        again.json["detail"]
            .as_str()
            .unwrap()
            .contains("ada is taken")
    );
    assert_eq!(world.memory.documents("users").len(), 1);
}

#[test]
fn a_deleted_users_name_is_free() {
    let world = World::new();
    let path = format!("/users/{}", world.user());
    assert_eq!(world.send(world.deletion(&path)).status, 204);
    assert_eq!(world.register("ada").status, 201);
}

#[test]
fn a_dot_in_a_name_stands_for_a_dot() {
    let world = World::new();
    assert_eq!(world.register("a.c").status, 201);
    assert_eq!(world.register("abc").status, 201);
}

/// A process reserved the name at `at` and died before it wrote the user.
fn dead_reservation(world: &World, at: Moment) -> Id {
    let userid = Id::new();
    world
        .memory
        .put("usernames", doc! {"_id": "ada", "userid": userid, "at": at});
    userid
}

#[test]
fn a_reservation_is_waited_for_a_minute() {
    let world = World::new();
    dead_reservation(&world, Moment::now());
    assert_eq!(world.register("ada").status, 409);
}

#[test]
fn an_old_reservation_without_a_user_is_taken_over() {
    let world = World::new();
    let at = Moment::now().before(Duration::from_secs(61));
    let late = dead_reservation(&world, at);
    assert_eq!(world.register("ada").status, 201);
    let listed = world.get("/users");
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(world.get(&format!("/users/{late}")).status, 404);
    assert_eq!(world.register("ada").status, 409);
}

#[test]
fn a_write_on_its_way_cannot_arrive_after_its_place_is_void() {
    let world = World::new();
    let late = dead_reservation(&world, Moment::clamped(0));
    assert_eq!(world.register("ada").status, 201);
    let user = User {
        id: late,
        username: "ada".to_owned(),
        firstname: "Ada".to_owned(),
        lastname: "Lovelace".to_owned(),
        role: Role::Customer,
        createdon: Moment::now(),
    };
    let accounts = Accounts::new(&world.memory.client());
    assert!(!run(accounts.write(&user)).unwrap());
    assert_eq!(world.get(&format!("/users/{late}")).status, 404);
}

#[test]
fn a_lost_answer_makes_no_double_and_no_conflict() {
    for step in 0..4 {
        let world = World::new();
        for _ in 0..step {
            // As many requests pass before the answer is lost.
            world.memory.fail_next(Fault::Answer {
                status: 503,
                retry_after: None,
                body: "{}",
            });
        }
        world.memory.fail_next(Fault::LostAnswer);
        let answer = world.register("ada");
        assert!(matches!(answer.status, 201 | 503), "{}", answer.json);
        assert!(world.memory.documents("users").len() <= 1);
    }
}

#[test]
fn storage_that_is_down_is_told() {
    let world = World::new();
    world.memory.go_down();
    for answer in [
        world.register("ada"),
        world.get("/users"),
        world.get("/users/healthy"),
    ] {
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains_key("retry-after"));
        assert!(
            answer.json["detail"].as_str().unwrap().contains("storage"),
            "{}",
            answer.json
        );
    }
    assert_eq!(world.get("/users/healthz").status, 200);
}
