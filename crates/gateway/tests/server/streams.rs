//! Answers go from the server's cursor to the client as they come.

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    Database, Gateway, Wire,
    gateway::{collection, send},
};

/// Much more than sockets hold between them, and than the server gives at once.
const MANY: usize = 20_000;

async fn fill(gateway: &Gateway, count: usize) {
    let text = "x".repeat(500);
    let all: Vec<_> = (0..count)
        .map(|n| json!({"_id": n, "text": text}))
        .collect();
    for documents in all.chunks(5000) {
        gateway
            .ok("insertMany", json!({"documents": documents}))
            .await;
    }
}

/// Waits until something holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let waited = async {
        while !holds() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        timeout(Duration::from_secs(20), waited).await.is_ok(),
        "{what}"
    );
}

#[tokio::test]
async fn a_hundred_thousand_documents_take_no_memory_of_their_own() {
    let database = Database::start();
    let mut gateway = Gateway::start(&database.uri(), &[]);
    gateway.ok("deleteMany", json!({"filter": {}})).await;
    fill(&gateway, 100_000).await;
    gateway.kill();
    gateway.restart();
    let found = gateway.ok("find", json!({"sort": {"_id": 1}})).await;
    let documents = found["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 100_000);
    let in_order = documents.iter().enumerate();
    assert!(
        in_order
            .into_iter()
            .all(|(n, document)| document["_id"] == n)
    );
    let peak = gateway.process().peak();
    eprintln!("find of 100,000 documents of 500 bytes: {peak} KiB at the highest");
    assert!(peak < 64 * 1024, "{peak} KiB");
    let piped = gateway
        .ok("aggregate", json!({"pipeline": [{"$match": {}}]}))
        .await;
    assert_eq!(piped["documents"].as_array().unwrap().len(), 100_000);
}

#[tokio::test]
async fn a_cursor_that_fails_half_way_ends_the_connection() {
    let Some(ferret) = Database::controlled() else {
        return;
    };
    let wire = Wire::to(ferret.address()).await;
    let gateway = Gateway::start(&wire.uri(), &[]);
    fill(&gateway, MANY).await;
    let whole = gateway.ok("find", json!({})).await;
    assert_eq!(whole["documents"].as_array().unwrap().len(), MANY);
    wire.cut_at("getMore");
    for action in ["find", "aggregate"] {
        let body = match action {
            "find" => json!({}),
            _ => json!({"pipeline": []}),
        };
        let cut = send(gateway.request(action, body)).await;
        assert!(cut.is_err(), "{action}: {cut:?}");
    }
    // It goes on as if nothing had been.
    gateway.ok("findOne", json!({})).await;
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_cursor_at_the_server() {
    let Some(ferret) = Database::controlled() else {
        return;
    };
    let wire = Wire::to(ferret.address()).await;
    let gateway = Gateway::start(&wire.uri(), &[]);
    fill(&gateway, MANY).await;
    let mut response = gateway.request("find", json!({})).send().await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
    assert_eq!(wire.count("killCursors"), 0);
    drop(response);
    until("the cursor is ended", || wire.count("killCursors") == 1).await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_holds_up_nobody_and_is_sent_away() {
    let Some(ferret) = Database::controlled() else {
        return;
    };
    let wire = Wire::to(ferret.address()).await;
    let gateway = Gateway::start(&wire.uri(), &["--pool", "1", "--stall", "2"]);
    fill(&gateway, MANY).await;
    let mut slow = TcpStream::connect(gateway.address()).await.unwrap();
    let body = json!({"database": "tests", "collection": collection()}).to_string();
    let head = "POST /action/find HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ";
    let request = format!("{head}{}\r\n\r\n{body}", body.len());
    slow.write_all(request.as_bytes()).await.unwrap();
    until("it is asked", || wire.count("getMore") > 0).await;
    let mut before = 0;
    while before != wire.count("getMore") {
        before = wire.count("getMore");
        sleep(Duration::from_millis(200)).await;
    }
    // The one connection of the pool is another's to use meanwhile.
    assert_eq!(wire.count("killCursors"), 0);
    gateway.ok("findOne", json!({})).await;
    until("the cursor is ended", || wire.count("killCursors") == 1).await;
    let mut taken = Vec::new();
    let rest = timeout(Duration::from_secs(20), slow.read_to_end(&mut taken)).await;
    assert!(rest.is_ok(), "the connection is ended");
    assert!(!taken.ends_with(b"0\r\n\r\n"), "the answer is no whole one");
}
