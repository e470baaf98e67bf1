//! What components send to the network, and the connections it goes over.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use host::server::{Running, ServeOptions};
use support::{Application, get, raw::in_the_end};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// By http, with the usual patience.
const FETCHES: &str = "(call $tell (local.get $out) (call $fetch (i32.const 0) (i32.const 0)))";

/// Takes what there is of the answer as one, and leaves its body unread.
const ASKS: &str = "(call $tell (local.get $out) (call $ask (i32.const 0) (i32.const 0)))";

/// What a component tells of an answer whose body breaks off.
const BROKEN_OFF: u16 = 299;

/// What a component tells of an error: its number among WASI's.
const fn error(number: u16) -> u16 {
    400 + number
}
const REFUSED: u16 = error(6);
const CONNECTION_TIMEOUT: u16 = error(8);
const READ_TIMEOUT: u16 = error(9);
const PROTOCOL: u16 = error(35);

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
const CUT_OFF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\nhi";

/// Over http or https, where one of the parts of a request may take some milliseconds only.
fn hurries(scheme: u8, part: &str) -> String {
    format!(
        "(local $options i32) (local.set $options (call $options))
        (drop (call ${part}-timeout (local.get $options) (i32.const 1) (i64.const 300000000)))
        (call $tell (local.get $out) (call $fetch (i32.const {scheme}) (local.get $options)))"
    )
}

/// What a server does with a request.
#[derive(Clone, Copy)]
enum Then {
    Waits(&'static str),
    Closes(&'static str),
}
use Then::{Closes, Waits};

/// A server that somebody else has.
struct Elsewhere {
    address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    closed: Notify,
}

impl Elsewhere {
    /// Does the same with every request.
    async fn that(then: Then) -> Self {
        Self::that_first(then, then).await
    }

    /// Does one thing with the first request, another with all others.
    async fn that_first(first: Then, then: Then) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let elsewhere = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
        };
        let seen = Arc::clone(&elsewhere.seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(Arc::clone(&seen).serve(stream, first, then));
            }
        });
        elsewhere
    }

    /// What a component tells that sends there.
    async fn tells(&self, component: &str) -> u16 {
        let (_app, host) = self.asked_by(component).await;
        get(host.address(), "sends").await.status
    }

    async fn asked_by(&self, component: &str) -> (Application, Running) {
        let app = Application::beside(&self.address.to_string(), &[("sends", component)]);
        let host = app.serve(ServeOptions::default()).await;
        (app, host)
    }

    fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::SeqCst)
    }
}

impl Seen {
    async fn serve(self: Arc<Self>, mut stream: TcpStream, first: Then, then: Then) {
        let mut head = Vec::new();
        while let Ok(byte) = stream.read_u8().await {
            head.push(byte);
            if !head.ends_with(b"\r\n\r\n") {
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut head)).unwrap();
            let host = format!("host: {}\r\n", stream.local_addr().unwrap());
            assert!(
                text.starts_with("GET / HTTP/1.1\r\n") && text.contains(&host),
                "{text}"
            );
            let earlier = self.requests.fetch_add(1, Ordering::SeqCst);
            let (answer, closes) = match if earlier == 0 { first } else { then } {
                Waits(answer) => (answer, false),
                Closes(answer) => (answer, true),
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
            if closes {
                break;
            }
        }
        drop(stream);
        self.closed.notify_one();
    }
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let elsewhere = Elsewhere::that(Waits(ANSWER)).await;
    let (_app, host) = elsewhere.asked_by(FETCHES).await;
    for _ in 0..20 {
        assert_eq!(get(host.address(), "sends").await.status, 200);
    }
    assert_eq!(elsewhere.requests(), 20);
    // One more is begun where the next request is faster than the end of the answer before.
    assert!(elsewhere.connections() <= 3, "{}", elsewhere.connections());
}

/// Whether it says so or not: the next request finds the connection that was kept closed.
#[tokio::test]
async fn a_server_may_close_its_connections() {
    let told = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi";
    for answer in [told, ANSWER] {
        let elsewhere = Elsewhere::that(Closes(answer)).await;
        let (_app, host) = elsewhere.asked_by(FETCHES).await;
        for _ in 0..5 {
            assert_eq!(get(host.address(), "sends").await.status, 200);
            in_the_end(elsewhere.seen.closed.notified()).await;
        }
        assert_eq!((elsewhere.requests(), elsewhere.connections()), (5, 5));
    }
}

#[tokio::test]
async fn what_a_server_has_seen_is_not_sent_again() {
    let elsewhere = Elsewhere::that_first(Waits(ANSWER), Closes("")).await;
    let (_app, host) = elsewhere.asked_by(FETCHES).await;
    assert_eq!(get(host.address(), "sends").await.status, 200);
    assert_eq!(get(host.address(), "sends").await.status, PROTOCOL);
    assert_eq!(elsewhere.requests(), 2);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_told() {
    let elsewhere = Elsewhere::that_first(Closes(CUT_OFF), Waits(ANSWER)).await;
    let (_app, host) = elsewhere.asked_by(FETCHES).await;
    assert_eq!(get(host.address(), "sends").await.status, BROKEN_OFF);
    assert_eq!(get(host.address(), "sends").await.status, 200);
}

#[tokio::test]
async fn a_body_left_unread_gives_its_connection_up() {
    let elsewhere = Elsewhere::that_first(Waits(CUT_OFF), Waits(ANSWER)).await;
    let (_app, host) = elsewhere.asked_by(ASKS).await;
    assert_eq!(get(host.address(), "sends").await.status, 200);
    in_the_end(elsewhere.seen.closed.notified()).await;
    assert_eq!(get(host.address(), "sends").await.status, 200);
    assert_eq!(elsewhere.connections(), 2);
}

#[tokio::test]
async fn an_answer_that_does_not_begin_is_given_up() {
    let elsewhere = Elsewhere::that(Waits("")).await;
    let told = elsewhere.tells(&hurries(0, "first-byte")).await;
    assert_eq!(told, READ_TIMEOUT);
    in_the_end(elsewhere.seen.closed.notified()).await;
    assert_eq!(elsewhere.requests(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_go_on_is_given_up() {
    let elsewhere = Elsewhere::that(Waits(CUT_OFF)).await;
    let told = elsewhere.tells(&hurries(0, "between-bytes")).await;
    assert_eq!(told, BROKEN_OFF);
    in_the_end(elsewhere.seen.closed.notified()).await;
}

/// Here it is TLS that does not come about.
#[tokio::test]
async fn a_connection_that_does_not_come_about_is_given_up() {
    let elsewhere = Elsewhere::that(Waits("")).await;
    let told = elsewhere.tells(&hurries(1, "connect")).await;
    assert_eq!(told, CONNECTION_TIMEOUT);
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn nobody_there_is_told() {
    let mut elsewhere = Elsewhere::that(Waits("")).await;
    elsewhere.address.set_port(1);
    assert_eq!(elsewhere.tells(FETCHES).await, REFUSED);
}

#[tokio::test]
async fn a_stop_waits_for_no_idle_connection() {
    let elsewhere = Elsewhere::that(Waits(ANSWER)).await;
    let (_app, host) = elsewhere.asked_by(FETCHES).await;
    assert_eq!(get(host.address(), "sends").await.status, 200);
    in_the_end(host.stop()).await;
    in_the_end(elsewhere.seen.closed.notified()).await;
}
