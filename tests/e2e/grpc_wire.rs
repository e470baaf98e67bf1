//! gRPC by hand: what no well-behaved client sends, and what both doors say to it.

use base64::{Engine, engine::general_purpose::STANDARD};
use cinema_tests::grpc::v1::{GetMovieRequest, GetMovieResponse};
use cinema_tests::grpc::{Code, violations};
use cinema_tests::wire::{Wire, framed};
use cinema_tests::{NOBODY, day, shared, tag};
use futures::future::{FutureExt, join_all};
use hyper::Method;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};

fn film(id: &str) -> Vec<u8> {
    GetMovieRequest { id: id.to_owned() }.encode_to_vec()
}

#[tokio::test]
async fn bodies_that_are_no_message() {
    let cinema = shared();
    let wire = Wire::to(cinema.address()).await;
    let known = film(&cinema.film("Here", "Here", 5.0).await);
    let good = framed(&known);
    let more = framed(&[&known[..], &[0x98, 6, 1]].concat());
    for (what, body, code) in [
        ("no message", vec![], Code::Internal),
        ("half a prefix", vec![0, 0, 0], Code::Internal),
        ("less than its length", good[..20].to_vec(), Code::Internal),
        (
            "4 GiB by its length",
            vec![0, 255, 255, 255, 255, 0],
            Code::ResourceExhausted,
        ),
        (
            "1 MiB and a byte by its length",
            vec![0, 0, 16, 0, 1, 0],
            Code::ResourceExhausted,
        ),
        (
            "compressed, and by nothing",
            [&[1], &good[1..]].concat(),
            Code::Internal,
        ),
        (
            "a flag that there is not",
            [&[7], &good[1..]].concat(),
            Code::Internal,
        ),
        ("no protobuf", framed(&[255, 255]), Code::Internal),
        (
            "a text that is none",
            framed(&[10, 2, 0xC3, 0x28]),
            Code::Internal,
        ),
        ("a length past the end", framed(&[10, 200]), Code::Internal),
        ("a field that nobody knows", more, Code::Ok),
    ] {
        let told = wire.call("Movies/GetMovie", &[], &body).await;
        assert_eq!(told.code(), code, "{what}: {told:?}");
        assert_eq!(told.http, 200, "{what}");
        assert_eq!(told.headers["content-type"], "application/grpc");
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn requests_that_are_no_call() {
    let cinema = shared();
    let wire = Wire::to(cinema.address()).await;
    let good = framed(&film(&cinema.film("Here", "Here", 5.0).await));
    for (path, headers, code) in [
        (
            "Movies/GetMovie",
            ("content-type", "application/grpc+proto"),
            Code::Ok,
        ),
        ("Movies/GetMovie", ("grpc-timeout", "1H"), Code::Ok),
        (
            "Movies/GetMovie",
            ("grpc-timeout", "1n"),
            Code::DeadlineExceeded,
        ),
        (
            "Movies/StreamMovies",
            ("grpc-timeout", "1n"),
            Code::DeadlineExceeded,
        ),
        (
            "Movies/GetMovie",
            ("grpc-timeout", "1 second"),
            Code::InvalidArgument,
        ),
        (
            "Movies/GetMovie",
            ("grpc-encoding", "gzip"),
            Code::Unimplemented,
        ),
        ("Movies/getMovie", ("x", ""), Code::Unimplemented),
        ("Movies/Get/GetMovie", ("x", ""), Code::Unimplemented),
        ("Movies/", ("x", ""), Code::Unimplemented),
    ] {
        let told = wire.call(path, &[headers], &good).await;
        assert_eq!(told.code(), code, "{path} {headers:?}: {told:?}");
        if headers.0 == "grpc-encoding" {
            assert_eq!(told.headers["grpc-accept-encoding"], "identity");
        }
    }
    for kind in ["application/grpc+json", "application/grpc-other"] {
        let headers = [("content-type", kind)];
        let told = wire.call("Movies/GetMovie", &headers, &good).await;
        assert_eq!(told.http, 415, "{kind}: {told:?}");
    }
    let json = ("content-type", "application/json");
    for (method, header, http) in [
        (Method::GET, ("x", ""), 405),
        (Method::PUT, ("x", ""), 405),
        (Method::POST, json, 404),
    ] {
        let headers = [header];
        let asked = wire.request(method, "Movies/GetMovie", &headers, &good);
        let told = asked.await.unwrap();
        assert_eq!(told.http, http, "{header:?}: {told:?}");
    }
    cinema.assert_no_trap();
}

/// The messages of gRPC-Web, and what is at their end.
fn web(mut body: &[u8]) -> (Vec<Vec<u8>>, String) {
    let (mut messages, mut end) = (Vec::new(), String::new());
    while let Some((&[flag, a, b, c, d], rest)) = body.split_first_chunk() {
        let (frame, rest) = rest.split_at(u32::from_be_bytes([a, b, c, d]) as usize);
        match flag {
            0 => messages.push(frame.to_vec()),
            _ => end += std::str::from_utf8(frame).unwrap(),
        }
        body = rest;
    }
    (messages, end)
}

#[tokio::test]
async fn grpc_web_by_http_1() {
    let cinema = shared();
    let director = tag();
    let id = cinema.film("Web", &director, 5.0).await;
    for (kind, is_text) in [
        ("application/grpc-web", false),
        ("application/grpc-web+proto", false),
        ("application/grpc-web-text", true),
        ("application/grpc-web-text+proto", true),
    ] {
        let call = async |id: &str| {
            let mut body = framed(&film(id));
            if is_text {
                body = STANDARD.encode(body).into_bytes();
            }
            let request = cinema
                .request("POST", "/cinema.v1.Movies/GetMovie")
                .header("content-type", kind)
                .header("accept", kind)
                .body(body);
            let answer = cinema.send(request).await.expect(200);
            let told = answer.header("content-type");
            assert!(told.starts_with("application/grpc-web"), "{told}");
            assert_eq!(told.contains("-text"), is_text, "{told}");
            let body = match is_text {
                // Each part may have an end of its own.
                true => answer
                    .body
                    .chunks(4)
                    .flat_map(|part| STANDARD.decode(part).unwrap())
                    .collect(),
                false => answer.body.clone(),
            };
            (answer, web(&body))
        };
        let (_, (messages, end)) = call(&id).await;
        let [message] = &messages[..] else {
            panic!("{messages:?}")
        };
        let movie = GetMovieResponse::decode(&message[..])
            .unwrap()
            .movie
            .unwrap();
        assert_eq!((movie.id, movie.director), (id.clone(), director.clone()));
        assert!(end.contains("grpc-status:0"), "{end}");
        let (answer, (messages, end)) = call(NOBODY).await;
        let has = end.contains("grpc-status:5") || answer.header("grpc-status") == "5";
        assert!(has && messages.is_empty(), "{answer:?} {end}");
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn many_calls_on_one_connection() {
    let cinema = shared();
    let id = cinema.film("Many", "Many", 5.0).await;
    let (wire, body) = (Wire::to(cinema.address()).await, framed(&film(&id)));
    for _ in 0..4 {
        let calls = (0..64).map(|_| wire.call("Movies/GetMovie", &[], &body));
        for told in join_all(calls).await {
            assert!(
                matches!(told.code(), Code::Ok | Code::Unavailable),
                "{told:?}"
            );
        }
    }
    // Whoever leaves half-way does not take the others along.
    let all = framed(&[]);
    let left = wire.call("Movies/StreamMovies", &[], &all);
    assert!(left.now_or_never().is_none());
    assert_eq!(
        wire.call("Movies/GetMovie", &[], &body).await.code(),
        Code::Ok
    );
    cinema.assert_no_trap();
}

/// The message that asks a method for what a body asks an operation for: both have one name for a field.
fn message(method: &str, path: &str, body: &Value) -> Vec<u8> {
    let mut fields = body.as_object().unwrap().clone();
    if method.contains("/Update") {
        let paths: Vec<_> = fields.keys().map(String::as_str).collect();
        let mask = paths.join(",");
        fields.retain(|_, value| !value.is_null());
        fields.insert("update_mask".into(), mask.into());
    }
    let id = path.split('/').find(|part| part.len() == NOBODY.len());
    fields.extend(id.map(|id| ("id".to_owned(), id.into())));
    let name = format!("cinema.v1.{}Request", method.split('/').nth(1).unwrap());
    let contract = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let descriptor = contract.get_message_by_name(&name).unwrap();
    let message = DynamicMessage::deserialize(descriptor, Value::Object(fields));
    message.unwrap().encode_to_vec()
}

#[tokio::test]
async fn the_same_faults_at_both_doors() {
    let cinema = shared();
    let wire = Wire::to(cinema.address()).await;
    let authorization = cinema.authorization().await.unwrap();
    let film = format!("/movies/{}", cinema.film("Fine", "Fine", 5.0).await);
    let user = cinema.user(&tag()).await;
    let password = format!("/users/{user}/password");
    let (long, date) = ("x".repeat(201), day());
    for (method, operation, path, body) in [
        (
            "Movies/CreateMovie",
            "POST",
            "/movies",
            json!({"title": "", "director": long, "minutes": 0, "poster": "http://x"}),
        ),
        (
            "Movies/UpdateMovie",
            "PATCH",
            &film,
            json!({"title": null, "rating": 10.5, "minutes": -1, "nothing": null}),
        ),
        (
            "Showtimes/CreateShowtime",
            "POST",
            "/showtimes",
            json!({"date": "2030-02-30", "time": "25:00", "capacity": 0, "movies": []}),
        ),
        (
            "Showtimes/CreateShowtime",
            "POST",
            "/showtimes",
            json!({"date": date, "movies": [NOBODY]}),
        ),
        (
            "Bookings/CreateBooking",
            "POST",
            "/bookings",
            json!({"userid": "x", "showtimeid": "x", "movies": ["x"], "seats": 21}),
        ),
        (
            "Bookings/CreateBooking",
            "POST",
            "/bookings",
            json!({"userid": user, "showtimeid": NOBODY, "movies": [NOBODY]}),
        ),
        (
            "Users/CreateUser",
            "POST",
            "/users",
            json!({"username": "a b", "password": "short", "firstname": "", "lastname": long}),
        ),
        (
            "Users/ChangePassword",
            "PUT",
            &password,
            json!({"password": "short"}),
        ),
        (
            "Auth/Login",
            "POST",
            "/auth/login",
            json!({"username": "", "password": ""}),
        ),
        (
            "Auth/Reset",
            "POST",
            "/auth/reset",
            json!({"username": "x", "code": "", "password": ""}),
        ),
    ] {
        let headers = [("authorization", &authorization[..])];
        let message = framed(&message(method, path, &body));
        let told = wire.call(method, &headers, &message).await;
        assert_eq!(told.code(), Code::InvalidArgument, "{method}: {told:?}");
        let answer = cinema
            .send(cinema.request(operation, path).json(&body))
            .await;
        let errors: Vec<_> = (answer.problem(422)["errors"].as_array().unwrap().iter())
            .map(|told| ["field", "message"].map(|part| told[part].as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(violations(&told.told()), errors, "{method}");
    }
}
