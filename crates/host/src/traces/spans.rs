//! What is told of requests, under the names and with the attributes that Spin has, and how a trace goes on from one program to
//! the next.
//!
//! Sources: Spin's crates `trigger-http` and `factor-outbound-http`; OpenTelemetry's semantic conventions for HTTP; W3C Trace Context.
//! The query of an address is left out: it may hold what nobody but the client is to see.

use std::{fmt::Display, net::SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use opentelemetry::{
    propagation::{Extractor, Injector, TextMapPropagator as _},
    trace::TraceContextExt as _,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::metrics::NONE;

/// The span of a request from outside, in the client's own trace where it has one.
pub fn request<B>(request: &Request<B>, client: SocketAddr) -> Span {
    let span = info_span!(
        "spin_trigger_http.handle_http_request",
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %request.method(),
        http.response.status_code = Empty,
        http.route = Empty,
        network.peer.address = %client.ip(),
        network.peer.port = client.port(),
        network.protocol.name = "http",
        url.path = request.uri().path(),
        url.scheme = request.uri().scheme_str().unwrap_or("http"),
        client.address = forwarded(request.headers()),
    );
    if !span.is_disabled() {
        let parent = TraceContextPropagator::new().extract(&Carrier(request.headers()));
        // It fails only for a span that has begun already.
        let _ = span.set_parent(parent);
    }
    span
}

/// Tells the span of the request that is served of its answer.
pub fn answered(method: &Method, route: &str, status: StatusCode) {
    let span = Span::current();
    if span.is_disabled() {
        return;
    }
    // Its name as a field counts only before it begins.
    let context = span.context();
    if route == NONE {
        context.span().update_name(method.to_string());
    } else {
        context.span().update_name(format!("{method} {route}"));
        span.record("http.route", route);
    }
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of a request that a component sends, which carries the trace on.
pub fn outbound<B>(request: &mut Request<B>) -> Span {
    let span = info_span!(
        "spin_outbound_http.send_request",
        otel.kind = "client",
        otel.name = %request.method(),
        otel.status_code = Empty,
        error.type = Empty,
        http.request.method = %request.method(),
        http.response.status_code = Empty,
        server.address = request.uri().host().unwrap_or_default(),
        server.port = request.uri().port_u16(),
        url.full = %without_query(request.uri()),
    );
    if !span.is_disabled() {
        let mut carrier = Carrier(request.headers_mut());
        TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    }
    span
}

/// Tells the span of a sent request of the answer to it.
pub fn responded(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_client_error() || status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// Tells the span of a sent request that there is no answer.
pub fn failed(span: &Span, error: &impl Display) {
    span.record("error.type", error.to_string());
    span.record("otel.status_code", "ERROR");
}

fn forwarded(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-forwarded-for")?.to_str().ok()
}

fn without_query(uri: &Uri) -> String {
    let uri = uri.to_string();
    uri.split('?').next().unwrap_or_default().to_owned()
}

/// Headers that carry a trace.
struct Carrier<H>(H);

impl Extractor for Carrier<&HeaderMap> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

impl Injector for Carrier<&mut HeaderMap> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (key.parse::<HeaderName>(), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}
