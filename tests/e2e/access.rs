//! Who may do what: every route of every service, to everybody who may come along.

use cinema_tests::{Answer, Api, Customer, Host, NOBODY, api::booking, day, shared, staff, tag};
use serde_json::{Value, json};

/// A route, what it answers to a stranger, to the customer it is about, to another customer and to staff, and what they send.
struct Row(&'static str, &'static str, [u16; 4], &'static str);

/// The routes. `$film`, `$showtime`, and `$booking`, which is `$user`'s, are made for each request, as is `$unshown`, a film that is
/// not on the programme; `$new` is a new name.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    //                                        stranger, own, another, staff
    Row("GET",    "/movies",                       [200, 200, 200, 200], ""),
    Row("POST",   "/movies",                       [401, 403, 403, 201], r#"{"title": "A", "director": "B", "rating": 5}"#),
    Row("GET",    "/movies/$film",                 [200, 200, 200, 200], ""),
    Row("PATCH",  "/movies/$film",                 [401, 403, 403, 200], r#"{"rating": 6}"#),
    Row("DELETE", "/movies/$unshown",              [401, 403, 403, 204], ""),
    Row("GET",    "/movies/healthz",               [200, 200, 200, 200], ""),
    Row("GET",    "/movies/healthy",               [200, 200, 200, 200], ""),

    Row("GET",    "/showtimes",                    [200, 200, 200, 200], ""),
    Row("POST",   "/showtimes",                    [401, 403, 403, 201], r#"{"date": "$day", "movies": ["$film"]}"#),
    Row("GET",    "/showtimes/$showtime",          [200, 200, 200, 200], ""),
    Row("GET",    "/showtimes/$day",               [200, 200, 200, 200], ""),
    Row("PATCH",  "/showtimes/$showtime",          [401, 403, 403, 200], r#"{"time": "20:15"}"#),
    Row("DELETE", "/showtimes/$showtime",          [401, 403, 403, 409], ""),
    Row("DELETE", "/showtimes/$showtime?cancel_bookings=true", [401, 403, 403, 204], ""),
    Row("GET",    "/showtimes/healthz",            [200, 200, 200, 200], ""),
    Row("GET",    "/showtimes/healthy",            [200, 200, 200, 200], ""),

    Row("GET",    "/bookings",                     [401, 200, 200, 200], ""),
    Row("GET",    "/bookings?userid=$user",        [401, 200, 403, 200], ""),
    Row("POST",   "/bookings",                     [401, 201, 403, 201], r#"{"userid": "$user", "showtimeid": "$showtime", "movies": ["$film"]}"#),
    Row("POST",   "/bookings",                     [401, 201, 201, 201], r#"{"showtimeid": "$showtime", "movies": ["$film"]}"#),
    Row("GET",    "/bookings/$booking",            [401, 200, 404, 200], ""),
    Row("DELETE", "/bookings/$booking",            [401, 204, 404, 204], ""),
    Row("DELETE", "/bookings?userid=$user",        [401, 204, 403, 204], ""),
    Row("GET",    "/bookings/availability?showtimeids=$showtime", [200, 200, 200, 200], ""),
    Row("POST",   "/bookings/$booking/checkin",    [401, 403, 403, 200], ""),
    Row("DELETE", "/bookings/$booking/checkin",    [401, 403, 403, 200], ""),
    Row("GET",    "/bookings/guests/$showtime",    [401, 403, 403, 200], ""),
    Row("GET",    "/bookings/report?from=2030-01-01&to=2030-01-31", [401, 403, 403, 200], ""),
    Row("PUT",    "/bookings/terms/$showtime",     [401, 403, 403, 204], r#"{"revision": 1, "movies": ["$film"]}"#),
    Row("DELETE", "/bookings/terms/$showtime",     [401, 403, 403, 409], ""),
    Row("GET",    "/bookings/healthz",             [200, 200, 200, 200], ""),
    Row("GET",    "/bookings/healthy",             [200, 200, 200, 200], ""),

    Row("GET",    "/users",                        [401, 403, 403, 200], ""),
    Row("POST",   "/users",                        [201, 201, 201, 201], r#"{"username": "$new", "firstname": "A", "lastname": "B", "password": "$password"}"#),
    Row("GET",    "/users/$user",                  [401, 200, 403, 200], ""),
    Row("GET",    "/users/$user/bookings",         [401, 200, 403, 200], ""),
    Row("GET",    "/users/$user/suggested",        [401, 200, 403, 200], ""),
    Row("PATCH",  "/users/$user",                  [401, 200, 403, 200], r#"{"lastname": "C"}"#),
    Row("PUT",    "/users/$user/password",         [401, 204, 403, 204], r#"{"current": "$password", "password": "$password"}"#),
    Row("POST",   "/users/$user/code",             [401, 403, 403, 200], ""),
    Row("DELETE", "/users/$user",                  [401, 204, 403, 204], ""),
    Row("GET",    "/users/healthz",                [200, 200, 200, 200], ""),
    Row("GET",    "/users/healthy",                [200, 200, 200, 200], ""),

    Row("POST",   "/auth/login",                   [200, 200, 200, 200], r#"{"username": "$name", "password": "$password"}"#),
    Row("POST",   "/auth/refresh",                 [200, 200, 200, 200], r#"{"refresh_token": "$refresh"}"#),
    Row("POST",   "/auth/logout",                  [204, 204, 204, 204], r#"{"refresh_token": "$refresh"}"#),
    Row("POST",   "/auth/reset",                   [401, 401, 401, 401], r#"{"username": "$name", "code": "x", "password": "$password"}"#),
    Row("GET",    "/auth/sessions",                [401, 200, 200, 200], ""),
    Row("DELETE", "/auth/sessions",                [401, 204, 204, 204], ""),
    Row("DELETE", "/auth/sessions/000000000000000000000000", [401, 404, 404, 404], ""),
    Row("GET",    "/auth/me",                      [401, 200, 200, 200], ""),
    Row("GET",    "/auth/.well-known/jwks.json",   [200, 200, 200, 200], ""),
    Row("GET",    "/auth/healthz",                 [200, 200, 200, 200], ""),
    Row("GET",    "/auth/healthy",                 [200, 200, 200, 200], ""),

    Row("GET",    "/openapi.json",                 [200, 200, 200, 200], ""),
    Row("GET",    "/docs",                         [200, 200, 200, 200], ""),
    Row("GET",    "/docs/healthz",                 [200, 200, 200, 200], ""),
    Row("GET",    "/docs/healthy",                 [200, 200, 200, 200], ""),
];

/// The table's methods and paths, as the description of the API writes them.
pub fn routes() -> impl Iterator<Item = (&'static str, String)> {
    let id = |segment: &'static str| match segment.as_bytes().first() {
        Some(b'$' | b'0'..=b'9') => "{id}",
        _ => segment,
    };
    TABLE.iter().map(move |Row(method, path, ..)| {
        let path = path.split('?').next().unwrap_or_default();
        (
            *method,
            path.split('/').map(id).collect::<Vec<_>>().join("/"),
        )
    })
}

/// A row's path and body with what they need, made for the occasion.
async fn fill(staff: &Api, user: &Customer, row: &Row) -> (String, String) {
    let Row(_, path, _, body) = row;
    let needs = |name: &str| path.contains(name) || body.contains(name);
    let mut values = vec![
        ("$user", user.id.clone()),
        ("$name", user.username.clone()),
        ("$new", tag()),
        ("$day", day()),
        ("$password", staff::password().to_owned()),
    ];
    if needs("$film") || needs("$showtime") || needs("$booking") {
        let film = staff.film("Whose", "Access", 5.0).await;
        let showtime = staff.showtime(&day(), &[&film], Some(9)).await;
        let booking = staff.booking(&user.id, &showtime, &[&film], 1).await;
        values.extend([
            ("$film", film),
            ("$showtime", showtime),
            ("$booking", booking),
        ]);
    }
    if needs("$unshown") {
        values.push(("$unshown", staff.film("Whose", "Access", 5.0).await));
    }
    if needs("$refresh") {
        values.push(("$refresh", staff.sign_in(&user.username).await.refresh));
    }
    let fill = |text: &str| {
        let replace = |text: String, (name, value): &(&str, String)| text.replace(name, value);
        values.iter().fold(text.to_owned(), replace)
    };
    (fill(path), fill(body))
}

async fn ask(client: &Api, method: &str, path: &str, body: &str) -> Answer {
    let request = client.request(method, path);
    if body.is_empty() {
        return client.send(request).await;
    }
    let request = request.header("content-type", "application/json");
    client.send(request.body(body.to_owned())).await
}

#[tokio::test]
async fn every_route_is_open_to_whom_it_should_be() {
    let cinema = shared();
    let (ann, bob) = (cinema.customer(&tag()).await, cinema.customer(&tag()).await);
    // One who is in the store, unlike those whose tokens the harness makes.
    let member = cinema.member(&tag(), "staff").await;
    for row in TABLE {
        let Row(method, _, expected, _) = row;
        for (who, expected) in ["stranger", "own", "another", "staff"].iter().zip(expected) {
            let user = match row {
                Row("DELETE", "/users/$user", ..) => cinema.customer(&tag()).await,
                _ => ann.clone(),
            };
            let client = match *who {
                "stranger" => &cinema.anonymous(),
                "own" => &user.api,
                "another" => &bob.api,
                _ => &member,
            };
            let (path, body) = fill(&cinema, &user, row).await;
            let answer = ask(client, method, &path, &body).await;
            assert_eq!(answer.status, *expected, "{who}: {answer:?}");
            if *expected >= 400 {
                answer.problem(*expected);
            }
            if *method == "GET" {
                let head = ask(client, "HEAD", &path, "").await;
                assert_eq!(head.status, *expected, "{who}: {head:?}");
            }
        }
    }
    let me = member.get("/auth/me").await.data();
    let path = format!("/users/{}", me["id"].as_str().unwrap());
    member.delete(&path).await.expect(204);
    cinema.assert_no_trap();
}

/// Two customers, a booking of each, and what they have booked.
async fn two(cinema: &Api) -> ([Customer; 2], [String; 2], String, String) {
    let film = cinema.film("Shared", "Access", 5.0).await;
    let showtime = cinema.showtime(&day(), &[&film], None).await;
    let (ann, bob) = (cinema.customer(&tag()).await, cinema.customer(&tag()).await);
    let bookings = [
        ann.api.booking(&ann.id, &showtime, &[&film], 1).await,
        bob.api.booking(&bob.id, &showtime, &[&film], 1).await,
    ];
    ([ann, bob], bookings, showtime, film)
}

#[tokio::test]
async fn a_customer_sees_their_own_bookings_alone() {
    let cinema = shared();
    let ([ann, bob], [mine, _], showtime, film) = two(&cinema).await;
    for _ in 0..3 {
        bob.api.booking(&bob.id, &showtime, &[&film], 1).await;
    }
    let second = ann.api.booking(&ann.id, &showtime, &[&film], 2).await;
    for path in [
        "/bookings".to_owned(),
        "/bookings?limit=1".to_owned(),
        format!("/bookings?showtimeid={showtime}"),
        format!("/bookings?userid={}", ann.id),
        format!("/bookings?userid={}&userid={}", ann.id, bob.id),
        format!("/bookings?after={NOBODY}&limit=1"),
        format!("/users/{}/bookings?limit=1", ann.id),
    ] {
        let all = ann.api.all(&path).await;
        assert_eq!(cinema_tests::api::ids(&all), [&mine, &second], "{path}");
    }
    let path = format!("/bookings?showtimeid={showtime}");
    assert_eq!(cinema.all(&path).await.len(), 6, "staff see them all");
}

#[tokio::test]
async fn a_booking_is_its_callers() {
    let cinema = shared();
    let ([ann, bob], _, showtime, film) = two(&cinema).await;
    let body = json!({"showtimeid": showtime, "movies": [film], "id": NOBODY});
    let made = ann.api.post("/bookings", &body).await.expect(201);
    assert_ne!(made.id(), NOBODY);
    assert_eq!(made.data()["userid"], json!(ann.id));
    let count = async |user: &Customer| {
        let path = format!("/bookings?userid={}", user.id);
        cinema.all(&path).await.len()
    };
    let before = count(&bob).await;
    let body = booking(&bob.id, &showtime, &[&film], 1);
    ann.api.post("/bookings", &body).await.problem(403);
    let body = booking(NOBODY, &showtime, &[&film], 1);
    ann.api.post("/bookings", &body).await.problem(403);
    assert_eq!(count(&bob).await, before);
    // Staff book for others.
    let body = booking(&bob.id, &showtime, &[&film], 1);
    let made = cinema.post("/bookings", &body).await.expect(201);
    assert_eq!(made.data()["userid"], json!(bob.id));
}

#[tokio::test]
async fn anothers_key_gives_nobody_their_booking() {
    let cinema = shared();
    let ([ann, bob], _, showtime, film) = two(&cinema).await;
    let key = tag();
    let body = json!({"showtimeid": showtime, "movies": [film]});
    let book = async |user: &Customer| {
        let request = user.api.request("POST", "/bookings");
        let request = request.header("idempotency-key", &key).json(&body);
        user.api.send(request).await
    };
    let hers = book(&ann).await.expect(201);
    let his = book(&bob).await;
    match his.status {
        201 => assert_eq!(his.data()["userid"], json!(bob.id)),
        _ => drop(his.problem(422)),
    }
    assert_eq!(book(&ann).await.expect(201).data(), hers.data());
}

/// What another has and what nobody has look alike.
#[tokio::test]
async fn nobody_learns_what_is_there() {
    let cinema = shared();
    let ([ann, bob], [_, his], ..) = two(&cinema).await;
    let told = |problem: Value, id: &str| problem.to_string().replace(id, "…");
    for method in ["GET", "DELETE"] {
        for (list, theirs, status) in [("bookings", &his, 404), ("users", &bob.id, 403)] {
            let ask = async |id: &str| {
                let answer = ask(&ann.api, method, &format!("/{list}/{id}"), "").await;
                told(answer.problem(status), id)
            };
            assert_eq!(ask(theirs).await, ask(NOBODY).await, "{method} {list}");
        }
    }
    bob.api.get(&format!("/bookings/{his}")).await.expect(200);
    // Nor does a stranger, whatever is wrong with the rest of the request.
    let stranger = cinema.anonymous();
    for path in [
        "/bookings/x",
        "/bookings?limit=0",
        "/users/x",
        "/users?limit=0",
    ] {
        stranger.get(path).await.problem(401);
    }
    for path in ["/movies", "/showtimes", "/bookings"] {
        stranger
            .post_as(path, "application/json", "{")
            .await
            .problem(401);
        stranger
            .post_as(path, "text/plain", "{}")
            .await
            .problem(401);
    }
}

#[tokio::test]
async fn without_keys_the_cinema_is_open_to_strangers() {
    let none = [("auth_jwks", ""), ("auth_signing_key", "")];
    let Some(host) = Host::start(&none) else {
        return;
    };
    let (staff, stranger) = (host.api(), host.api().anonymous());
    for service in ["movies", "showtimes", "bookings", "users", "auth"] {
        for kind in ["healthz", "healthy"] {
            stranger
                .get(&format!("/{service}/{kind}"))
                .await
                .expect(200);
        }
    }
    for path in ["/movies", "/showtimes", "/showtimes/2030-01-01"] {
        stranger.get(path).await.expect(200);
        // A token that nobody needs harms nobody.
        staff.get(path).await.expect(200);
    }
    let user = stranger.user("keyless").await;
    let film = json!({"title": "A", "director": "B", "rating": 5});
    for client in [&stranger, &staff] {
        for answer in [
            client.post("/movies", &film).await,
            client.delete(&format!("/showtimes/{NOBODY}")).await,
            client.get("/bookings").await,
            client.get("/users").await,
            client.get(&format!("/users/{user}")).await,
            client.get("/auth/me").await,
            client.get("/auth/.well-known/jwks.json").await,
        ] {
            names(&answer, "auth_jwks");
        }
    }
    // To sign in, a key to sign with is needed too.
    names(&stranger.login("keyless", staff::password()).await, "auth_");
    host.logs().tell_of_no_trap();
}

/// 503 that names the variable at fault.
#[track_caller]
fn names(answer: &Answer, variable: &str) {
    let problem = answer.problem(503);
    assert!(
        problem["detail"].as_str().unwrap().contains(variable),
        "{problem}"
    );
}

#[tokio::test]
async fn keys_that_are_none_are_named_and_not_shown() {
    let secret = "bm90IGEga2V5IGF0IGFsbA";
    let jwks =
        format!(r#"{{"keys": [{{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "{secret}"}}]}}"#);
    let jwk = format!(
        r#"{{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "{secret}", "d": "{secret}"}}"#
    );
    let variables = [("auth_jwks", jwks.as_str()), ("auth_signing_key", &jwk)];
    let Some(host) = Host::start(&variables) else {
        return;
    };
    let cinema = host.api();
    cinema.get("/movies").await.expect(200);
    cinema.anonymous().user("keyless").await;
    let answers = [
        cinema.get("/bookings").await,
        cinema.login("keyless", staff::password()).await,
    ];
    for answer in answers {
        names(&answer, "auth_");
        assert!(!String::from_utf8_lossy(&answer.body).contains(secret));
    }
    host.settle();
    let logs = host.logs().since(0).join("\n");
    assert!(logs.contains("auth_") && !logs.contains(secret), "{logs}");
    host.logs().tell_of_no_trap();
}
