//! A password is changed by who knows it, or by staff.

use service::Moment;

use super::*;

const NEW: &str = "a new tide at dawn";

fn put(id: &str, body: &Value) -> Call {
    Call::json("PUT", &format!("/users/{id}/password"), body)
}

fn session(world: &World, id: &str) {
    let userid: Id = id.parse().unwrap();
    let soon = Moment::now().after(std::time::Duration::from_secs(60));
    world.memory.put("sessions", bson::doc! {
        "_id": Id::new(), "userid": userid, "current": "d", "expires": soon, "createdon": Moment::now(),
    });
}

fn is_password(world: &World, id: &str, password: &str) -> bool {
    let accounts = accounts::Accounts::new(&world.memory.client());
    let credentials = run(accounts.credentials(id.parse().unwrap()))
        .unwrap()
        .unwrap();
    accounts::password::verify(password, &credentials.password) != Ok(accounts::password::Match::No)
}

#[test]
fn a_user_changes_it_by_the_one_there_is() {
    let world = World::new();
    let id = world.user();
    session(&world, &id);
    let send = |body: Value| world.send_as_is(put(&id, &body).customer(id.parse().unwrap()));
    for (body, field) in [
        (json!({"password": NEW}), "current"),
        (json!({"current": "wrong", "password": NEW}), "current"),
        (
            json!({"current": PASSWORD, "password": "short"}),
            "password",
        ),
        (
            json!({"current": PASSWORD, "password": "password123"}),
            "password",
        ),
    ] {
        let answer = send(body);
        assert_eq!(
            (answer.status, &answer.json["errors"][0]["field"]),
            (422, &json!(field))
        );
    }
    assert_eq!(
        send(json!({"current": PASSWORD, "password": NEW})).status,
        204
    );
    assert!(is_password(&world, &id, NEW) && !is_password(&world, &id, PASSWORD));
    assert!(world.memory.documents("sessions").is_empty());
    for _ in 0..5 {
        assert_eq!(
            send(json!({"current": PASSWORD, "password": NEW})).status,
            422
        );
    }
    let answer = send(json!({"current": NEW, "password": PASSWORD}));
    assert_eq!(answer.status, 429);
    assert!(answer.headers.contains_key("retry-after"));
}

#[test]
fn staff_set_it_without_and_sign_that_user_out() {
    let world = World::new();
    let id = world.user();
    session(&world, &id);
    assert_eq!(world.send(put(&id, &json!({"password": NEW}))).status, 204);
    assert!(is_password(&world, &id, NEW));
    assert!(world.memory.documents("sessions").is_empty());
    let other = put(&id, &json!({"password": NEW})).customer(Id::new());
    assert_eq!(world.send_as_is(other).status, 403);
    let nobody = put(&Id::new().to_string(), &json!({"password": NEW}));
    assert_eq!(world.send(nobody).status, 404);
}

#[test]
fn a_code_is_kept_as_its_digest_alone() {
    let world = World::new();
    let id = world.user();
    let path = format!("/users/{id}/code");
    let given = world.send(Call::new("POST", &path));
    assert_eq!(given.status, 200);
    let code = given.json["data"]["code"].as_str().unwrap();
    let stored = format!("{:?}", world.memory.documents("credentials"));
    assert!(stored.contains(&tokens::digest(&code.replace('-', ""))) && !stored.contains(code));
    // Whom another program added has no password yet, and gets one so.
    let added = world.staff_user("olga");
    let path = format!("/users/{added}/code");
    assert_eq!(world.send(Call::new("POST", &path)).status, 200);
    assert!(!is_password(&world, &added.to_string(), ""));
    let own = Call::new("POST", &path).customer(added);
    assert_eq!(world.send_as_is(own).status, 403);
}
