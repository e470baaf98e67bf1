//! The store, and whoever waits for it.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use host::server::ServeOptions;
use rusqlite::Connection;
use support::{Application, GOOD, READS, Sent, WRITES, counted, get, told, value};

/// More than there are threads for the store.
const WRITERS: usize = 40;

/// As a backup does. The test has one thread, for the host too: were that one to wait for the store, nobody would be answered.
#[tokio::test]
async fn others_are_answered_while_writers_wait_for_a_lock_held_elsewhere() {
    let app = Application::new(&[("good", GOOD), ("reads", READS), ("writes", WRITES)]);
    let host = app.serve(ServeOptions::default()).await;
    let address = host.address();
    assert_eq!(Sent::post(address, "writes").await.status().await, 200);

    let elsewhere = app.locked_store();
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let sent = Sent::post(address, "writes").await;
        writers.push(tokio::spawn(sent.status()));
    }
    while host.in_flight() < WRITERS {
        tokio::task::yield_now().await;
    }
    for _ in 0..20 {
        for path in [".well-known/spin/health", "good", "reads"] {
            assert_eq!(get(address, path).await.status, 200, "{path}");
        }
    }
    assert!(writers.iter().all(|writer| !writer.is_finished()));
    drop(elsewhere);
    for writer in writers {
        assert_eq!(writer.await.unwrap(), 200);
    }
}

/// As whoever asks for a part of a title among many.
#[tokio::test]
async fn others_are_answered_while_somebody_reads_for_long() {
    let long = READS.replace("$read", "$read-for-long");
    let app = Application::new(&[("good", GOOD), ("reads", READS), ("long", &long)]);
    let host = app.serve(ServeOptions::default()).await;
    let address = host.address();
    let reader = tokio::spawn(async move { get(address, "long").await.status });
    // Several, since the first may come before the reader has begun.
    for _ in 0..20 {
        for path in [".well-known/spin/health", "good", "reads"] {
            assert_eq!(get(address, path).await.status, 200, "{path}");
        }
    }
    assert!(!reader.is_finished());
    assert_eq!(reader.await.unwrap(), 200);
}

#[tokio::test]
async fn a_transaction_left_open_ends_with_its_request() {
    let leaves = format!("(call $begin) {GOOD}");
    let app = Application::new(&[
        ("leaves", &leaves),
        ("fails", "(call $begin) unreachable"),
        ("writes", WRITES),
    ]);
    let host = app.serve(ServeOptions::default()).await;
    let address = host.address();
    for _ in 0..3 {
        for (component, status) in [("leaves", 200), ("writes", 200), ("fails", 500)] {
            assert_eq!(get(address, component).await.status, status, "{component}");
        }
    }
}

#[tokio::test]
async fn whoever_writes_waits_in_line_for_the_end_of_a_transaction() {
    let long = format!("(call $begin) (call $read-for-a-while) {GOOD}");
    let app = Application::new(&[("long", &long), ("writes", WRITES)]);
    let host = app.serve(counted()).await;
    let address = host.address();
    assert_eq!(get(address, "writes").await.status, 200);
    let elsewhere = Connection::open(app.state().join("sqlite_db.db")).unwrap();
    elsewhere.busy_timeout(Duration::ZERO).unwrap();
    let reader = tokio::spawn(async move { get(address, "long").await.status });
    while elsewhere.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok() {
        tokio::task::yield_now().await;
    }
    let waits = async || value(&told(&host).await, "sqlite_waits_total");
    let before = waits().await;
    assert_eq!(get(address, "writes").await.status, 200);
    assert_eq!(reader.await.unwrap(), 200);
    // Had it asked again and again, each would be a wait.
    assert_eq!(waits().await, before + 1.0);
}
