//! Requests that no well-behaved client sends. None may trap a component, and after each the cinema still serves.

use cinema_tests::{Cinema, NOBODY, raw, shared, tag};
use raw::{RawAnswer, exchange, request, signed_in};
use serde_json::json;

/// Sends it as staff, so that it gets further than to a 401, and looks whether all is well after it.
async fn survives(cinema: &Cinema, bytes: Vec<u8>) -> RawAnswer {
    let bytes = signed_in(&bytes, &cinema.authorization().await.unwrap());
    let address = cinema.address().to_owned();
    let shown: String = String::from_utf8_lossy(&bytes).chars().take(120).collect();
    let answer = tokio::task::spawn_blocking(move || exchange(&address, &bytes))
        .await
        .unwrap();
    cinema.get("/movies/healthz").await.expect(200);
    if let Some(status) = answer.status {
        // 501 is for methods that HTTP itself does not know; 500 is for nobody.
        assert!(
            status != 500 && status < 600,
            "{shown:?}: {status}\n{}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    cinema.assert_no_trap();
    answer
}

#[tokio::test]
async fn unusual_methods() {
    let cinema = shared();
    for method in [
        "TRACE",
        "OPTIONS",
        "PROPFIND",
        "QUERY",
        "get",
        "BREW",
        "M-SEARCH",
        "_",
        &"X".repeat(300),
    ] {
        for path in [
            "/movies",
            &format!("/movies/{NOBODY}"),
            "/users/x/suggested",
        ] {
            let answer = survives(
                &cinema,
                request(&format!("{method} {path}"), &[b"content-length: 0"], b""),
            )
            .await;
            let status = answer.status.unwrap_or(400);
            assert!(
                matches!(status, 400 | 405 | 501),
                "{method} {path}: {status}"
            );
        }
    }
    survives(&cinema, request("CONNECT movies:80", &[], b"")).await;
    let answer = survives(&cinema, request("OPTIONS *", &[], b"")).await;
    assert!(
        answer
            .status
            .is_some_and(|status| status != 200 || answer.body.is_empty())
    );
}

#[tokio::test]
async fn unusual_paths() {
    let cinema = shared();
    for path in [
        "/movies/%00",
        "/movies/%2F",
        "/movies/%2e%2e/users",
        "/movies/../users",
        "/movies/./",
        "/movies//",
        "//movies",
        "/movies/%",
        "/movies/%zz",
        "/movies/%ff%fe",
        "/movies/%C0%AF",
        "/movies/;x=1",
        "/movies/a\\b",
        "/movies/{id}",
        "/movies/:id",
        "/movies/*",
        "/movies/<script>",
        "/movies?",
        "/movies??",
        "/movies?%",
        "/movies?title=%",
        "/movies?title=%ff",
        "/movies?title=%00",
        "/movies?title=\"|^`",
        "/movies?limit=1&limit=x",
        "/movies?limit=x&limit=1",
        "/movies?&&&===",
        "/movies?ids=,,,",
        "/movies?title[]=a&title[$gt]=b",
        "/movies?after=%00",
        "/showtimes/0000-00-00",
        "/showtimes/9999-99-99",
        "/showtimes/-001-01-01",
        "/showtimes/2030-01-01%00",
        "/showtimes?from=0000-01-01&to=9999-12-31",
        "/users/%2e/bookings",
        "/users//suggested",
        "/bookings/%E2%80%AE",
        "http://data-api.spin.internal/action/find",
        "http://movies.spin.internal/movies",
        "/movies#fragment",
    ] {
        let answer = survives(&cinema, request(&format!("GET {path}"), &[], b"")).await;
        let status = answer.status.unwrap_or(400);
        assert!(matches!(status, 200 | 400 | 404), "{path}: {status}");
    }
    for length in [1_000, 8_000, 70_000] {
        for path in [
            format!("/movies/{}", "a".repeat(length)),
            format!("/movies?title={}", "%41".repeat(length / 3)),
        ] {
            let answer = survives(&cinema, request(&format!("GET {path}"), &[], b"")).await;
            let status = answer.status.unwrap_or(414);
            assert!(
                matches!(status, 200 | 400 | 404 | 414 | 431),
                "{length}: {status}"
            );
        }
    }
    let segments = "/a".repeat(3_000);
    survives(
        &cinema,
        request(&format!("GET /movies{segments}"), &[], b""),
    )
    .await;
    let parameters = "&a=b".repeat(3_000);
    survives(
        &cinema,
        request(&format!("GET /movies?limit=1{parameters}"), &[], b""),
    )
    .await;
}

#[tokio::test]
async fn the_first_of_two_equal_parameters_counts() {
    let cinema = shared();
    let director = tag();
    cinema.film("One", &director, 5.0).await;
    let found = cinema
        .get(&format!(
            "/movies?director={director}&director=nobody&limit=1&limit=x"
        ))
        .await;
    assert_eq!(found.expect(200).list().len(), 1);
}

#[tokio::test]
async fn unusual_header_values() {
    let cinema = shared();
    let huge = [b"x-big: ".as_slice(), &vec![b'a'; 64 * 1024]].concat();
    let many: Vec<Vec<u8>> = (0..200)
        .map(|n| format!("x-h{n}: {n}").into_bytes())
        .collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let cases: Vec<Vec<&[u8]>> = vec![
        vec![b"x-latin: \xe9\xff\xfe"],
        vec![b"x-request-id: \xff\xfe\x80"],
        vec![b"x-request-id: a\tb"],
        vec![b"x-request-id:"],
        vec![b"x-request-id: one", b"x-request-id: two"],
        vec![b"traceparent: \xff"],
        vec![b"traceparent: 00-00000000000000000000000000000000-0000000000000000-00"],
        vec![b"traceparent: nonsense"],
        vec![b"accept: \xf0\x9f\x8e\xac"],
        vec![b"accept: text/html;q=nonsense,,,"],
        vec![b"accept-encoding: gzip, br, zstd, nonsense;q=9"],
        vec![b"authorization: \xff"],
        vec![b"cookie: a=\xff; b"],
        vec![b"range: bytes=0-1"],
        vec![b"if-none-match: *"],
        vec![b"if-modified-since: nonsense"],
        vec![b"expect: 200-maybe"],
        vec![b"upgrade: websocket", b"connection: upgrade"],
        vec![
            b"spin-path-info: /users",
            b"spin-full-url: http://elsewhere/",
            b"spin-matched-route: /x",
        ],
        vec![b"host: movies.spin.internal"],
        vec![b"idempotency-key: \xff"],
        vec![b"content-type: \xff"],
        vec![&huge],
        many,
    ];
    for headers in cases {
        // Spin 4.0 itself answers 500 to a header that is no UTF-8; no component sees it.
        if !cinema.is_ours() && headers.iter().any(|header| str::from_utf8(header).is_err()) {
            continue;
        }
        for line in ["GET /movies?limit=1", "GET /users/x"] {
            let answer = survives(&cinema, request(line, &headers, b"")).await;
            let status = answer.status.unwrap_or(400);
            // One header too many that says who this is, and nobody is.
            let twice = headers[0].starts_with(b"authorization") && line.contains("users");
            let fine = matches!(status, 200 | 400 | 417 | 431) || (twice && status == 401);
            assert!(
                fine,
                "{line} {:?}: {status}",
                headers
                    .first()
                    .map(|header| String::from_utf8_lossy(&header[..header.len().min(60)]))
            );
        }
    }
    // A header cannot smuggle another into the answer.
    let answer = survives(
        &cinema,
        request(
            "GET /movies/healthz",
            &[b"x-request-id: a%0d%0ax-evil: 1"],
            b"",
        ),
    )
    .await;
    assert!(!answer.head.contains("\nx-evil"));
}

#[tokio::test]
async fn unusual_bodies() {
    let cinema = shared();
    let post = |headers: &[&[u8]], body: &[u8]| {
        let length = format!("content-length: {}", body.len());
        let mut all: Vec<&[u8]> = vec![length.as_bytes()];
        all.extend(headers);
        request("POST /movies", &all, body)
    };
    let json: &[u8] = b"content-type: application/json";
    let deep = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    let wide = format!("{{{}\"z\": 1}}", "\"a\": 1, ".repeat(50_000));
    for (body, statuses) in [
        (deep(100), [400, 422].as_slice()),
        (deep(1_000), &[400, 422]),
        (deep(500_000), &[400, 422]),
        ([b"{\"title\": ".to_vec(), deep(400_000), b"}".to_vec()].concat(), &[400, 422]),
        (b"{\"a\":".repeat(100_000), &[400, 422]),
        (wide.into_bytes(), &[400]),
        (b"\xef\xbb\xbf{}".to_vec(), &[400, 422]),
        (b"{\"title\": \"\\ud800\", \"director\": \"x\", \"rating\": 1}".to_vec(), &[400, 422]),
        (b"{\"title\": \"a\", \"title\": \"b\", \"director\": \"x\", \"rating\": 1}".to_vec(), &[400]),
        (b"{\"title\": \"x\", \"director\": \"x\", \"rating\": 1e400}".to_vec(), &[400, 422]),
        (b"{\"title\": \"x\", \"director\": \"x\", \"rating\": 99999999999999999999999999}".to_vec(), &[422]),
        (b"{\"title\": \"x\", \"director\": \"x\", \"rating\": -0.0}".to_vec(), &[201]),
        (b"{\"title\": \"x\", \"director\": \"x\", \"rating\": 1} trailing".to_vec(), &[400]),
        (b"\x00".to_vec(), &[400]),
        (b"{\"title\": {\"$ne\": null}, \"director\": {\"$where\": \"1\"}, \"rating\": {\"$numberInt\": \"1\"}}".to_vec(), &[422]),
        (b"{\"title\": \"x\", \"director\": \"x\", \"rating\": 1, \"$set\": {\"a\": 1}, \"a.b\": 1, \"\": 1, \"__proto__\": {}}".to_vec(), &[422]),
    ] {
        let answer = survives(&cinema, post(&[json], &body)).await;
        let status = answer.status.unwrap();
        let shown: String = String::from_utf8_lossy(&body).chars().take(60).collect();
        assert!(statuses.contains(&status), "{shown}: {status}");
    }
    // An encoding that nobody undoes is not JSON.
    let answer = survives(
        &cinema,
        post(&[json, b"content-encoding: gzip"], b"\x1f\x8b\x08\x00"),
    )
    .await;
    assert!(
        matches!(answer.status, Some(400 | 415)),
        "{:?}",
        answer.status
    );
    for kind in [
        "application/json; charset=utf-16",
        "application/json;;;",
        "application/json; charset=\"",
        "application/json, text/plain",
    ] {
        let header = format!("content-type: {kind}");
        let answer = survives(&cinema, post(&[header.as_bytes()], b"{}")).await;
        assert!(
            matches!(answer.status, Some(400 | 415 | 422)),
            "{kind}: {:?}",
            answer.status
        );
    }
    // GET with a body, DELETE with a body.
    for line in [
        "GET /movies?limit=1".to_owned(),
        format!("DELETE /movies/{NOBODY}"),
    ] {
        let answer = survives(
            &cinema,
            request(&line, &[json, b"content-length: 2"], b"{}"),
        )
        .await;
        assert!(
            matches!(answer.status, Some(200 | 404)),
            "{line}: {:?}",
            answer.status
        );
    }
}

#[tokio::test]
async fn broken_transfers() {
    let cinema = shared();
    let json: &[u8] = b"content-type: application/json";
    let film: &[u8] = br#"{"title": "Chunk", "director": "Chunk", "rating": 5}"#;
    let chunked = |chunks: &[u8]| {
        request(
            "POST /movies",
            &[json, b"transfer-encoding: chunked"],
            chunks,
        )
    };
    let good: Vec<u8> = film
        .iter()
        .flat_map(|byte| [b"1\r\n".as_slice(), &[*byte], b"\r\n"].concat())
        .collect();
    let answer = survives(&cinema, chunked(&[good.as_slice(), b"0\r\n\r\n"].concat())).await;
    assert_eq!(answer.status, Some(201), "one byte at a time");
    for broken in [
        b"zz\r\n{}\r\n0\r\n\r\n".as_slice(),
        b"ffffffffffffffffff\r\n",
        b"-1\r\n",
        b"5\r\n{}\r\n0\r\n\r\n",
    ] {
        let answer = survives(&cinema, chunked(broken)).await;
        assert!(
            matches!(answer.status, None | Some(400..=499 | 503)),
            "{:?}",
            answer.status
        );
    }
    // More than may be sent, with nobody knowing beforehand.
    let chunk = [
        format!("{:x}\r\n", 64 * 1024).as_bytes(),
        &vec![b' '; 64 * 1024],
        b"\r\n",
    ]
    .concat();
    let answer = survives(
        &cinema,
        chunked(&[chunk.repeat(40).as_slice(), b"0\r\n\r\n"].concat()),
    )
    .await;
    assert!(
        matches!(answer.status, None | Some(413)),
        "{:?}",
        answer.status
    );
    // Two lengths, or a length that is none.
    for lengths in [
        [b"content-length: 2".as_slice(), b"content-length: 3"],
        [b"content-length: -1", b"x: y"],
        [b"content-length: two", b"x: y"],
        [b"content-length: 99999999999999999999999", b"x: y"],
        [b"content-length: 2", b"transfer-encoding: chunked"],
    ] {
        let answer = survives(
            &cinema,
            request("POST /movies", &[json, lengths[0], lengths[1]], b"{}"),
        )
        .await;
        assert!(
            matches!(answer.status, None | Some(400..=499)),
            "{:?}",
            answer.status
        );
    }
    // What is not HTTP at all.
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET /movies HTTP/9.9\r\n\r\n".to_vec(),
        b"\r\n\r\n\r\n".to_vec(),
        vec![0; 4096],
        vec![b'A'; 200_000],
    ] {
        let address = cinema.address().to_owned();
        tokio::task::spawn_blocking(move || {
            use std::io::Write;
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            let _ = stream.write_all(&bytes);
        })
        .await
        .unwrap();
        cinema.get("/movies/healthz").await.expect(200);
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn clients_that_go_away_hurt_nobody() {
    let cinema = shared();
    let director = tag();
    for _ in 0..3 {
        cinema.film("Stays", &director, 5.0).await;
    }
    let authorization = cinema.authorization().await.unwrap();
    let address = cinema.address().to_owned();
    tokio::task::spawn_blocking(move || {
        use std::io::Write;
        for n in 0..60 {
            let mut stream = std::net::TcpStream::connect(&address).unwrap();
            let whole = request("GET /movies?limit=100", &[], b"");
            // Some leave in the middle of the request, some before the answer.
            let part = if n % 2 == 0 {
                &whole[..]
            } else {
                &whole[..whole.len() - 5]
            };
            stream.write_all(part).unwrap();
        }
        let half = request(
            "POST /movies",
            &[b"content-type: application/json", b"content-length: 1000"],
            b"{\"title\"",
        );
        let half = signed_in(&half, &authorization);
        for _ in 0..10 {
            std::net::TcpStream::connect(&address)
                .unwrap()
                .write_all(&half)
                .unwrap();
        }
    })
    .await
    .unwrap();
    let found = cinema
        .get(&format!("/movies?director={director}"))
        .await
        .expect(200)
        .list();
    assert_eq!(found.len(), 3);
    cinema
        .post(
            "/movies",
            &json!({"title": "x", "director": director, "rating": 1}),
        )
        .await
        .expect(201);
    cinema.assert_no_trap();
}

#[tokio::test]
async fn cleartext_http_2_is_spoken() {
    let cinema = shared();
    if cinema_tests::given().is_some() {
        eprintln!("skipped: whether an instance that is not ours speaks HTTP/2 is not ours to say");
        return;
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let url = format!("http://{}/movies?limit=1", cinema.address());
    let response = client.get(url).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.version()),
        (200, reqwest::Version::HTTP_2)
    );
}
