//! What a component does wrong costs the one request it was asked for, and nobody else.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use host::server::ServeOptions;
use support::{Answer, Application, GOOD, HOGS, Held, LOOPS, SILENT, TRAPS, WRITES, get};

/// Asks a component that fails beside a good one: its answer, and that the good one answers after it.
async fn beside_a_good_one(body: &str, options: ServeOptions) -> Answer {
    let app = Application::new(&[("good", GOOD), ("bad", body)]);
    let host = app.serve(options).await;
    let answer = get(host.address(), "bad").await;
    assert_eq!(get(host.address(), "good").await.status, 200);
    answer
}

/// The host answers in the component's place, and gives nothing away.
fn is_a_problem(answer: &Answer) {
    assert_eq!(answer.status, 500, "{answer:?}");
    assert_eq!(answer.content_type, "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["status"], 500);
    assert_eq!(problem["instance"], "/bad");
}

#[tokio::test]
async fn a_component_answers() {
    let app = Application::new(&[("good", GOOD)]);
    let host = app.serve(ServeOptions::default()).await;
    let answer = get(host.address(), "good").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

#[tokio::test]
async fn a_trap_costs_one_request() {
    let answer = beside_a_good_one(TRAPS, ServeOptions::default()).await;
    is_a_problem(&answer);
    assert!(!answer.body.contains("unreachable"), "{answer:?}");
}

#[tokio::test]
async fn a_component_that_ends_without_an_answer_has_failed() {
    is_a_problem(&beside_a_good_one(SILENT, ServeOptions::default()).await);
}

#[tokio::test]
async fn a_component_that_works_for_ever_is_ended() {
    let options = ServeOptions {
        time: Duration::from_millis(300),
        ..ServeOptions::default()
    };
    let answer = beside_a_good_one(LOOPS, options).await;
    is_a_problem(&answer);
    assert!(answer.body.contains("took too long"), "{answer:?}");
}

#[tokio::test]
async fn a_component_that_waits_for_ever_is_ended() {
    let app = Application::new(&[("writes", WRITES), ("good", GOOD)]);
    let options = ServeOptions {
        time: Duration::from_millis(300),
        ..ServeOptions::default()
    };
    let host = app.serve(options).await;
    let held = Held::by(&app, &host, "writes").await;
    assert_eq!(held.status().await, 500);
    assert_eq!(get(host.address(), "good").await.status, 200);
}

/// The test has one thread, for the host too: were the component not interrupted, nobody else would have a turn.
#[tokio::test]
async fn a_component_that_works_lets_others_have_their_turn() {
    let app = Application::new(&[("good", GOOD), ("bad", LOOPS)]);
    let host = app.serve(ServeOptions::default()).await;
    let address = host.address();
    let bad = tokio::spawn(async move { get(address, "bad").await });
    // Several, since the first may come before the bad one has begun.
    for _ in 0..20 {
        assert_eq!(get(address, "good").await.status, 200);
    }
    assert!(!bad.is_finished());
}

#[tokio::test]
async fn memory_has_an_end() {
    let options = ServeOptions {
        memory: 4 * 1024 * 1024,
        ..ServeOptions::default()
    };
    is_a_problem(&beside_a_good_one(HOGS, options).await);
}

#[tokio::test]
async fn too_many_requests_at_once_are_told_to_come_again() {
    let app = Application::new(&[("writes", WRITES), ("good", GOOD)]);
    let options = ServeOptions {
        in_flight: 1,
        ..ServeOptions::default()
    };
    let host = app.serve(options).await;
    let held = Held::by(&app, &host, "writes").await;
    let refused = get(host.address(), "good").await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.content_type, "application/problem+json");
    assert_eq!(held.finish().await, 200);
    assert_eq!(get(host.address(), "good").await.status, 200);
}
