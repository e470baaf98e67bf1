//! What belongs to the caller's trace is carried on: `traceparent` and `x-request-id`.

use cinema_tests::{DataApi, Host, Way, day, shared};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn a_request_id_is_given_back_and_made_when_there_is_none() {
    let cinema = shared();
    for (path, status) in [
        ("/movies?limit=1", 200),
        ("/users/x", 400),
        ("/bookings/healthz", 200),
        ("/showtimes/a/b", 404),
    ] {
        let request = cinema
            .request("GET", path)
            .header("x-request-id", "my-id_1.2:3");
        let answer = cinema.send(request).await.expect(status);
        assert_eq!(answer.header("x-request-id"), "my-id_1.2:3", "{path}");

        let (one, other) = (cinema.get(path).await, cinema.get(path).await);
        assert!(one.header("x-request-id").len() >= 8, "{path}: {one:?}");
        assert_ne!(
            one.header("x-request-id"),
            other.header("x-request-id"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_request_id_that_is_none_does_no_harm() {
    let cinema = shared();
    for odd in ["", "x".repeat(10_000).as_str(), "a b", "\"}{\"", "ü"] {
        let request = cinema
            .request("GET", "/movies/healthz")
            .header("x-request-id", odd.as_bytes());
        let answer = cinema.send(request).await;
        assert!(matches!(answer.status, 200 | 400 | 431), "{answer:?}");
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn siblings_and_storage_see_the_callers_trace() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let film = cinema.film("Traced", "Traced", 7.0).await;
    let showtime = cinema.showtime(&day(), &[&film], Some(5)).await;
    let user = cinema.user("traced").await;
    cinema.booking(&user, &showtime, &[&film], 1).await;
    storage.seen();

    for path in [
        format!("/users/{user}/bookings"),
        format!("/users/{user}/suggested"),
        format!("/movies/{film}"),
    ] {
        let request = cinema
            .request("GET", &path)
            .header("x-request-id", "trace-me")
            .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))
            .header("tracestate", "vendor=value");
        cinema.send(request).await.expect(200);
        let seen = storage.seen();
        assert!(!seen.is_empty());
        for seen in seen {
            assert_eq!(seen.headers["x-request-id"], "trace-me", "{path}: {seen:?}");
            let parent = seen.headers["traceparent"].to_str().unwrap();
            assert!(
                parent.starts_with(&format!("00-{TRACE}-")),
                "{path}: {parent}"
            );
        }
    }

    // One id is made for the whole of a request that has none.
    let answer = cinema
        .get(&format!("/users/{user}/bookings"))
        .await
        .expect(200);
    let made = answer.header("x-request-id");
    for seen in storage.seen() {
        assert_eq!(seen.headers["x-request-id"], made);
    }
}

#[tokio::test]
async fn nothing_else_of_the_caller_reaches_storage() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[
        ("data_api_url", &storage.url()),
        ("data_api_key", "the-key"),
    ]) else {
        return;
    };
    let cinema = host.api();
    let request = cinema
        .request("GET", "/movies")
        .header("authorization", "Bearer callers-own")
        .header("apikey", "callers-own")
        .header("cookie", "session=callers-own");
    cinema.send(request).await.expect(200);
    for seen in storage.seen() {
        assert_eq!(seen.headers["apikey"], "the-key");
        assert!(
            !format!("{:?}", seen.headers).contains("callers-own"),
            "{:?}",
            seen.headers
        );
        assert_eq!(seen.headers["content-type"], "application/json");
    }
}

/// An instance serves one request after another, and says of each what it has to say.
#[tokio::test]
async fn what_is_logged_stands_under_the_request_it_is_about() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    storage.always(Way::json(500, r#"{"error": "out of order"}"#));
    let ids: Vec<String> = (0..8).map(|n| format!("request-{n}")).collect();
    for id in &ids {
        let request = cinema.request("GET", "/movies").header("x-request-id", id);
        cinema.send(request).await.problem(503);
    }
    host.settle();
    for id in &ids {
        let lines = host.logs().json_since(0).into_iter();
        let lines: Vec<_> = lines
            .filter(|line| line["kind"] == "output" && line["request_id"] == id.as_str())
            .collect();
        assert!(!lines.is_empty(), "{id}");
        for line in lines {
            let said = line["message"].as_str().unwrap();
            assert!(said.contains(&format!("\"request_id\":\"{id}\"")), "{said}");
        }
    }
}
