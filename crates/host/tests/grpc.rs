//! Calls of gRPC.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use bytes::Bytes;
use host::server::{Running, ServeOptions};
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper::body::{Body as _, Frame};
use support::{
    Application, GOOD, LOOPS, TRAPS,
    calls::{Client, data, message, next, rest},
    counted, has_a_place, is_free, told, value,
};

/// Answers with what it is sent, as it comes, to the trailers.
const ECHOES: &str = "(call $echo (local.get $request) (local.get $out))";

/// Begins its answer, waits for the end of the request, and fails.
const FAILS_LATER: &str =
    "(call $answer (local.get $out)) (call $await (local.get $request)) unreachable";

/// Begins its answer, and works for ever.
const WORKS_ON: &str = "(call $answer (local.get $out)) (loop $again (br $again))";

/// Options with which nothing is ever over time.
fn patient() -> ServeOptions {
    ServeOptions {
        time: Duration::from_secs(3600),
        ..counted()
    }
}

fn code(headers: &HeaderMap) -> &str {
    headers["grpc-status"].to_str().unwrap()
}

#[tokio::test]
async fn messages_and_trailers_go_both_ways_as_they_come() {
    let app = Application::new(&[("echoes", ECHOES)]);
    let host = app.serve(patient()).await;
    let client = Client::new(host.address()).await;
    for _ in 0..3 {
        let (messages, mut answer) = client.call("echoes", "one").await;
        assert_eq!(data(answer.body_mut()).await, message("one"));
        messages.send(Frame::data(message("two"))).unwrap();
        assert_eq!(data(answer.body_mut()).await, message("two"));
        assert_eq!(host.in_flight(), 1);
        let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), 0.into())]);
        messages.send(Frame::trailers(trailers.clone())).unwrap();
        let came = next(answer.body_mut()).await.into_trailers().unwrap();
        assert_eq!(came, trailers);
        // Whoever has the whole answer finds its place free.
        assert_eq!(host.in_flight(), 0);
    }
    let ended = "wasm_instances_ended_total{component=\"echoes\",reason=\"failure\"}";
    assert_eq!(value(&told(&host).await, ended), 0.0);
}

#[tokio::test]
async fn an_answer_may_be_a_head_alone() {
    let app = Application::new(&[("good", GOOD)]);
    let host = app.serve(patient()).await;
    let (_messages, answer) = Client::new(host.address()).await.call("good", "").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.body().is_end_stream());
}

#[tokio::test]
async fn all_messages_together_have_an_end() {
    let app = Application::new(&[("echoes", ECHOES)]);
    let options = ServeOptions {
        body: 10,
        ..patient()
    };
    let host = app.serve(options).await;
    let client = Client::new(host.address()).await;
    let (messages, answer) = client.call("echoes", "one").await;
    messages.send(Frame::data(message("two"))).unwrap();
    assert_eq!(rest(answer.into_body()).await, (message("one"), None));
}

#[tokio::test]
async fn as_many_streams_of_one_connection_are_served_at_once_as_an_address_has_places() {
    let app = Application::new(&[("echoes", ECHOES)]);
    let host = app.serve(ServeOptions::default()).await;
    let client = Client::new(host.address()).await;
    let mut calls = Vec::new();
    for _ in 0..64 {
        let (messages, mut answer) = client.call("echoes", "a").await;
        assert_eq!(data(answer.body_mut()).await, message("a"));
        calls.push((messages, answer));
    }
    assert_eq!(host.in_flight(), 64);
    let head = refusal(&client, "echoes", message("a")).await;
    assert_eq!(
        (code(&head), &head["retry-after"]),
        ("14", &HeaderValue::from(1))
    );
    for (messages, answer) in calls {
        drop(messages);
        assert_eq!(rest(answer.into_body()).await, (Bytes::new(), None));
    }
}

/// Waits until the only call has ended because its client has gone, and never by itself.
async fn has_ended(host: &Running) {
    is_free(host).await;
    let ended = "wasm_instances_ended_total{component=\"a\",reason=\"failure\"}";
    assert_eq!(value(&told(host).await, ended), 1.0);
}

#[tokio::test]
async fn a_call_that_is_cancelled_before_its_answer_ends() {
    let app = Application::new(&[("a", LOOPS)]);
    let host = app.serve(patient()).await;
    let client = Client::new(host.address()).await;
    tokio::select! {
        _ = client.call("a", "") => panic!("it answers"),
        () = has_a_place(&host) => {}
    }
    has_ended(&host).await;
}

#[tokio::test]
async fn a_call_that_is_cancelled_within_its_answer_ends() {
    for hang_up in [false, true] {
        let app = Application::new(&[("a", WORKS_ON)]);
        let host = app.serve(patient()).await;
        let client = Client::new(host.address()).await;
        let call = client.call("a", "").await;
        assert_eq!(host.in_flight(), 1);
        if hang_up {
            client.hang_up();
        } else {
            drop(call);
        }
        has_ended(&host).await;
    }
}

/// The head of the host's own answer to a call.
async fn refusal(client: &Client, component: &str, beginning: Bytes) -> HeaderMap {
    let kind = "application/grpc+proto";
    let (_messages, answer) = client.post(component, kind, beginning).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/grpc");
    assert!(answer.body().is_end_stream());
    answer.headers().clone()
}

#[tokio::test]
async fn what_the_host_refuses_has_a_status_of_grpc() {
    let app = Application::new(&[("good", GOOD), ("traps", TRAPS), ("loops", LOOPS)]);
    let host = app
        .serve(ServeOptions {
            time: Duration::from_millis(300),
            body: 1000,
            body_time: Duration::from_millis(600),
            limited: vec!["POST /good".parse().unwrap()],
            rate: 1,
            ..counted()
        })
        .await;
    let client = Client::new(host.address()).await;
    let whole = message("");
    for (component, beginning, expected, detail) in [
        ("nowhere", &whole, "12", "there is no such route"),
        ("traps", &whole, "13", "something went wrong on our side"),
        ("loops", &whole, "4", "the answer took too long"),
        (
            "traps",
            &message(&"x".repeat(2000)),
            "8",
            "the body is larger than 1000 bytes",
        ),
        (
            "traps",
            &whole.slice(..4),
            "4",
            "the body did not arrive in time; send it again, faster",
        ),
    ] {
        let head = refusal(&client, component, beginning.clone()).await;
        assert_eq!(code(&head), expected, "{head:?}");
        assert_eq!(head["grpc-message"], detail);
    }
    client.call("good", "").await;
    let limited = refusal(&client, "good", whole.clone()).await;
    assert_eq!(code(&limited), "8");
    assert!(limited.contains_key("retry-after"), "{limited:?}");
    // What the status would be without gRPC.
    let told = told(&host).await;
    let counted = "http_server_requests_total{component=\"loops\",route=\"/loops\",status=\"504\"}";
    assert_eq!(value(&told, counted), 1.0);

    let (_messages, web) = client.post("nowhere", "application/grpc-web", whole).await;
    assert_eq!(web.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_failure_within_the_answer_is_told_at_its_end() {
    let app = Application::new(&[("fails", FAILS_LATER), ("works", WORKS_ON)]);
    let host = app
        .serve(ServeOptions {
            time: Duration::from_secs(2),
            ..ServeOptions::default()
        })
        .await;
    let client = Client::new(host.address()).await;
    for (component, expected) in [("fails", "13"), ("works", "4")] {
        let (messages, answer) = client.call(component, "").await;
        assert_eq!(answer.status(), StatusCode::OK);
        drop(messages);
        let (_, trailers) = rest(answer.into_body()).await;
        assert_eq!(code(&trailers.unwrap()), expected, "{component}");
    }
}
