//! Signing up and in: who gets a token, and what it says.

use cinema_tests::{
    Api, Host, NOBODY,
    api::person,
    keys::part_of,
    people::Tokens,
    shared,
    staff::{FIRST, password},
    tag,
};
use serde_json::json;

#[tokio::test]
async fn who_signs_in_is_known() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let login = cinema.login(&ann.username, password()).await.expect(200);
    assert_eq!(login.header("cache-control"), "no-store");
    assert!(login.headers.get("set-cookie").is_none(), "{login:?}");
    let tokens = Tokens::of(login);
    let me = cinema.with_token(&tokens.access).get("/auth/me").await;
    let itself = cinema.get(&format!("/users/{}", ann.id)).await;
    assert_eq!(me.expect(200).data(), itself.expect(200).data());
    // A username is one in any case.
    cinema
        .login(&ann.username.to_uppercase(), password())
        .await
        .expect(200);
}

#[tokio::test]
async fn an_access_token_says_who_and_until_when() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let (one, other) = (
        cinema.sign_in(&ann.username).await,
        cinema.sign_in(&ann.username).await,
    );
    let (header, claims) = (part_of(&one.access, 0), part_of(&one.access, 1));
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("EdDSA"), &json!("JWT"))
    );
    assert_eq!(
        (&claims["sub"], &claims["role"]),
        (&json!(ann.id), &json!("customer"))
    );
    assert!(claims["iss"].is_string() && claims["aud"].is_string());
    let (since, until) = (claims["iat"].as_i64(), claims["exp"].as_i64());
    assert_eq!(until, since.map(|since| since + 900));
    let jti = |token: &Tokens| part_of(&token.access, 1)["jti"].clone();
    assert_eq!(jti(&one).as_str().map(str::len), Some(24));
    assert_ne!(jti(&one), jti(&other));
    // Nothing else is told to whoever reads it.
    for name in claims.as_object().unwrap().keys() {
        let known = ["iss", "aud", "sub", "role", "iat", "exp", "jti", "sid"];
        assert!(known.contains(&name.as_str()), "{claims}");
    }

    // Whoever wants to can verify it.
    let set = cinema
        .anonymous()
        .get("/auth/.well-known/jwks.json")
        .await
        .expect(200);
    assert_eq!(set.header("cache-control"), "public, max-age=300");
    let set = set.json();
    let keys = set["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]);
    let key = key.unwrap_or_else(|| panic!("{header} is not of {set}"));
    assert_eq!(
        (&key["kty"], &key["crv"]),
        (&json!("OKP"), &json!("Ed25519"))
    );
    assert!(keys.iter().all(|key| key.get("d").is_none()), "{set}");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_told_alike() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let wrong = cinema.login(&ann.username, "not the password").await;
    let told = wrong.problem(401);
    let unknown = cinema.login(&tag(), "not the password").await;
    assert_eq!(told, unknown.problem(401));
    let names = |answer: &cinema_tests::Answer| {
        let mut names: Vec<_> = answer.headers.keys().cloned().collect();
        names.sort_by_key(ToString::to_string);
        names
    };
    assert_eq!(names(&wrong), names(&unknown));
    // What nobody can have for a name or a password is wrong too, and no more than that.
    for (username, password) in [
        (format!("no such name {}", tag()), "x"),
        (format!("{}ü🎬", tag()), "\u{0}"),
        (ann.username.clone(), &password()[1..]),
        (ann.username.clone(), &format!("{} ", password())),
        (ann.username.clone(), "🎬"),
    ] {
        assert_eq!(cinema.login(&username, password).await.problem(401), told);
    }
    cinema.login(&ann.username, password()).await.expect(200);
}

#[tokio::test]
async fn every_fault_of_a_login_is_told_at_once() {
    let cinema = shared().anonymous();
    let long = "x".repeat(1025);
    for (body, faults) in [
        (json!({}), vec!["password", "username"]),
        (json!({"username": "ann"}), vec!["password"]),
        (
            json!({"username": null, "password": 1}),
            vec!["password", "username"],
        ),
        (
            json!({"username": ["ann"], "password": true}),
            vec!["password", "username"],
        ),
        (
            json!({"username": "", "password": ""}),
            vec!["password", "username"],
        ),
        (
            json!({"username": long, "password": long}),
            vec!["password", "username"],
        ),
        (
            json!({"username": "ann", "password": "x", "cookies": "yes"}),
            vec!["cookies"],
        ),
    ] {
        let told = cinema.post("/auth/login", &body).await.faults();
        assert_eq!(told, faults, "{body}");
    }
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "[]", 422),
        (
            "application/x-www-form-urlencoded",
            "username=a&password=b",
            415,
        ),
    ] {
        for path in ["/auth/login", "/users"] {
            cinema.post_as(path, kind, body).await.problem(status);
        }
    }
}

/// MongoDB's operators are text here, or faults, wherever they come from.
#[tokio::test]
async fn operators_in_a_login_are_no_operators() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let stranger = cinema.anonymous();
    for operator in [
        json!({"$gt": ""}),
        json!({"$ne": null}),
        json!({"$regex": ".*"}),
        json!({"$where": "true"}),
        json!({"$in": [ann.username, password()]}),
    ] {
        let both = json!({"username": operator, "password": operator});
        let answer = stranger.post("/auth/login", &both).await;
        assert_eq!(answer.faults(), ["password", "username"], "{both}");
        for (body, fault) in [
            (
                json!({"username": ann.username, "password": operator}),
                "password",
            ),
            (
                json!({"username": operator, "password": password()}),
                "username",
            ),
        ] {
            let answer = stranger.post("/auth/login", &body).await;
            assert_eq!(answer.faults(), [fault], "{body}");
        }
        let body = json!({"refresh_token": operator});
        let answer = stranger.post("/auth/refresh", &body).await;
        assert!(matches!(answer.status, 401 | 422), "{answer:?}");
        answer.problem(answer.status);
        let text = format!("{operator}{}", tag());
        cinema.login(&text, password()).await.problem(401);
        cinema.refresh(&operator.to_string()).await.problem(401);
    }
    // Patterns that find a name are not the name.
    for pattern in [
        format!("{}.*", &ann.username[..ann.username.len() - 1]),
        format!(".*{}", &ann.username[1..]),
        format!("^{}$", ann.username),
    ] {
        cinema.login(&pattern, password()).await.problem(401);
    }
    // A member of the body is no part of a filter.
    let body = json!({"username": ann.username, "password": "not the password", "$where": "true", "$or": [{}]});
    let answer = stranger.post("/auth/login", &body).await;
    assert_eq!(answer.faults(), ["$or", "$where"]);
    cinema.assert_no_trap();
}

#[tokio::test]
async fn operators_in_a_query_are_no_operators() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    for query in [
        "$where=true",
        "username[$gt]=",
        "userid[$ne]=x",
        "filter={}",
        "$or[0][_id][$gt]=",
    ] {
        ann.api
            .get(&format!("/bookings?{query}"))
            .await
            .problem(400);
        ann.api.get(&format!("/users?{query}")).await.problem(403);
        let path = format!("/users/{}/bookings?{query}", ann.id);
        ann.api.get(&path).await.problem(400);
    }
    for value in ["{\"$gt\":\"\"}", "%7B%22$ne%22:null%7D", "$where"] {
        let path = format!("/bookings?userid={value}");
        let answer = ann.api.get(&path).await;
        assert!(matches!(answer.status, 400 | 403), "{answer:?}");
        cinema.get(&path).await.problem(400);
    }
    cinema.assert_no_trap();
}

/// Whatever a stranger says of themselves, they are a customer with an id of the service's making.
#[tokio::test]
async fn a_sign_up_makes_a_customer() {
    let cinema = shared();
    let bob = cinema.customer(&tag()).await;
    for client in [&cinema.anonymous(), &bob.api] {
        let mut body = person(&tag());
        let wanted = json!({"role": "staff", "id": NOBODY, "createdon": "2000-01-01T00:00:00Z"});
        (body.as_object_mut().unwrap()).extend(wanted.as_object().unwrap().clone());
        for other in ["_id", "userid", "$set", "is_staff"] {
            let mut body = body.clone();
            body[other] = json!(bob.id);
            assert_eq!(client.post("/users", &body).await.faults(), [other]);
        }
        client.post("/users", &body).await.problem(403);
        body.as_object_mut().unwrap().remove("role");
        let user = client.post("/users", &body).await.expect(201);
        let id = user.id();
        assert!(id != NOBODY && id != bob.id);
        let user = user.data();
        assert_eq!(user["role"], json!("customer"));
        assert!(!user["createdon"].as_str().unwrap().starts_with("2000"));
        let token = cinema.sign_in(body["username"].as_str().unwrap()).await;
        let claims = part_of(&token.access, 1);
        assert_eq!(
            (&claims["role"], &claims["sub"]),
            (&json!("customer"), &json!(id))
        );
        let (path, client) = (format!("/users/{id}"), cinema.with_token(&token.access));
        client.get("/users").await.problem(403);
        assert_eq!(client.get(&path).await.expect(200).data(), user);
    }
}

#[tokio::test]
async fn staff_sign_up_whom_they_like() {
    let cinema = shared();
    for (role, status) in [("customer", 403), ("staff", 200)] {
        let member = cinema.member(&tag(), role).await;
        let me = member.get("/auth/me").await.expect(200).data();
        assert_eq!(me["role"], json!(role));
        assert_eq!(member.get("/users?limit=1").await.status, status);
        let path = format!("/users/{}", me["id"].as_str().unwrap());
        member.delete(&path).await.expect(204);
    }
}

#[tokio::test]
async fn a_sign_up_with_a_bad_token_is_nobodys() {
    let cinema = shared();
    let body = person(&tag());
    let answer = cinema.with_token("nonsense").post("/users", &body).await;
    answer.problem(401);
    // It has taken nothing.
    cinema.anonymous().post("/users", &body).await.expect(201);
}

#[tokio::test]
async fn the_first_staff_user_is_made_by_name_and_password() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api().anonymous();
    let sign_up = async |username: &str| role_of_new(&cinema, username, password()).await;
    // The password alone makes no staff, and the name is nobody's without it.
    assert_eq!(sign_up("somebody.else").await, "customer");
    let mut other = person(FIRST);
    other["password"] = json!("another tide at dawn");
    cinema.post("/users", &other).await.problem(409);
    cinema.login(FIRST, password()).await.problem(401);
    assert_eq!(sign_up(FIRST).await, "staff");
    let token = cinema.sign_in(FIRST).await.access;
    let first = cinema.with_token(&token);
    first.get("/users").await.expect(200);
    let me = first.get("/auth/me").await.expect(200).data();
    assert_eq!(me["role"], json!("staff"));
    cinema.post("/users", &person(FIRST)).await.problem(409);
}

#[tokio::test]
async fn without_a_first_staff_user_nobody_becomes_one() {
    let none = [("first_staff_username", ""), ("first_staff_password", "")];
    let Some(host) = Host::start(&none) else {
        return;
    };
    let cinema = host.api().anonymous();
    let role = role_of_new(&cinema, FIRST, password()).await;
    assert_eq!(role, "customer");
}

/// Signs somebody up, and gives the role they have got.
async fn role_of_new(cinema: &Api, username: &str, password: &str) -> String {
    let mut body = person(username);
    body["password"] = json!(password);
    let user = cinema.post("/users", &body).await.expect(201).data();
    user["role"].as_str().unwrap().to_owned()
}
