//! Refresh tokens: each is good for one refresh, and a sign-out, a theft or a deletion ends them all.

use cinema_tests::{
    Api, DataApi, Host, NOBODY,
    bson::{DateTime, doc, oid::ObjectId},
    day,
    keys::part_of,
    people::Tokens,
    shared, tag,
};
use futures::future::join_all;
use serde_json::json;

/// Signs somebody up and in.
async fn signed_in(cinema: &Api) -> (String, Tokens) {
    let username = tag();
    cinema.anonymous().user(&username).await;
    let tokens = cinema.sign_in(&username).await;
    (username, tokens)
}

#[tokio::test]
async fn a_refresh_token_gives_a_new_pair_once() {
    let cinema = shared();
    let (_, first) = signed_in(&cinema).await;
    let answer = cinema.refresh(&first.refresh).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let second = Tokens::of(answer);
    assert_ne!(second.refresh, first.refresh);
    let claims = [&first, &second].map(|tokens| part_of(&tokens.access, 1));
    assert_eq!(claims[0]["sub"], claims[1]["sub"]);
    assert_ne!(claims[0]["jti"], claims[1]["jti"]);
    let client = cinema.with_token(&second.access);
    client.get("/auth/me").await.expect(200);
    // The access token may be gone by now.
    let body = json!({"refresh_token": second.refresh});
    let expired = cinema.with_token("expired");
    let third = Tokens::of(expired.post("/auth/refresh", &body).await);
    cinema
        .with_token(&third.access)
        .get("/auth/me")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_refresh_token_used_again_ends_its_family() {
    let cinema = shared();
    let (username, first) = signed_in(&cinema).await;
    let elsewhere = cinema.sign_in(&username).await;
    let second = Tokens::of(cinema.refresh(&first.refresh).await);
    let third = Tokens::of(cinema.refresh(&second.refresh).await);
    // Somebody has a copy. Whoever of the two comes next is out, too.
    cinema.refresh(&first.refresh).await.problem(401);
    for tokens in [&third, &second, &first] {
        cinema.refresh(&tokens.refresh).await.problem(401);
    }
    // Another device's sign-in is another family.
    cinema.refresh(&elsewhere.refresh).await.expect(200);
}

#[tokio::test]
async fn refreshes_at_once_all_get_the_same() {
    let cinema = shared();
    let (_, tokens) = signed_in(&cinema).await;
    let clients: Vec<_> = (0..16).map(|_| cinema.apart()).collect();
    let refreshes = clients.iter().map(|client| client.refresh(&tokens.refresh));
    let answers = join_all(refreshes).await.into_iter();
    let given: Vec<_> = answers.map(|answer| Tokens::of(answer).refresh).collect();
    assert!(given.iter().all(|token| *token == given[0]));
    // As two tabs of a browser do.
    Tokens::of(cinema.refresh(&given[0]).await);
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_sessions_id_alone_ends_nothing() {
    let cinema = shared();
    let (_, tokens) = signed_in(&cinema).await;
    let claims = part_of(&tokens.access, 1);
    for id in ["sid", "jti", "sub"].map(|name| claims[name].as_str().unwrap()) {
        let guess = format!("{id}.guess");
        cinema.refresh(&guess).await.problem(401);
        cinema.logout(&guess).await.expect(204);
    }
    cinema.refresh(&tokens.refresh).await.expect(200);
}

#[tokio::test]
async fn ones_sessions_are_seen_and_ended() {
    let cinema = shared();
    let (username, here) = signed_in(&cinema).await;
    let there = cinema.sign_in(&username).await;
    let client = cinema.with_token(&here.access);
    let listed = client.get("/auth/sessions").await.expect(200).list();
    let other = listed
        .iter()
        .find(|session| session["current"] == json!(false));
    assert_eq!(listed.len(), 2);
    let path = format!("/auth/sessions/{}", other.unwrap()["id"].as_str().unwrap());
    client.delete(&path).await.expect(204);
    cinema.refresh(&there.refresh).await.problem(401);
    client.delete("/auth/sessions").await.expect(204);
    cinema.refresh(&here.refresh).await.problem(401);
}

#[tokio::test]
async fn what_is_no_refresh_token_refreshes_nothing() {
    let cinema = shared();
    let (_, tokens) = signed_in(&cinema).await;
    let (_, other) = signed_in(&cinema).await;
    let (id, secret) = tokens.refresh.split_once('.').unwrap();
    let (other, _) = other.refresh.split_once('.').unwrap();
    for token in [
        "x".to_owned(),
        ".".to_owned(),
        format!("{id}."),
        id.to_owned(),
        format!(".{secret}"),
        format!("{NOBODY}.{secret}"),
        format!("{other}.{secret}"),
        format!("{} .{secret}", &id[1..]),
        format!("{}.{secret}", "é".repeat(12)),
        format!("{}.{}", ObjectId::new(), "A".repeat(43)),
        tokens.access.clone(),
    ] {
        cinema.refresh(&token).await.problem(401);
    }
    for odd in [json!(1), json!([]), json!("x".repeat(100_000))] {
        let body = json!({"refresh_token": odd});
        let answer = cinema.anonymous().post("/auth/refresh", &body).await;
        assert!(matches!(answer.status, 401 | 422), "{answer:?}");
        answer.problem(answer.status);
    }
    // A refresh token opens nothing else.
    let client = cinema.with_token(&tokens.refresh);
    client.get("/auth/me").await.problem(401);
    cinema.assert_no_trap();
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let cinema = shared();
    let (username, tokens) = signed_in(&cinema).await;
    let elsewhere = cinema.sign_in(&username).await;
    cinema.logout(&tokens.refresh).await.expect(204);
    cinema.refresh(&tokens.refresh).await.problem(401);
    // There is nothing to be learnt from it.
    for token in [&tokens.refresh, &tokens.access, "x", "."] {
        cinema.logout(token).await.expect(204);
    }
    cinema.refresh(&elsewhere.refresh).await.expect(200);
}

#[tokio::test]
async fn a_deleted_user_is_signed_out_everywhere() {
    let cinema = shared();
    let film = cinema.film("Left", &tag(), 5.0).await;
    let showtime = cinema.showtime(&day(), &[&film], None).await;
    let ann = cinema.customer(&tag()).await;
    let booking = ann.api.booking(&ann.id, &showtime, &[&film], 1).await;
    let sessions = [
        cinema.sign_in(&ann.username).await,
        cinema.sign_in(&ann.username).await,
    ];
    let unknown = cinema.login(&tag(), "not the password").await.problem(401);

    let path = format!("/users/{}", ann.id);
    ann.api.delete(&path).await.expect(204);
    for tokens in &sessions {
        cinema.refresh(&tokens.refresh).await.problem(401);
        let client = cinema.with_token(&tokens.access);
        client.get("/auth/me").await.problem(401);
    }
    let login = cinema.login(&ann.username, cinema_tests::staff::password());
    assert_eq!(login.await.problem(401), unknown);
    // What was booked to come is cancelled.
    cinema
        .get(&format!("/bookings/{booking}"))
        .await
        .problem(404);
    cinema.get(&path).await.problem(404);
    // Whoever takes the name has nothing of what was before.
    let heir = cinema.customer(&ann.username).await;
    assert_ne!(heir.id, ann.id);
    assert!(
        heir.api
            .get("/bookings")
            .await
            .expect(200)
            .list()
            .is_empty()
    );
    cinema.refresh(&sessions[0].refresh).await.problem(401);
}

#[tokio::test]
async fn a_session_ends_after_its_time() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let (_, tokens) = signed_in(&cinema).await;
    let stored = storage.documents("sessions").await;
    let days = stored[0]
        .get_datetime("expires")
        .unwrap()
        .timestamp_millis();
    let days = (days - DateTime::now().timestamp_millis()) / (24 * 60 * 60 * 1000);
    assert!((29..=30).contains(&days), "{stored:?}");
    // What is to be told apart is told apart by a digest, which lets nobody in.
    let (_, secret) = tokens.refresh.split_once('.').unwrap();
    assert!(!format!("{stored:?}").contains(secret));

    let id = stored[0].get("_id").unwrap();
    let past = DateTime::from_millis(DateTime::now().timestamp_millis() - 1000);
    storage
        .set("sessions", doc! {"_id": id}, doc! {"expires": past})
        .await;
    cinema.refresh(&tokens.refresh).await.problem(401);
}

/// What a user may do is read where they are, and not in an old token.
#[tokio::test]
async fn a_refreshed_token_has_the_role_of_now() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let (username, tokens) = signed_in(&cinema).await;
    let by_name = doc! {"username": &username};
    storage.set("users", by_name, doc! {"role": "staff"}).await;
    let tokens = Tokens::of(cinema.refresh(&tokens.refresh).await);
    let client = cinema.with_token(&tokens.access);
    client.get("/users").await.expect(200);
}
