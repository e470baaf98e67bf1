//! Signed in by cookies, as browsers are: they send them whoever caused the request, so what writes has to bring the CSRF token.

use cinema_tests::{
    Answer, Api, Customer, Host, NOBODY,
    api::booking,
    cookies::{Session, login, set_by},
    day,
    keys::part_of,
    shared, staff, tag,
};
use serde_json::{Value, json};

/// A customer with a session by cookies, and a client without a token.
async fn begin(cinema: &Api) -> (Customer, Session, Api) {
    let ann = cinema.customer(&tag()).await;
    let session = Session::begin(cinema, &ann.username).await;
    (ann, session, cinema.anonymous())
}

/// Asserts that these are the cookies of a session, and what a browser is told of each.
#[track_caller]
fn are_set(answer: &Answer, ages: [u32; 3]) {
    let set = set_by(answer);
    assert_eq!(set.len(), 3, "{set:?}");
    for (name, path, age, is_hidden) in [
        ("cinema_access", "/", ages[0], true),
        ("cinema_refresh", "/", ages[1], true),
        ("cinema_csrf", "/", ages[2], false),
    ] {
        let cookie = set.iter().find(|cookie| cookie.name == name);
        let attributes = &cookie.unwrap_or_else(|| panic!("no {name}")).attributes;
        // Over plain HTTP a cookie that is Secure would not come back.
        let mut expected = vec![
            format!("max-age={age}"),
            format!("path={path}"),
            "samesite=lax".to_owned(),
        ];
        if is_hidden {
            expected.insert(0, "httponly".to_owned());
        }
        assert_eq!(*attributes, expected, "{name}");
    }
}

const LASTING: [u32; 3] = [900, 2_592_000, 2_592_000];

#[tokio::test]
async fn cookies_are_set_as_they_should_be() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let answer = login(&cinema, &ann.username).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    are_set(&answer, LASTING);
    let body = answer.json();
    let session = Session::of(answer);
    let expected = json!({"token_type": "Bearer", "expires_in": 900, "csrf_token": session.csrf});
    assert_eq!(body, expected, "scripts get no other token");
    assert!(session.csrf.len() >= 32);
    assert_ne!(
        Session::begin(&cinema, &ann.username).await.csrf,
        session.csrf
    );
    let claims = part_of(&session.access, 1);
    assert_eq!(claims["sub"], json!(ann.id));
    assert!(claims["csrf"].is_string());
    assert!(!claims.to_string().contains(&session.csrf));
    // Who does not ask for cookies gets none.
    for cookies in [json!(false), Value::Null] {
        let mut body = json!({"username": ann.username, "password": staff::password()});
        if !cookies.is_null() {
            body["cookies"] = cookies;
        }
        let answer = cinema.post("/auth/login", &body).await.expect(200);
        assert!(set_by(&answer).is_empty());
    }
}

#[tokio::test]
async fn who_has_cookies_is_signed_in() {
    let cinema = shared();
    let (ann, session, browser) = begin(&cinema).await;
    for (path, status) in [
        ("/auth/me".to_owned(), 200),
        ("/bookings".to_owned(), 200),
        (format!("/users/{}", ann.id), 200),
        // Siblings are told, too.
        (format!("/users/{}/bookings", ann.id), 200),
        (format!("/users/{}/suggested", ann.id), 200),
        ("/users".to_owned(), 403),
    ] {
        let answer = browser.send(session.request(&browser, "GET", &path)).await;
        assert_eq!(answer.status, status, "{answer:?}");
        let answer = browser.send(session.request(&browser, "HEAD", &path)).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    // Of cookies that are none, nobody is.
    for cookies in [
        "cinema_access=".to_owned(),
        "cinema_access=x".to_owned(),
        "cinema_access={\"$gt\": \"\"}".to_owned(),
        format!("cinema_access={}", session.refresh),
        format!("cinema_refresh={}", session.refresh),
        format!("Cinema_Access={}", session.access),
        format!("xcinema_access={}", session.access),
        format!("cinema_access={}x", session.access),
        format!("cinema_access={}", "x".repeat(10_000)),
        ";;;=;".to_owned(),
    ] {
        let request = browser.request("GET", "/auth/me");
        let answer = browser.send(request.header("cookie", &cookies)).await;
        answer.problem(401);
    }
    cinema.assert_no_trap();
}

/// All ways to send a request that the cinema's own pages did not send.
async fn forged(
    cinema: &Api,
    session: &Session,
    browser: &Api,
    method: &str,
    path: &str,
    body: &Value,
) {
    let request = || session.request(browser, method, path).json(body);
    let other = cinema.customer(&tag()).await;
    let other = Session::begin(cinema, &other.username).await;
    for token in [
        "",
        "x",
        "null",
        &session.csrf[1..],
        &format!("{}x", session.csrf),
        &other.csrf,
        &part_of(&session.access, 1)["csrf"]
            .to_string()
            .replace('"', ""),
        "{\"$gt\": \"\"}",
    ] {
        let answer = browser.send(request().header("x-csrf-token", token)).await;
        answer.problem(403);
    }
    browser.send(request()).await.problem(403);
    // A cookie that another site has planted is no proof.
    let planted = Session {
        csrf: "planted".to_owned(),
        ..session.clone()
    };
    for planted in [
        planted,
        Session {
            csrf: other.csrf.clone(),
            ..session.clone()
        },
    ] {
        let request = planted.own_request(browser, method, path).json(body);
        browser.send(request).await.problem(403);
    }
}

#[tokio::test]
async fn what_writes_brings_the_csrf_token() {
    let cinema = shared();
    let (ann, session, browser) = begin(&cinema).await;
    let film = cinema.film("Cookies", &tag(), 5.0).await;
    let showtime = cinema.showtime(&day(), &[&film], None).await;
    let body = booking(&ann.id, &showtime, &[&film], 1);
    forged(&cinema, &session, &browser, "POST", "/bookings", &body).await;
    assert!(ann.api.get("/bookings").await.list().is_empty());
    let request = session.own_request(&browser, "POST", "/bookings");
    let made = browser.send(request.json(&body)).await.expect(201).id();

    let path = format!("/bookings/{made}");
    forged(&cinema, &session, &browser, "DELETE", &path, &json!({})).await;
    ann.api.get(&path).await.expect(200);
    let request = session.own_request(&browser, "DELETE", &path);
    browser.send(request).await.expect(204);

    // A right token makes nobody more than they are.
    let request = session.own_request(&browser, "DELETE", &format!("/movies/{NOBODY}"));
    browser.send(request).await.problem(403);
    // By Authorization there is nothing to forge.
    ann.api.post("/bookings", &body).await.expect(201);
    let path = format!("/users/{}", ann.id);
    let request = session.own_request(&browser, "DELETE", &path);
    browser.send(request).await.expect(204);
}

/// `POST` without a body to a route of auth.
async fn post(session: &Session, browser: &Api, path: &str) -> Answer {
    browser
        .send(session.own_request(browser, "POST", path))
        .await
}

#[tokio::test]
async fn cookies_are_refreshed() {
    let cinema = shared();
    let (ann, first, browser) = begin(&cinema).await;
    let unproven = browser.send(first.request(&browser, "POST", "/auth/refresh"));
    unproven.await.problem(403);
    let wrong = Session {
        csrf: "wrong".to_owned(),
        ..first.clone()
    };
    post(&wrong, &browser, "/auth/refresh").await.problem(403);

    // The token was not used up by that, and works although the access token is gone by now.
    let csrf = format!(
        "cinema_refresh={}; cinema_csrf={}",
        first.refresh, first.csrf
    );
    let request = browser.request("POST", "/auth/refresh");
    let request = request
        .header("cookie", csrf)
        .header("x-csrf-token", &first.csrf);
    let answer = browser.send(request).await.expect(200);
    are_set(&answer, LASTING);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    let second = Session::of(answer);
    assert_eq!(body["csrf_token"], json!(second.csrf));
    assert!(body.get("access_token").is_none() && body.get("refresh_token").is_none());
    assert_ne!(second.refresh, first.refresh);
    let me = browser.send(second.request(&browser, "GET", "/auth/me"));
    assert_eq!(me.await.expect(200).data()["id"], json!(ann.id));
    let path = format!("/bookings/{NOBODY}");
    let request = second.own_request(&browser, "DELETE", &path);
    browser.send(request).await.problem(404);

    let third = Session::of(post(&second, &browser, "/auth/refresh").await);
    // Two tabs may send the same one at once, for a moment.
    let tab = Session::of(post(&second, &browser, "/auth/refresh").await.expect(200));
    assert_eq!(tab.refresh, third.refresh);
    let fourth = Session::of(post(&third, &browser, "/auth/refresh").await);
    // A copy of one used before that ends it all, as without cookies.
    post(&second, &browser, "/auth/refresh").await.problem(401);
    post(&fourth, &browser, "/auth/refresh").await.problem(401);
}

#[tokio::test]
async fn who_signs_out_has_no_cookies_any_more() {
    let cinema = shared();
    let (_, session, browser) = begin(&cinema).await;
    // No other site signs anybody out.
    let unproven = browser.send(session.request(&browser, "POST", "/auth/logout"));
    unproven.await.problem(403);
    let session = Session::of(post(&session, &browser, "/auth/refresh").await);

    let answer = post(&session, &browser, "/auth/logout").await.expect(204);
    are_set(&answer, [0, 0, 0]);
    assert!(set_by(&answer).iter().all(|cookie| cookie.value.is_empty()));
    post(&session, &browser, "/auth/refresh").await.problem(401);
    // Nobody who is signed out already is told off for it.
    let answer = browser.send(browser.request("POST", "/auth/logout")).await;
    answer.expect(204);
}

/// A program's session has no CSRF token, so nothing that a browser sends writes with it.
#[tokio::test]
async fn a_programs_tokens_are_no_cookies() {
    let cinema = shared();
    let (ann, session, browser) = begin(&cinema).await;
    let tokens = cinema.sign_in(&ann.username).await;
    let borrowed = Session {
        access: tokens.access,
        refresh: tokens.refresh,
        csrf: session.csrf,
    };
    let request = borrowed.own_request(&browser, "DELETE", &format!("/bookings/{NOBODY}"));
    browser.send(request).await.problem(403);
    let answer = post(&borrowed, &browser, "/auth/refresh").await;
    assert!(matches!(answer.status, 401 | 403), "{answer:?}");
}

/// A proxy that ends TLS says whom it asks for, and by what; the host's address of the peer stays the proxy's.
#[tokio::test]
async fn behind_a_proxy_that_is_trusted_cookies_are_those_of_https() {
    for (trusted, is_secure) in [("127.0.0.0/8", true), ("192.0.2.0/24", false)] {
        let Some(host) = Host::start(&[("trusted_proxies", trusted)]) else {
            return;
        };
        let cinema = host.api();
        cinema.user("ann").await;
        let body = json!({"username": "ann", "password": staff::password(), "cookies": true});
        let login = cinema.anonymous().request("POST", "/auth/login");
        let login = login
            .header("x-forwarded-for", "198.51.100.7")
            .header("x-forwarded-proto", "https");
        let answer = cinema.send(login.json(&body)).await.expect(200);
        let cookies = answer.headers.get_all("set-cookie").iter();
        let cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
        assert_eq!(cookies.len(), 3);
        for cookie in cookies {
            assert_eq!(cookie.starts_with("__Host-"), is_secure, "{cookie}");
            assert_eq!(cookie.ends_with("; Secure"), is_secure, "{cookie}");
        }
    }
}
