//! What a collector is told of requests: traces of OpenTelemetry, under the names that Spin has.

use std::time::Duration;

use cinema_tests::{DataApi, Fake, Host, Way};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message as _;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A collector that takes whatever is sent.
fn collector() -> Fake {
    Fake::start(|| Box::new(|_| (200, Vec::new())))
}

/// A host that sends its traces there, without delay.
fn traced(collector: &str, variables: &[(&str, &str)]) -> Option<Host> {
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
        ("OTEL_SERVICE_NAME", "matinee"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    Host::start_within(&environment, variables)
}

/// The spans of the caller's trace that a collector was sent, which all came from the service that was named.
fn spans(collector: &Fake) -> Vec<Span> {
    let mut spans = Vec::new();
    for seen in collector.seen() {
        assert_eq!(
            (seen.method.as_str(), seen.path.as_str()),
            ("POST", "/v1/traces")
        );
        let sent = ExportTraceServiceRequest::decode(seen.body.as_slice()).unwrap();
        for resource in sent.resource_spans {
            let attributes = &resource.resource.unwrap().attributes;
            assert_eq!(text(attributes, "service.name"), "matinee");
            spans.extend(
                resource
                    .scope_spans
                    .into_iter()
                    .flat_map(|scope| scope.spans),
            );
        }
    }
    spans.retain(|span| hex::encode(&span.trace_id) == TRACE);
    spans
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.clone()?.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{key} is {other:?} in {attributes:?}"),
    }
}

/// The one span of this name whose parent is this one.
fn child<'a>(spans: &'a [Span], name: &str, parent: &str) -> &'a Span {
    let is_it = |span: &&Span| span.name == name && hex::encode(&span.parent_span_id) == parent;
    let found: Vec<_> = spans.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{name} under {parent}: {spans:#?}");
    found[0]
}

#[tokio::test]
async fn a_request_is_one_trace_from_its_client_to_the_store() {
    let collector = collector();
    let Some(mut host) = traced(&collector.url(), &[]) else {
        return;
    };
    let cinema = host.api();
    for (path, flags) in [("/movies?title=secret&limit=1", "01"), ("/movies", "00")] {
        let request = cinema
            .request("GET", path)
            .header("traceparent", format!("00-{TRACE}-{PARENT}-{flags}"));
        cinema.send(request).await.expect(200);
    }
    // What it has left is sent at its stop.
    assert!(host.stop("TERM").success());
    let spans = spans(&collector);
    assert!(!format!("{spans:?}").contains("secret"));

    // The other request's client did not want it traced.
    let served = child(&spans, "GET /movies/...", PARENT);
    assert_eq!(served.kind(), SpanKind::Server);
    assert_eq!(text(&served.attributes, "http.route"), "/movies/...");
    assert_eq!(text(&served.attributes, "url.path"), "/movies");
    assert_eq!(text(&served.attributes, "http.response.status_code"), "200");
    let movies = child(
        &spans,
        "execute_wasm_component movies",
        &hex::encode(&served.span_id),
    );
    let sent = spans
        .iter()
        .find(|span| span.kind() == SpanKind::Client && span.name == "POST")
        .unwrap();
    assert_eq!(sent.parent_span_id, movies.span_id);
    assert_eq!(text(&sent.attributes, "http.response.status_code"), "200");
    let url = text(&sent.attributes, "url.full");
    assert!(url.starts_with("http://data-api.spin.internal/"), "{url}");
    let store = child(
        &spans,
        "execute_wasm_component data-api",
        &hex::encode(&sent.span_id),
    );
    assert!(
        spans
            .iter()
            .any(|span| span.name == "spin_sqlite.execute" && span.parent_span_id == store.span_id)
    );
}

#[tokio::test]
async fn other_programs_carry_the_trace_on_from_the_span_that_sent() {
    let (collector, storage) = (collector(), DataApi::start());
    let Some(mut host) = traced(&collector.url(), &[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let film = cinema.film("Traced", "Traced", 7.0).await;
    storage.seen();
    let request = cinema
        .request("GET", &format!("/movies/{film}"))
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    cinema.send(request).await.expect(200);
    let seen = storage.seen();
    assert!(host.stop("TERM").success());
    let spans = spans(&collector);
    assert!(!seen.is_empty());
    for seen in seen {
        let parent = seen.headers["traceparent"].to_str().unwrap();
        let sent = spans
            .iter()
            .find(|span| parent == format!("00-{TRACE}-{}-01", hex::encode(&span.span_id)));
        assert_eq!(sent.unwrap().kind(), SpanKind::Client, "{parent}");
    }
}

#[tokio::test]
async fn a_collector_that_takes_nothing_holds_up_neither_requests_nor_a_stop() {
    let slow = collector();
    slow.always(Way::Slow(Duration::from_secs(600)));
    for (collector, is_told) in [("http://127.0.0.1:1".to_owned(), true), (slow.url(), false)] {
        let Some(mut host) = traced(&collector, &[]) else {
            return;
        };
        let cinema = host.api();
        let told = |host: &Host| {
            let lines = host.logs().since(0);
            lines
                .iter()
                .filter(|line| line.contains("traces are lost"))
                .count()
        };
        for _ in 0..100 {
            cinema.get("/movies?limit=1").await.expect(200);
        }
        while is_told && told(&host) == 0 {
            cinema.get("/movies?limit=1").await.expect(200);
        }
        assert!(host.stop("TERM").success());
        assert!(told(&host) <= 1, "{:?}", host.logs().since(0));
    }
}
