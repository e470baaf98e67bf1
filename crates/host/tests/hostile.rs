//! What a client sends that is no proper request harms nobody else.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use host::server::ServeOptions;
use support::{
    get,
    raw::{exchange, in_the_end, serve, statuses},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// Sends each, sees one of these statuses or none at all, and that a new connection is served as before.
async fn refused(requests: &[&[u8]], allowed: &[u16]) {
    let (_app, host) = serve(ServeOptions::default()).await;
    for request in requests {
        let shown = String::from_utf8_lossy(request);
        let found = statuses(&exchange(host.address(), request).await);
        assert!(
            found.len() <= 1 && found.iter().all(|status| allowed.contains(status)),
            "{shown:?}: {found:?}"
        );
        let good = get(host.address(), "good").await;
        assert_eq!(good.status, 200, "after {shown:?}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let bytes: Vec<u8> = (0..=255).collect();
    let requests: [&[u8]; 12] = [
        b"\r\n\r\n\0\0\0\0",
        &bytes,
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /good\r\n\r\n",
        b"GET /good HTTP/3.0\r\n\r\n",
        b"GET /good HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /good HTTP/1.1\r\nx: a\0b\r\n\r\n",
        b"GET /good HTTP/1.1\r\nx : a\r\n\r\n",
        b"GET /go od HTTP/1.1\r\n\r\n",
        // The beginning of TLS.
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n",
        // HTTP/2 that breaks off into nonsense.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense, and more of it\r\n\r\n",
    ];
    refused(&requests, &[400]).await;
}

#[tokio::test]
async fn a_body_of_no_certain_length_is_refused() {
    let requests: [&[u8]; 9] = [
        b"POST /good HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST /good HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        b"POST /good HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /good HTTP/1.1\r\nhost: a\r\ncontent-length: many\r\n\r\n",
        b"POST /good HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /good HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        b"POST /good HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST /good HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, gzip\r\n\r\nxx",
        b"POST /good HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    refused(&requests, &[400, 413, 431]).await;
}

/// RFC 9112, 3.2: whoever stands between may take another for the host that is meant.
#[tokio::test]
async fn a_request_without_one_host_is_refused() {
    let requests: [&[u8]; 3] = [
        b"GET /good HTTP/1.1\r\nconnection: close\r\n\r\n",
        b"GET http://a/good HTTP/1.1\r\nconnection: close\r\n\r\n",
        b"GET /good HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n",
    ];
    refused(&requests, &[400]).await;
}

#[tokio::test]
async fn a_head_has_an_end() {
    let (_app, host) = serve(ServeOptions::default()).await;
    let mut head = b"GET /good HTTP/1.1\r\nhost: a\r\nx: ".to_vec();
    // As much as the host takes and no more, so that the answer is not lost in a reset.
    head.resize(64 * 1024, b'x');
    let answer = exchange(host.address(), &head).await;
    assert_eq!(statuses(&answer), [431]);

    let many = "x: y\r\n".repeat(1000);
    let answer = exchange(
        host.address(),
        format!("GET /good HTTP/1.1\r\nhost: a\r\n{many}\r\n").as_bytes(),
    )
    .await;
    assert_eq!(statuses(&answer), [431]);

    let mut stream = TcpStream::connect(host.address()).await.unwrap();
    in_the_end(async { while stream.write_all(&head).await.is_ok() {} }).await;
    assert_eq!(get(host.address(), "good").await.status, 200);
}

#[tokio::test]
async fn a_long_address_is_answered() {
    let (_app, host) = serve(ServeOptions::default()).await;
    for (length, allowed) in [(60_000, &[404][..]), (65_535, &[414, 431])] {
        for start in ["/", "/good?", "/../good/%00/"] {
            let address = format!("{start}{}", "a/".repeat(length / 2));
            let request = format!("GET {address} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
            let found = statuses(&exchange(host.address(), request.as_bytes()).await);
            let expected = if start == "/good?" && length < 65_535 {
                &[200][..]
            } else {
                allowed
            };
            assert!(
                found.len() == 1 && expected.contains(&found[0]),
                "{start}, {length}: {found:?}"
            );
            assert_eq!(get(host.address(), "good").await.status, 200);
        }
    }
}

#[tokio::test]
async fn whatever_has_the_form_of_a_request_is_answered() {
    let (_app, host) = serve(ServeOptions::default()).await;
    for (request, status) in [
        ("GET /good HTTP/1.0\r\n\r\n", 200),
        (
            "GET http://elsewhere.example/good HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            200,
        ),
        (
            "GET http://waits.spin.internal/good HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            200,
        ),
        (
            "OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            404,
        ),
        (
            "CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            404,
        ),
        (
            "NONSENSE /good HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            200,
        ),
    ] {
        let answers = exchange(host.address(), request.as_bytes()).await;
        assert_eq!(statuses(&answers), [status], "{request:?}");
        assert_eq!(get(host.address(), "good").await.status, 200);
    }
}

#[tokio::test]
async fn requests_in_one_go_are_answered_in_their_order() {
    let (_app, host) = serve(ServeOptions::default()).await;
    let requests = "GET /good HTTP/1.1\r\nhost: a\r\n\r\n\
        POST /waits HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc\
        GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n\
        POST /good HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
        GET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answers = exchange(host.address(), requests.as_bytes()).await;
    assert_eq!(statuses(&answers), [200, 200, 404, 200, 404]);
}

/// What follows in the body is a request to nobody.
#[tokio::test]
async fn no_request_is_smuggled() {
    let (_app, host) = serve(ServeOptions::default()).await;
    for path in ["good", "waits", "nowhere"] {
        let request = format!(
            "POST /{path} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n\
             0\r\n\r\nGET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
        );
        let answers = exchange(host.address(), request.as_bytes()).await;
        assert_eq!(statuses(&answers).len(), 1, "{path}: {answers}");
        assert_eq!(get(host.address(), "good").await.status, 200);
    }
}

#[tokio::test]
async fn bad_chunks_end_the_connection() {
    let (_app, host) = serve(ServeOptions::default()).await;
    let endless = format!("1;{}", "x".repeat(100_000));
    for chunks in [
        "zz\r\n",
        "fffffffffffffffff\r\n",
        "-1\r\n",
        "1\r\nabc\r\n",
        &endless,
    ] {
        for path in ["good", "waits", "nowhere"] {
            let request = format!(
                "POST /{path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"
            );
            let answers = exchange(host.address(), request.as_bytes()).await;
            assert!(
                statuses(&answers).len() <= 1,
                "{path}, {chunks:?}: {answers}"
            );
            assert_eq!(get(host.address(), "good").await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_client_that_says_nothing_more_is_let_go() {
    let (_app, host) = serve(ServeOptions {
        head: Duration::from_millis(300),
        ..ServeOptions::default()
    })
    .await;
    for (start, answers) in [
        ("", &[][..]),
        // What HTTP/2 begins with, too.
        ("P", &[]),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[]),
        ("GET /good HTTP/1.1\r\n", &[]),
        ("GET /good HTTP/1.1\r\nhost: a\r\nx: y", &[]),
        ("GET /good HTTP/1.1\r\nhost: a\r\n\r\n", &[200]),
        ("GET /good HTTP/1.1\r\nhost: a\r\n\r\nGET /good", &[200]),
    ] {
        let found = exchange(host.address(), start.as_bytes()).await;
        assert_eq!(statuses(&found), answers, "{start:?}");
        assert_eq!(get(host.address(), "good").await.status, 200);
    }
}
