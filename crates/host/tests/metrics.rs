//! What is counted, as Prometheus reads it.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use host::server::ServeOptions;
use support::{Application, GOOD, TRAPS, WRITES, counted, get, told, value};

#[tokio::test]
async fn requests_are_counted_by_route_and_status_and_never_by_path() {
    let app = Application::new(&[("good", GOOD), ("traps", TRAPS)]);
    let host = app.serve(counted()).await;
    for path in [
        "good",
        "good",
        "good?a=b",
        "traps",
        "secret",
        "secret/1",
        ".well-known/spin/health",
    ] {
        get(host.address(), path).await;
    }
    let told = told(&host).await;
    for (component, route, status, requests) in [
        ("good", "/good", 200, 3.0),
        ("traps", "/traps", 500, 1.0),
        ("-", "-", 404, 2.0),
        ("-", "/.well-known/spin/health", 200, 1.0),
    ] {
        let way = format!("component=\"{component}\",route=\"{route}\"");
        let answered = format!("http_server_requests_total{{{way},status=\"{status}\"}}");
        assert_eq!(value(&told, &answered), requests);
        let took = |part: &str| {
            value(
                &told,
                &format!("http_server_request_duration_seconds_{part}{{{way}}}"),
            )
        };
        assert_eq!(took("count"), requests);
        assert!(took("sum") > 0.0);
    }
    assert!(!told.contains("secret"), "{told}");
}

#[tokio::test]
async fn instances_are_counted_by_what_became_of_them() {
    let app = Application::new(&[("good", GOOD), ("traps", TRAPS)]);
    let options = ServeOptions {
        instance_requests: 3,
        ..counted()
    };
    let host = app.serve(options).await;
    for path in ["good", "good", "good", "good", "traps"] {
        get(host.address(), path).await;
    }
    let told = told(&host).await;
    for (series, count) in [
        ("wasm_instances_made_total{component=\"good\"}", 2.0),
        ("wasm_instances_reused_total{component=\"good\"}", 2.0),
        (
            "wasm_instances_ended_total{component=\"good\",reason=\"requests\"}",
            1.0,
        ),
        (
            "wasm_instances_ended_total{component=\"good\",reason=\"failure\"}",
            0.0,
        ),
        (
            "wasm_instances_ended_total{component=\"traps\",reason=\"failure\"}",
            1.0,
        ),
        ("wasm_instances{component=\"good\",state=\"idle\"}", 1.0),
        ("wasm_instances{component=\"good\",state=\"working\"}", 0.0),
        ("wasm_instances{component=\"traps\",state=\"idle\"}", 0.0),
    ] {
        assert_eq!(value(&told, series), count, "{series}");
    }
}

#[tokio::test]
async fn metrics_are_told_when_no_request_finds_a_place() {
    let app = Application::new(&[("good", GOOD)]);
    let options = ServeOptions {
        in_flight: 0,
        ..counted()
    };
    let host = app.serve(options).await;
    assert_eq!(get(host.address(), "good").await.status, 503);
    let told = told(&host).await;
    let refused = r#"http_server_requests_total{component="good",route="/good",status="503"}"#;
    assert_eq!(value(&told, refused), 1.0);
    assert_eq!(value(&told, "http_server_request_places"), 0.0);
    assert_eq!(value(&told, "http_server_active_requests"), 0.0);
    assert_eq!(value(&told, "log_lines_dropped_total"), 0.0);
}

#[tokio::test]
async fn waits_for_the_store_are_counted() {
    let app = Application::new(&[("writes", WRITES)]);
    let host = app.serve(counted()).await;
    let address = host.address();
    assert_eq!(get(address, "writes").await.status, 200);
    let elsewhere = rusqlite::Connection::open(app.state().join("sqlite_db.db")).unwrap();
    elsewhere.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writer = tokio::spawn(async move { get(address, "writes").await.status });
    let mut now = told(&host).await;
    while value(&now, "sqlite_waiting") == 0.0 {
        assert!(!writer.is_finished(), "{now}");
        tokio::time::sleep(Duration::from_millis(5)).await;
        now = told(&host).await;
    }
    assert!(value(&now, "http_server_connections") >= 1.0);
    assert_eq!(value(&now, "http_server_active_requests"), 1.0);
    elsewhere.execute_batch("ROLLBACK").unwrap();
    assert_eq!(writer.await.unwrap(), 200);
    let then = told(&host).await;
    assert!(value(&then, "sqlite_waits_total") >= 1.0);
    assert!(value(&then, "sqlite_wait_seconds_total") > 0.0);
    assert_eq!(value(&then, "sqlite_waiting"), 0.0);
    assert_eq!(value(&then, "sqlite_busy_total"), 0.0);
}

#[tokio::test]
async fn there_are_no_metrics_but_where_they_are_asked_for() {
    let app = Application::new(&[("good", GOOD)]);
    let host = app.serve(ServeOptions::default()).await;
    assert_eq!(host.metrics(), None);
    assert_eq!(get(host.address(), "metrics").await.status, 404);
    host.stop().await;
    let host = app.serve(counted()).await;
    let address = host.metrics().unwrap();
    assert_eq!(get(address, "").await.status, 404);
    let taken = app
        .refusal(ServeOptions {
            metrics: Some(address),
            ..ServeOptions::default()
        })
        .await;
    assert!(taken.contains("--metrics"), "{taken}");
}
