//! Who may become what, and see whom.

use service::{Access, Role, testing::table};

use super::*;

/// What an answer shows of the user it made.
fn role(answer: &Answer) -> &Value {
    assert_eq!(answer.status, 201, "{}", answer.json);
    &answer.json["data"]["role"]
}

fn body(username: &str, role: &str) -> Value {
    json!({"username": username, "firstname": "Ada", "lastname": "Lovelace", "password": PASSWORD, "role": role})
}

#[test]
fn every_route_says_whom_it_is_open_to() {
    let rows = table::<Users<Memory, FakeSibling, Ranking>>(routes);
    let rows: Vec<_> = rows
        .iter()
        .map(|(method, path, access)| (method.as_str(), *path, *access))
        .collect();
    assert_eq!(
        rows,
        [
            ("GET", "/users", Access::Staff),
            ("POST", "/users", Access::Anyone),
            ("GET", "/users/:id", Access::Oneself("id")),
            ("PATCH", "/users/:id", Access::Oneself("id")),
            ("DELETE", "/users/:id", Access::Oneself("id")),
            ("PUT", "/users/:id/password", Access::Oneself("id")),
            ("POST", "/users/:id/code", Access::Staff),
            ("GET", "/users/:id/bookings", Access::Oneself("id")),
            ("GET", "/users/:id/suggested", Access::Oneself("id")),
        ]
    );
}

#[test]
fn whoever_signs_up_is_a_customer() {
    let world = World::new();
    let boss = world.staff_user("boss");
    let sign_up = |name: &str| Call::json("POST", "/users", &body(name, "staff"));
    assert_eq!(world.send_as_is(sign_up("anna")).status, 403);
    let customer = Call::json("POST", "/users", &body("anna", "customer"));
    assert_eq!(role(&world.send_as_is(customer)), "customer");
    assert_eq!(
        world.send_as_is(sign_up("bea").customer(Id::new())).status,
        403
    );
    // A token of somebody who is nobody any more gives no rights.
    assert_eq!(world.send(sign_up("carl")).status, 403);
    assert_eq!(
        role(&world.send_as_is(sign_up("carl").staff_user(boss))),
        "staff"
    );
    let forged = sign_up("dora").header("authorization", "Bearer x");
    assert_eq!(world.send_as_is(forged).status, 401);
}

#[test]
fn the_first_of_the_staff_is_whom_the_settings_name() {
    let world = World {
        first_staff: Some(FirstStaff::new("Boss", PASSWORD)),
        ..World::new()
    };
    let sign_up = |name: &str, password: &str| {
        let mut body = body(name, "customer");
        body["password"] = json!(password);
        world.send_as_is(Call::json("POST", "/users", &body))
    };
    assert_eq!(role(&sign_up("bosses", PASSWORD)), "customer");
    assert_eq!(role(&sign_up("BOSS", PASSWORD)), "staff");
    assert_eq!(sign_up("boss", PASSWORD).status, 409);
    let other = World {
        first_staff: Some(FirstStaff::new("boss", PASSWORD)),
        ..World::new()
    };
    let guess = body("boss", "staff");
    let mut wrong = guess.clone();
    wrong["password"] = json!("another secret");
    // The name is nobody's but with its password.
    assert_eq!(
        other
            .send_as_is(Call::json("POST", "/users", &wrong))
            .status,
        409
    );
}

#[test]
fn passwords_are_kept_apart_and_go_with_their_user() {
    let world = World::new();
    let id = world.user();
    let stored = world.memory.documents("users");
    assert!(!format!("{stored:?}").contains("argon2"));
    let credentials = world.memory.documents("credentials");
    let text = format!("{credentials:?}");
    assert!(text.contains(&id) && text.contains("$argon2id$") && !text.contains(PASSWORD));
    assert_eq!(
        world.send(world.deletion(&format!("/users/{id}"))).status,
        204
    );
    assert!(world.memory.documents("credentials").is_empty());
}

#[test]
fn a_password_may_be_anything_that_is_long_enough() {
    let world = World::new();
    for (number, (password, status)) in [
        ("ten chars!".to_owned(), 201),
        ("nine char".to_owned(), 422),
        ("1234567890".to_owned(), 422),
        ("eeeeeeeeeeee".to_owned(), 422),
        ("\0\u{1F600}é\n\t\"\\ ' $".to_owned(), 201),
        ("éa".repeat(64), 201),
        (format!("{}é", "éa".repeat(64)), 422),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = body(&format!("user{number}"), "customer");
        body["password"] = json!(password);
        let answer = world.send(Call::json("POST", "/users", &body));
        assert_eq!(answer.status, status, "{password:?}: {}", answer.json);
        assert!(!answer.json.to_string().contains(&password));
    }
    for wrong in [json!(1_234_567_890), json!({"$gt": ""}), json!(null)] {
        let mut body = body("nobody", "customer");
        body["password"] = wrong;
        let answer = world.send(Call::json("POST", "/users", &body));
        assert_eq!(answer.status, 422, "{}", answer.json);
    }
}

#[test]
fn users_see_themselves_alone() {
    let world = World::new();
    let me = world.user().parse::<Id>().unwrap();
    let status = |method: &str, path: String, caller: Id| {
        let call = Call::new(method, &path).customer(caller);
        world.send_as_is(call).status
    };
    let other = Id::new();
    assert_eq!(status("GET", format!("/users/{me}"), me), 200);
    assert_eq!(status("GET", format!("/users/{me}"), other), 403);
    // Whether there is such a user or not.
    assert_eq!(status("GET", format!("/users/{}", Id::new()), other), 403);
    assert_eq!(status("DELETE", format!("/users/{me}"), other), 403);
    assert_eq!(status("GET", "/users".into(), me), 403);
    world.deletion(&format!("/users/{me}"));
    assert_eq!(status("DELETE", format!("/users/{me}"), me), 204);
    assert_eq!(status("GET", format!("/users/{me}"), me), 404);
    assert_eq!(Role::default(), Role::Customer);
}

#[test]
fn staff_find_users_by_the_beginning_of_a_name_and_by_their_ids() {
    let world = World::new();
    let boss = world.staff_user("boss");
    let ids: Vec<String> = ["anna", "anna.b", "annb", "zoe"]
        .map(|name| {
            let added = world.send_as_is(Call::json("POST", "/users", &body(name, "customer")));
            added.json["data"]["id"].as_str().unwrap().to_owned()
        })
        .to_vec();
    let found = |query: &str| {
        let answer = world.send_as_is(Call::get(&format!("/users{query}")).staff_user(boss));
        assert_eq!(answer.status, 200, "{}", answer.json);
        let names = answer.json["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(found("?username=ANNA"), ["anna", "anna.b"]);
    assert_eq!(found("?username=ann&limit=1"), ["anna"]);
    assert_eq!(
        found(&format!("?ids={},{},{}", ids[3], ids[0], Id::new())),
        ["anna", "zoe"]
    );
    assert_eq!(
        found(&format!("?ids={},{}&username=z", ids[3], ids[0])),
        ["zoe"]
    );
    assert_eq!(found("?username=$"), [""; 0]);
    assert_eq!(world.memory.scans(), [""; 0]);
    assert_eq!(
        world
            .send_as_is(Call::get("/users?username=a").customer(Id::new()))
            .status,
        403
    );
}
