//! No password, token or key is anywhere but where it belongs: not in an answer, not in a log, not in the store.

use std::fs;

use cinema_tests::{Answer, Host, api::person, cookies, keys, staff, tag};
use serde_json::json;

#[tokio::test]
async fn no_secret_is_told_logged_or_stored() {
    let Some(host) = Host::start(&[]) else { return };
    let (cinema, stranger) = (host.api(), host.api().anonymous());
    let secret = "open-sesame-3f9a-Ωmega";
    let username = tag();
    let mut body = person(&username);
    body["password"] = json!(secret);
    let mut faulty = body.clone();
    faulty["lastname"] = json!(7);
    faulty["role"] = json!(secret);
    let mut short = body.clone();
    short["password"] = json!(["open-sesame-3f9a-Ωmega"]);
    let login = json!({"username": username, "password": secret});
    let cookie_login = json!({"username": username, "password": secret, "cookies": true});

    let added = stranger.post("/users", &body).await.expect(201);
    let path = format!("/users/{}", added.id());
    let signed_in = stranger.post("/auth/login", &login).await.expect(200);
    let given = signed_in.json();
    let access = given["access_token"].as_str().unwrap();
    let refresh = given["refresh_token"].as_str().unwrap();
    let ann = cinema.with_token(access);
    let by_cookies = stranger.post("/auth/login", &cookie_login).await;
    let session = cookies::Session::of(by_cookies);

    let mut answers = vec![
        added,
        signed_in,
        stranger.post("/users", &body).await,
        cinema.post("/users", &faulty).await,
        stranger.post("/users", &short).await,
        cinema.get("/users?limit=100").await,
        cinema.get(&path).await,
        ann.get(&path).await,
        ann.get("/auth/me").await,
        ann.get(&format!("{path}/bookings")).await,
        ann.get(&format!("{path}/suggested")).await,
        // Put where it does not belong.
        stranger.login(&username, &format!("{secret}x")).await,
        stranger
            .post(
                "/auth/login",
                &json!({"username": username, "password": [secret]}),
            )
            .await,
        stranger
            .post(
                "/auth/login",
                &json!({"username": username, "password": secret, "cookies": secret}),
            )
            .await,
        stranger.refresh(secret).await,
        stranger.refresh(&format!("{refresh}{secret}")).await,
        stranger
            .with_token(secret.trim_end_matches("-Ωmega"))
            .get("/auth/me")
            .await,
        ann.post_as("/bookings", "text/plain", secret).await,
    ];
    for cut in [
        format!("{{\"username\": \"{username}\", \"password\": \"{secret}\""),
        format!("{{\"username\": \"{username}\", \"password\": {secret}}}"),
        format!("username={username}&password={secret}"),
    ] {
        for path in ["/auth/login", "/users"] {
            answers.push(
                stranger
                    .post_as(path, "application/json", cut.clone())
                    .await,
            );
        }
    }
    for answer in &answers {
        assert!(answer.status < 500, "{answer:?}");
        holds_none(answer, &["open-sesame", "argon2"]);
    }
    // A token is given to whom it is for, and to nobody after that.
    for answer in answers.iter().skip(2) {
        holds_none(answer, &[access, refresh, &session.refresh, &session.csrf]);
    }

    let (_, own) = refresh.split_once('.').unwrap();
    let key = keys::ours().private();
    let secrets = [
        "open-sesame",
        access,
        own,
        &session.access,
        session.refresh.split_once('.').unwrap().1,
        &session.csrf,
        key["d"].as_str().unwrap(),
        staff::password(),
        &cinema.authorization().await.unwrap(),
    ];
    host.settle();
    let logs = host.logs().since(0).join("\n");
    for secret in secrets {
        assert!(!logs.contains(secret), "{secret} is in the log");
    }
    assert!(!logs.contains("argon2"));
    let mut is_read = false;
    for entry in fs::read_dir(host.state_dir()).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let holds = |text: &str| {
            let mut windows = bytes.windows(text.len());
            windows.any(|window| window == text.as_bytes())
        };
        is_read |= holds(&username);
        for secret in secrets {
            assert!(!holds(secret), "{secret} is in {}", path.display());
        }
    }
    assert!(is_read, "what is no secret is found");
    host.logs().tell_of_no_trap();
}

#[track_caller]
fn holds_none(answer: &Answer, secrets: &[&str]) {
    let headers = format!("{:?}", answer.headers);
    let body = String::from_utf8_lossy(&answer.body);
    for secret in secrets {
        assert!(
            !headers.contains(secret) && !body.contains(secret),
            "{secret}: {answer:?}"
        );
    }
}
