//! Instances that serve one request after another, and what ends them.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use host::server::{Running, ServeOptions};
use support::{Application, GOOD, Held, Sent, WRITES, counted, get, told, value};

/// The instance's first request is answered, any other fails; nothing is left of either.
const FIRST: &str = "(call $at-most (i32.const 1))
    (call $drop-request (local.get $request)) (call $answer (local.get $out))";

/// The same, but the body is waited for.
const FIRST_WITH_BODY: &str = "(call $at-most (i32.const 1)) (call $await (local.get $request))
    (call $drop-request (local.get $request)) (call $answer (local.get $out))";

/// The statuses of requests without a body, one after another.
async fn statuses<const N: usize>(body: &str, options: ServeOptions) -> [u16; N] {
    let app = Application::new(&[("a", body)]);
    let host = app.serve(options).await;
    let mut statuses = [0; N];
    for status in &mut statuses {
        *status = get(host.address(), "a").await.status;
    }
    statuses
}

/// The statuses of requests with a body, one after another.
async fn statuses_with_body<const N: usize>(body: &str) -> [u16; N] {
    let app = Application::new(&[("a", body)]);
    let host = app.serve(ServeOptions::default()).await;
    let mut statuses = [0; N];
    for status in &mut statuses {
        *status = Sent::post(host.address(), "a").await.status().await;
    }
    statuses
}

#[tokio::test]
async fn an_instance_serves_again_until_it_fails() {
    let options = ServeOptions::default();
    assert_eq!(statuses(FIRST, options).await, [200, 500, 200, 500]);
}

#[tokio::test]
async fn an_instance_serves_as_many_requests_as_it_may() {
    for (requests, first) in [(1, 1), (2, 2), (5, 5)] {
        let options = ServeOptions {
            instance_requests: requests,
            ..ServeOptions::default()
        };
        let body = FIRST.replace("(i32.const 1)", &format!("(i32.const {first})"));
        assert_eq!(statuses(&body, options).await, [200; 11], "{requests}");
    }
}

#[tokio::test]
async fn an_instance_grows_no_older_than_it_may() {
    let options = ServeOptions {
        instance_age: Duration::ZERO,
        ..ServeOptions::default()
    };
    assert_eq!(statuses(FIRST, options).await, [200, 200]);
}

#[tokio::test]
async fn whatever_a_request_leaves_behind_ends_the_instance() {
    let littering = FIRST.replace("(call $drop-request (local.get $request))", "");
    let options = ServeOptions::default();
    assert_eq!(statuses(&littering, options).await, [200, 200]);
}

/// As a chain of components has it that send each other more than is buffered on the way.
#[tokio::test]
async fn large_bodies_go_through_a_chain_both_ways() {
    let feeds =
        "(call $feed) (call $drop-request (local.get $request)) (call $answer (local.get $out))";
    let swallows = "(call $swallow (local.get $request) (local.get $out))
        (call $drop-request (local.get $request))";
    let app = Application::new(&[("feeds", feeds), ("swallows", swallows)]);
    let host = app.serve(ServeOptions::default()).await;
    for _ in 0..3 {
        assert_eq!(get(host.address(), "feeds").await.status, 200);
    }
}

#[tokio::test]
async fn a_connection_to_the_store_is_kept() {
    let reads = format!("(call $read) {FIRST}");
    assert_eq!(statuses(&reads, ServeOptions::default()).await, [200, 500]);
}

#[tokio::test]
async fn a_body_left_unread_ends_the_instance() {
    assert_eq!(statuses_with_body(FIRST).await, [200, 200]);
    assert_eq!(statuses_with_body(FIRST_WITH_BODY).await, [200, 500]);
}

#[tokio::test]
async fn a_failure_after_the_answer_ends_the_instance() {
    // Its second request would end well.
    let fails = FIRST.replace("const 1", "const 2")
        + "(if (i32.eq (global.get $served) (i32.const 1)) (then unreachable))";
    assert_eq!(statuses(&fails, ServeOptions::default()).await, [500, 500]);
}

#[tokio::test]
async fn much_memory_ends_the_instance() {
    for (pages, second) in [(100, 500), (600, 200)] {
        let grows = format!("(drop (memory.grow (i32.const {pages}))) {FIRST}");
        let statuses = statuses(&grows, ServeOptions::default()).await;
        assert_eq!(statuses, [200, second], "{pages} pages");
    }
}

#[tokio::test]
async fn an_instance_that_is_over_time_is_ended() {
    let options = ServeOptions {
        time: Duration::from_millis(300),
        ..ServeOptions::default()
    };
    let stays = FIRST.replace(
        "(call $at-most (i32.const 1))",
        "(if (global.get $served) (then (loop $again (br $again)))) (call $at-most (i32.const 1))",
    );
    assert_eq!(statuses(&stays, options).await, [200, 500, 200]);
}

/// Its time is counted from the request, not from the instance's start.
#[tokio::test]
async fn every_request_has_its_own_time() {
    let time = Duration::from_millis(500);
    let writes = FIRST
        .replace("const 1", "const 9")
        .replace("(call $drop", "(call $write) (call $drop");
    let app = Application::new(&[("a", &writes)]);
    let host = app
        .serve(ServeOptions {
            time,
            ..ServeOptions::default()
        })
        .await;
    for _ in 0..2 {
        let held = Held::by(&app, &host, "a").await;
        // Long enough for a wait that has an end in the past to find that out.
        tokio::time::sleep(time / 10).await;
        assert_eq!(held.finish().await, 200);
        tokio::time::sleep(time).await;
    }
}

/// Waits until so many instances of a component wait, and gives how many have ended for a reason.
async fn ended(host: &Running, waiting: f64, reason: &str) -> f64 {
    let idle = "wasm_instances{component=\"a\",state=\"idle\"}";
    let mut now = told(host).await;
    while value(&now, idle) != waiting {
        tokio::time::sleep(Duration::from_millis(20)).await;
        now = told(host).await;
    }
    let ended = format!("wasm_instances_ended_total{{component=\"a\",reason=\"{reason}\"}}");
    value(&now, &ended)
}

#[tokio::test]
async fn an_instance_that_waits_ends_when_it_is_too_old() {
    let app = Application::new(&[("a", GOOD)]);
    let host = app
        .serve(ServeOptions {
            instance_age: Duration::from_secs(1),
            ..counted()
        })
        .await;
    assert_eq!(get(host.address(), "a").await.status, 200);
    assert_eq!(ended(&host, 1.0, "age").await, 0.0);
    assert_eq!(ended(&host, 0.0, "age").await, 1.0);
}

#[tokio::test]
async fn no_more_instances_wait_than_may() {
    let app = Application::new(&[("a", WRITES)]);
    let host = app
        .serve(ServeOptions {
            in_flight: 200,
            ..counted()
        })
        .await;
    let address = host.address();
    assert_eq!(Sent::post(address, "a").await.status().await, 200);
    let store = app.locked_store();
    let mut writers = Vec::new();
    for _ in 0..70 {
        writers.push(tokio::spawn(Sent::post(address, "a").await.status()));
    }
    while host.in_flight() < 70 {
        tokio::task::yield_now().await;
    }
    drop(store);
    for writer in writers {
        assert_eq!(writer.await.unwrap(), 200);
    }
    assert_eq!(ended(&host, 64.0, "surplus").await, 6.0);
}

#[tokio::test]
async fn instances_that_wait_do_not_hold_the_store() {
    let app = Application::new(&[("a", &format!("(call $read) {FIRST}"))]);
    for _ in 0..3 {
        let host = app.serve(ServeOptions::default()).await;
        assert_eq!(get(host.address(), "a").await.status, 200);
        host.stop().await;
    }
}
