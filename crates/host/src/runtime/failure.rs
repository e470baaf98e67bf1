//! What a client gets when a component gives no answer.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use wasmtime_wasi_http::WasiBody;

use super::{Failure, Origin};
use crate::logs;

/// Of a component, or the host, that has failed.
pub const FAILED: &str = "something went wrong on our side";

/// Of a component that was over time.
pub const LATE: &str = "the answer took too long";

/// What there is to tell in place of a component's answer; the log says why.
pub fn told(
    failure: &Failure,
    component: &str,
    path: &str,
    origin: &Origin,
) -> (StatusCode, &'static str) {
    match failure {
        Failure::Trap(reason) => {
            logs::trap(component, path, &origin.request_id, reason);
            (StatusCode::INTERNAL_SERVER_ERROR, FAILED)
        }
        Failure::Time(limit) => {
            logs::trap(
                component,
                path,
                &origin.request_id,
                &format!("it took longer than {limit:?}"),
            );
            (StatusCode::INTERNAL_SERVER_ERROR, LATE)
        }
        Failure::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            "too many requests at once; try again",
        ),
    }
}

/// A problem of the host's own, as RFC 9457 has it.
pub fn problem(
    status: StatusCode,
    detail: &str,
    path: &str,
    request_id: &str,
) -> Response<WasiBody> {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
        "instance": path,
    });
    let body = Full::new(Bytes::from(body.to_string()))
        .map_err(|never| match never {})
        .boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
    response
}
