//! Who is slow, or many, shuts nobody else out.
#![allow(clippy::unwrap_used)]

mod support;

use std::{net::SocketAddr, time::Duration};

use host::server::ServeOptions;
use support::{
    Application, GOOD, Held, Sent, WAITS, WRITES,
    calls::{Client, message, rest},
    get, has_a_place, is_free,
    raw::{exchange, in_the_end, statuses},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// A component that answers, one that reads the body first, and one that writes.
fn app() -> Application {
    Application::new(&[("good", GOOD), ("waits", WAITS), ("writes", WRITES)])
}

fn loopback() -> Vec<ipnet::IpNet> {
    vec!["127.0.0.0/8".parse().unwrap()]
}

/// A GET as a proxy sends it for somebody.
fn forwarded(path: &str, client: &str) -> String {
    format!(
        "GET /{path} HTTP/1.1\r\nhost: a\r\nx-forwarded-for: {client}\r\nconnection: close\r\n\r\n"
    )
}

async fn status(host: SocketAddr, request: &str) -> u16 {
    statuses(&exchange(host, request.as_bytes()).await)[0]
}

#[tokio::test]
async fn bodies_that_do_not_come_hold_no_place_and_end_as_408() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            in_flight: 2,
            body_time: Duration::from_millis(600),
            ..ServeOptions::default()
        })
        .await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        slow.push(Sent::without_its_body(host.address(), "waits").await);
    }
    for _ in 0..20 {
        assert_eq!(get(host.address(), "good").await.status, 200);
    }
    assert_eq!(host.in_flight(), 0);
    for sent in slow {
        let answer = in_the_end(sent.answer()).await;
        assert_eq!(statuses(&answer), [408], "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
    }
}

#[tokio::test]
async fn messages_that_do_not_come_hold_no_place() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            in_flight: 1,
            ..ServeOptions::default()
        })
        .await;
    let client = Client::new(host.address()).await;
    let slow = client.post("good", "application/grpc", message("a").slice(..5));
    tokio::select! {
        _ = slow => panic!("it is answered"),
        () = async {
            for _ in 0..20 {
                assert_eq!(get(host.address(), "good").await.status, 200);
            }
        } => {}
    }
}

/// Whose client does not read it, that is.
#[tokio::test]
async fn an_answer_that_is_still_written_holds_its_place() {
    let pours = "(call $pour (local.get $out)) (call $drop-request (local.get $request))";
    let app = Application::new(&[("pours", pours), ("good", GOOD)]);
    let host = app
        .serve(ServeOptions {
            in_flight: 1,
            ..ServeOptions::default()
        })
        .await;
    let client = Client::new(host.address()).await;
    let answer = client.post_nothing("pours").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(host.in_flight(), 1);
    assert_eq!(get(host.address(), "good").await.status, 503);
    let (body, _) = rest(answer.into_body()).await;
    assert_eq!(body.len(), 4 * 1024 * 1024);
    is_free(&host).await;
    assert_eq!(get(host.address(), "good").await.status, 200);
}

/// Each byte keeps the connection alive, and comes too late for the whole.
#[tokio::test]
async fn a_body_that_trickles_in_is_given_up() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            body_time: Duration::from_secs(3),
            ..ServeOptions::default()
        })
        .await;
    let mut stream = TcpStream::connect(host.address()).await.unwrap();
    let head = b"POST /waits HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let trickle = async {
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut answer = String::new();
    let read = tokio::io::AsyncReadExt::read_to_string(&mut reading, &mut answer);
    let _ = tokio::select! {
        read = in_the_end(read) => read,
        () = trickle => Ok(0),
    };
    assert_eq!(statuses(&answer), [408], "{answer}");
}

#[tokio::test]
async fn a_body_has_an_end() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            body: 1000,
            ..ServeOptions::default()
        })
        .await;
    let chunk = format!("3e8\r\n{}\r\n", "x".repeat(1000));
    for (chunks, expected) in [(1, 200), (2, 413)] {
        let request = format!(
            "POST /waits HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
            chunk.repeat(chunks)
        );
        assert_eq!(status(host.address(), &request).await, expected);
    }
}

#[tokio::test]
async fn probes_have_places_of_their_own() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            in_flight: 1,
            probes: vec!["GET /good".parse().unwrap()],
            ..ServeOptions::default()
        })
        .await;
    let held = Held::by(&app, &host, "writes").await;
    assert_eq!(get(host.address(), "waits").await.status, 503);
    assert_eq!(get(host.address(), "good").await.status, 200);
    assert_eq!(
        get(host.address(), ".well-known/spin/health").await.status,
        200
    );
    assert_eq!(held.finish().await, 200);
}

#[tokio::test]
async fn an_address_has_half_of_the_places() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            in_flight: 2,
            trusted_proxies: loopback(),
            ..ServeOptions::default()
        })
        .await;
    let store = {
        assert_eq!(
            Sent::post(host.address(), "writes").await.status().await,
            200
        );
        app.locked_store()
    };
    let waiting = Sent::new(host.address(), forwarded("writes", "192.0.2.1").as_bytes()).await;
    has_a_place(&host).await;
    assert_eq!(
        status(host.address(), &forwarded("good", "192.0.2.1")).await,
        503
    );
    assert_eq!(
        status(host.address(), &forwarded("good", "192.0.2.2")).await,
        200
    );
    assert_eq!(get(host.address(), "good").await.status, 200);
    drop(store);
    assert_eq!(waiting.status().await, 200);
    assert_eq!(
        status(host.address(), &forwarded("good", "192.0.2.1")).await,
        200
    );
}

/// Those that hash passwords, say: the others wait for a moment, and readers for nothing.
#[tokio::test]
async fn costly_requests_wait_for_one_another_and_readers_go_on() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            costly: vec!["POST /writes".parse().unwrap()],
            costly_in_flight: 1,
            ..ServeOptions::default()
        })
        .await;
    let held = Held::by(&app, &host, "writes").await;
    let waits = Sent::post(host.address(), "writes").await;
    let gives_up = Sent::post(host.address(), "writes").await;
    for _ in 0..20 {
        assert_eq!(get(host.address(), "good").await.status, 200);
        assert_eq!(host.in_flight(), 1);
    }
    let answer = gives_up.answer().await;
    assert_eq!(statuses(&answer), [503], "{answer}");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    assert_eq!(held.finish().await, 200);
    assert!([200, 503].contains(&waits.status().await));
    assert_eq!(
        Sent::post(host.address(), "writes").await.status().await,
        200
    );
}

#[tokio::test]
async fn an_address_asks_so_often_and_no_oftener() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            limited: vec!["GET /good".parse().unwrap()],
            rate: 3,
            trusted_proxies: loopback(),
            ..ServeOptions::default()
        })
        .await;
    let ask = async |client| exchange(host.address(), forwarded("good", client).as_bytes()).await;
    for _ in 0..3 {
        assert_eq!(statuses(&ask("192.0.2.1").await), [200]);
    }
    let refused = ask("192.0.2.1").await;
    assert_eq!(statuses(&refused), [429], "{refused}");
    assert!(refused.contains("retry-after: "), "{refused}");
    assert_eq!(statuses(&ask("192.0.2.2").await), [200]);
    assert_eq!(
        status(host.address(), &forwarded("waits", "192.0.2.1")).await,
        200
    );
    // The proxy itself, as whoever probes it.
    for _ in 0..10 {
        assert_eq!(get(host.address(), "good").await.status, 200);
    }
}

#[tokio::test]
async fn idle_connections_give_way() {
    let app = app();
    let host = app
        .serve(ServeOptions {
            connections: 8,
            ..ServeOptions::default()
        })
        .await;
    let mut flood = Vec::new();
    for _ in 0..50 {
        flood.push(TcpStream::connect(host.address()).await.unwrap());
    }
    assert_eq!(get(host.address(), "good").await.status, 200);
    // The first ones were closed, with nothing sent.
    let mut none = [0];
    let read = tokio::io::AsyncReadExt::read(&mut flood[0], &mut none);
    assert!(matches!(in_the_end(read).await, Ok(0) | Err(_)));
}
