//! Storage that is down, slow, or answers nonsense: 503, never a wrong list and never a bare 500.

use std::time::Duration;

use cinema_tests::{
    Answer, Api, DataApi, Host, NOBODY, Way,
    api::{booking, person},
    day,
};
use serde_json::{Value, json};

#[track_caller]
fn is_down(answer: &Answer) {
    let problem = answer.problem(503);
    assert!(
        problem["detail"].as_str().unwrap().contains("storage"),
        "{problem}"
    );
}

fn film(title: &str) -> Value {
    json!({"title": title, "director": "Faults", "rating": 5})
}

/// Every kind of request, while storage is of no use.
async fn nothing_works(cinema: &Api) {
    for path in [
        "/movies",
        "/showtimes",
        "/bookings",
        "/users",
        "/showtimes/2030-01-01",
        "/movies?title=x",
        "/users/healthy",
        "/auth/healthy",
    ] {
        is_down(&cinema.get(path).await);
    }
    for service in ["movies", "showtimes", "bookings", "users"] {
        is_down(&cinema.get(&format!("/{service}/{NOBODY}")).await);
    }
    for service in ["movies", "showtimes", "bookings"] {
        is_down(&cinema.delete(&format!("/{service}/{NOBODY}")).await);
    }
    is_down(&cinema.post("/movies", &film("Lost")).await);
    is_down(
        &cinema
            .patch(&format!("/movies/{NOBODY}"), &json!({"rating": 1}))
            .await,
    );
    is_down(&cinema.post("/users", &person("lost")).await);
    // Without storage nobody signs in, but who has is still known.
    is_down(&cinema.login("lost", "not the password").await);
    let refresh_token = format!("{NOBODY}.{}", "A".repeat(43));
    is_down(&cinema.refresh(&refresh_token).await);
    is_down(&cinema.get("/auth/me").await);
    is_down(&cinema.get(&format!("/users/{NOBODY}/suggested")).await);
    // Through a sibling, it is the sibling that has no answer.
    cinema
        .post("/showtimes", &json!({"date": day(), "movies": [NOBODY]}))
        .await
        .problem(503);
    cinema
        .post("/bookings", &booking(NOBODY, NOBODY, &[NOBODY], 1))
        .await
        .problem(503);
    cinema
        .delete(&format!("/users/{NOBODY}"))
        .await
        .problem(503);
    // What is wrong with the request itself needs no storage to say.
    cinema.get("/movies/x").await.problem(400);
    let empty = cinema.anonymous().post("/users", &json!({})).await;
    assert_eq!(empty.faults().len(), 4);
    cinema.get("/movies/healthz").await.expect(200);
}

#[tokio::test]
async fn storage_that_nobody_serves() {
    let Some(host) = Host::start(&[("data_api_url", "http://127.0.0.1:1")]) else {
        return;
    };
    nothing_works(&host.api()).await;
    host.logs().tell_of_no_trap();
}

#[tokio::test]
async fn storage_that_answers_wrongly() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let truncated: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"documents\": [{";
    for way in [
        Way::html(),
        Way::json(200, ""),
        Way::json(200, "{\"documents\": [{\"_id\""),
        Way::json(
            200,
            "{\"document\": 5, \"documents\": 5, \"deletedCount\": \"many\", \"matchedCount\": -1}",
        ),
        Way::json(200, "{}"),
        Way::json(200, "[]"),
        Way::json(404, "<html>nobody here</html>"),
        Way::json(302, ""),
        Way::json(
            500,
            "{\"error\": \"out of order\", \"error_code\": \"InternalError\"}",
        ),
        Way::json(502, "<html>Bad Gateway</html>"),
        Way::json(429, "{\"error\": \"too many\"}"),
        Way::Bytes(b"220 mail.example.org ESMTP\r\n"),
        Way::Bytes(truncated),
        Way::Bytes(b""),
    ] {
        eprintln!("{way:?}");
        storage.always(way);
        nothing_works(&cinema).await;
    }
    storage.always(Way::Good);
    assert!(
        cinema.get("/movies").await.expect(200).list().is_empty(),
        "nothing was stored meanwhile"
    );
    host.logs().tell_of_no_trap();
}

#[tokio::test]
async fn storage_that_is_slow() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let it = cinema.film("Slow", "Slow", 5.0).await;
    storage.always(Way::Slow(Duration::from_secs(6)));
    let path = format!("/movies/{it}");
    let (list, one, gone, add) = (
        cinema.get("/movies"),
        cinema.get(&path),
        cinema.delete(&path),
        film("Slow"),
    );
    let (list, one, gone, add) = futures::join!(list, one, gone, cinema.post("/movies", &add));
    for answer in [list, one, gone, add] {
        is_down(&answer);
    }
    storage.always(Way::Slow(Duration::from_secs(1)));
    cinema.get(&path).await.expect(200);
}

#[tokio::test]
async fn storage_that_falters_is_asked_again() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let busy = || Way::json(503, "{\"error\": \"busy\"}");
    let limited = || {
        let headers = vec![("retry-after", "1".to_owned())];
        Way::Answer(429, headers, "{\"error\": \"slow down\"}".to_owned())
    };

    storage.next([busy(), Way::Bytes(b"")]);
    let id = cinema
        .post("/movies", &film("Twice"))
        .await
        .expect(201)
        .id();
    storage.next([limited(), busy()]);
    cinema.get(&format!("/movies/{id}")).await.expect(200);
    storage.next([Way::Bytes(b""), limited()]);
    assert_eq!(cinema.get("/movies").await.expect(200).list().len(), 1);
    // A third failure is one too many.
    storage.next([busy(), busy(), busy()]);
    is_down(&cinema.get("/movies").await);
    assert_eq!(cinema.get("/movies").await.expect(200).list().len(), 1);
}

#[tokio::test]
async fn an_insert_whose_answer_was_lost_makes_no_double() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    storage.next([Way::LostAnswer]);
    let film = cinema.film("Once", "Once", 5.0).await;
    storage.next([Way::LostAnswer, Way::LostAnswer]);
    let other = cinema.film("Once more", "Once", 5.0).await;
    let all = cinema.all("/movies").await;
    assert_eq!(
        cinema_tests::api::ids(&all),
        [film.as_str(), other.as_str()]
    );

    // A username too is taken by the one who asked for it, and not by a ghost.
    for lost in 0..6 {
        let name = format!("once{lost}");
        let mut ways = vec![Way::Good; lost];
        ways.push(Way::LostAnswer);
        storage.next(ways);
        let user = cinema.user(&name).await;
        // What of the script was not needed is not the next request's.
        while !storage.idle() {
            cinema.get("/movies").await;
        }
        assert_eq!(
            cinema
                .get(&format!("/users/{user}"))
                .await
                .expect(200)
                .data()["username"],
            json!(name)
        );
        // Their password is theirs too.
        cinema.sign_in(&name).await;
    }
    // Beside the first of the staff.
    assert_eq!(cinema.all("/users").await.len(), 7);
}

#[tokio::test]
async fn how_long_storage_wants_to_be_left_alone_is_passed_on() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let headers = vec![("retry-after", "77".to_owned())];
    storage.always(Way::Answer(503, headers, String::new()));
    let answer = host.api().get("/movies").await;
    is_down(&answer);
    assert_eq!(answer.header("retry-after"), "77");
}

#[tokio::test]
async fn refused_credentials_are_told_to_the_operator_and_to_nobody_else() {
    let storage = DataApi::start();
    let secret = "s3cr3t-key-of-the-operator";
    let Some(host) = Host::start(&[("data_api_url", &storage.url()), ("data_api_key", secret)])
    else {
        return;
    };
    let cinema = host.api();
    let body =
        format!("{{\"error\": \"invalid key {secret}\", \"error_code\": \"InvalidSession\"}}");
    for status in [401, 403] {
        storage.always(Way::json(status, &body));
        let answer = cinema.get("/movies").await;
        assert!(matches!(answer.status, 500 | 503), "{answer:?}");
        let problem = answer.problem(answer.status).to_string();
        for word in [secret, "credential", "apikey", "401", "403", "data_api"] {
            assert!(!problem.to_lowercase().contains(word), "{problem}");
        }
    }
    host.settle();
    let logs = host.logs().since(0).join("\n");
    assert!(
        logs.contains("data_api_key"),
        "the log says what to look at"
    );
    assert!(!logs.contains(secret), "no secret in the log");
}

#[tokio::test]
async fn settings_that_contradict_one_another_are_told_to_the_operator() {
    let storage = DataApi::start();
    let variables = [
        ("data_api_url", storage.url()),
        ("data_api_key", "k-secret".into()),
        ("data_api_jwt", "j-secret".into()),
    ];
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let Some(host) = Host::start(&variables) else {
        return;
    };
    let answer = host.api().get("/movies").await;
    assert!(matches!(answer.status, 500 | 503), "{answer:?}");
    let problem = answer.problem(answer.status).to_string();
    host.settle();
    let logs = host.logs().since(0).join("\n");
    assert!(
        logs.contains("data_api_jwt") && logs.contains("data_api_key"),
        "{logs}"
    );
    for text in [problem, logs] {
        assert!(!text.contains("k-secret") && !text.contains("j-secret"));
    }
}

#[tokio::test]
async fn settings_that_are_no_such_thing_are_told_to_the_operator() {
    for (name, value) in [
        ("seats_per_customer", "plenty"),
        ("seats_per_customer", "0"),
        ("time_zone", "Atlantis/Poseidonis"),
    ] {
        let Some(host) = Host::start(&[(name, value)]) else {
            return;
        };
        let path = format!("/bookings/availability?showtimeids={NOBODY}");
        host.api().anonymous().get(&path).await.problem(503);
        host.settle();
        let logs = host.logs().since(0).join("\n");
        assert!(logs.contains(name), "{logs}");
    }
}

#[tokio::test]
async fn storage_behind_a_path_is_reached() {
    let storage = DataApi::start();
    let variables = [
        ("data_api_url", storage.url()),
        (
            "data_api_path",
            "/app/cinema-abcde/endpoint/data/v1".to_owned(),
        ),
        ("data_api_source", "Cluster0".to_owned()),
        ("data_api_database", "movies_db".to_owned()),
        ("data_api_username", "ann".to_owned()),
        ("data_api_password", "open sesame".to_owned()),
    ];
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let Some(host) = Host::start(&variables) else {
        return;
    };
    host.api().film("Far", "Far", 5.0).await;
    let seen = storage.seen();
    assert!(!seen.is_empty());
    for seen in seen {
        assert!(
            seen.path
                .starts_with("/app/cinema-abcde/endpoint/data/v1/action/"),
            "{}",
            seen.path
        );
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        assert_eq!(
            (&body["dataSource"], &body["database"]),
            (&json!("Cluster0"), &json!("movies_db"))
        );
        assert_eq!(seen.headers["authorization"], "Basic YW5uOm9wZW4gc2VzYW1l");
    }
}
