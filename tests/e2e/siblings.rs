//! A sibling service that is down, slow, or answers nonsense: 503, and which one it is.

use std::time::Duration;

use cinema_tests::{Answer, Api, Fake, Host, NOBODY, Way, api::booking, day};
use serde_json::json;

/// 503 that names the sibling.
#[track_caller]
fn is_down(answer: &Answer, sibling: &str) {
    let problem = answer.problem(503);
    assert!(
        problem["detail"].as_str().unwrap().contains(sibling),
        "{problem}"
    );
}

/// What is made while all siblings answer, for hosts that start on the same store with one of them elsewhere.
struct Evening {
    film: String,
    showtime: String,
    user: String,
}

async fn evening(cinema: &Api) -> Evening {
    let film = cinema.film("Alone", "Alone", 7.0).await;
    let showtime = cinema.showtime(&day(), &[&film], Some(1000)).await;
    let user = cinema.user("alone").await;
    cinema.booking(&user, &showtime, &[&film], 1).await;
    Evening {
        film,
        showtime,
        user,
    }
}

/// What a sibling that is not there does, and what of the rest still works.
async fn without(cinema: &Api, sibling: &str, it: &Evening) {
    let Evening {
        film,
        showtime,
        user,
    } = it;
    let add = json!({"date": day(), "movies": [film]});
    let book = booking(user, showtime, &[film], 1);
    match sibling {
        "movies" => {
            is_down(&cinema.post("/showtimes", &add).await, "movies");
            cinema.post("/bookings", &book).await.expect(201);
        }
        "showtimes" => {
            is_down(&cinema.post("/bookings", &book).await, "showtimes");
            cinema.post("/showtimes", &add).await.expect(201);
        }
        _ => {
            cinema.post("/bookings", &book).await.expect(201);
        }
    }
    for path in ["bookings", "suggested"] {
        is_down(&cinema.get(&format!("/users/{user}/{path}")).await, sibling);
    }
    // Nothing of this is needed for the rest.
    for path in [
        format!("/movies/{film}"),
        format!("/showtimes/{showtime}"),
        "/bookings".into(),
        format!("/users/{user}"),
    ] {
        cinema.get(&path).await.expect(200);
    }
    // What the request itself has wrong needs no sibling to say.
    cinema
        .get(&format!("/users/{NOBODY}/suggested"))
        .await
        .problem(404);
    let faults = cinema
        .post("/showtimes", &json!({"date": "x"}))
        .await
        .faults();
    assert_eq!(faults, ["date", "movies"]);
}

async fn down(sibling: &str) {
    let setting = format!("{sibling}_url");
    // Storage of its own, which all hosts of this test share.
    let storage = cinema_tests::DataApi::start();
    let url = storage.url();
    let Some(whole) = Host::start(&[("data_api_url", &url)]) else {
        return;
    };
    let it = evening(&whole.api()).await;
    drop(whole);

    // Nobody listens there.
    let host = Host::start(&[("data_api_url", &url), (&setting, "http://127.0.0.1:1")]).unwrap();
    without(&host.api(), sibling, &it).await;
    drop(host);

    // Somebody does, and misbehaves.
    let fake = Fake::answering(200, json!({"data": []}));
    let host = Host::start(&[("data_api_url", &url), (&setting, &fake.url())]).unwrap();
    let cinema = host.api();
    let long: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"data\": [{\"id\"";
    for way in [
        Way::html(),
        Way::json(200, "{\"data\": "),
        Way::json(200, "{}"),
        Way::json(200, "{\"data\": 5}"),
        Way::json(200, "[]"),
        Way::json(500, "{}"),
        Way::json(503, "{}"),
        Way::json(429, "{}"),
        Way::json(302, "{}"),
        Way::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n"),
        Way::Bytes(long),
        Way::Bytes(b""),
        Way::Slow(Duration::from_secs(6)),
    ] {
        eprintln!("{sibling}: {way:?}");
        let slow = matches!(way, Way::Slow(_));
        fake.always(way);
        if slow {
            let path = format!("/users/{}/suggested", it.user);
            is_down(&cinema.get(&path).await, sibling);
        } else {
            without(&cinema, sibling, &it).await;
        }
    }
    host.logs().tell_of_no_trap();
}

#[tokio::test]
async fn without_movies() {
    down("movies").await;
}

#[tokio::test]
async fn without_showtimes() {
    down("showtimes").await;
}

#[tokio::test]
async fn without_bookings() {
    down("bookings").await;
}

#[tokio::test]
async fn siblings_see_the_callers_token_and_storage_does_not() {
    let (sibling, storage) = (
        Fake::answering(200, json!({"data": []})),
        cinema_tests::DataApi::start(),
    );
    let url = sibling.url();
    let Some(host) = Host::start(&[
        ("data_api_url", &storage.url()),
        ("movies_url", &url),
        ("showtimes_url", &url),
        ("bookings_url", &url),
    ]) else {
        return;
    };
    let cinema = host.api();
    let customer = cinema.customer("carried").await;
    storage.seen();
    for client in [&cinema, &customer.api] {
        for path in ["bookings", "suggested"] {
            let path = format!("/users/{}/{path}", customer.id);
            client.get(&path).await.expect(200);
        }
        let token = client.authorization().await.unwrap();
        let seen = sibling.seen();
        assert!(!seen.is_empty());
        for seen in seen {
            assert_eq!(seen.headers["authorization"], token, "{seen:?}");
        }
        for seen in storage.seen() {
            assert!(!seen.headers.contains_key("authorization"), "{seen:?}");
        }
    }
}

#[tokio::test]
async fn a_component_reaches_its_siblings_and_storage_and_nobody_else() {
    let elsewhere = Fake::answering(200, json!({"data": {"id": NOBODY}}));
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    // `host` is what a careless service would build addresses from.
    let address = elsewhere.url().trim_start_matches("http://").to_owned();
    for path in ["/users?limit=1", "/movies", "/movies/healthy"] {
        let request = cinema
            .request("GET", path)
            .header("host", &address)
            .header("x-forwarded-host", &address);
        cinema.send(request).await;
    }
    assert!(elsewhere.seen().is_empty());
}
