//! What gRPC asks of a host, beyond HTTP.
//!
//! Source: gRPC over HTTP2 (`PROTOCOL-HTTP2.md` of grpc/grpc).

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Empty};
use wasmtime_wasi_http::WasiBody;

/// Whether a request with these headers is a call; gRPC-Web is none, but plain HTTP.
pub fn is_call(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let format = kind.and_then(|kind| kind.strip_prefix(b"application/grpc"));
    format.is_some_and(|format| matches!(format, [] | [b'+' | b';', ..]))
}

/// Whether a body that begins so has its first message whole.
pub fn has_message(body: &[u8]) -> bool {
    let head = body.split_first_chunk::<5>();
    head.is_some_and(|(&[_compressed, a, b, c, d], rest)| {
        rest.len() as u64 >= u32::from_be_bytes([a, b, c, d]).into()
    })
}

/// How a call ends that, were it plain HTTP, would be told this status.
pub fn end(http: StatusCode, detail: &str) -> HeaderMap {
    let status = match http {
        // DEADLINE_EXCEEDED
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => 4,
        // RESOURCE_EXHAUSTED
        StatusCode::TOO_MANY_REQUESTS | StatusCode::PAYLOAD_TOO_LARGE => 8,
        // UNIMPLEMENTED
        StatusCode::NOT_FOUND => 12,
        // UNAVAILABLE
        StatusCode::SERVICE_UNAVAILABLE => 14,
        // INTERNAL
        _ => 13,
    };
    let mut end = HeaderMap::new();
    end.insert(HeaderName::from_static("grpc-status"), status.into());
    if let Ok(message) = HeaderValue::from_str(&encoded(detail)) {
        end.insert(HeaderName::from_static("grpc-message"), message);
    }
    end
}

/// The same as a problem of the host's own, but as a call is told: its end in the head, and no body.
pub fn refused(problem: Response<WasiBody>, detail: &str) -> Response<WasiBody> {
    let (mut parts, _) = problem.into_parts();
    parts.headers.extend(end(parts.status, detail));
    let kind = HeaderValue::from_static("application/grpc");
    parts.headers.insert(CONTENT_TYPE, kind);
    parts.status = StatusCode::OK;
    let nothing = Empty::new().map_err(|never| match never {});
    Response::from_parts(parts, nothing.boxed_unsync())
}

/// A text as a header has it.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'%' => "%25".to_owned(),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_by_its_type() {
        for (kind, is) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web+proto", false),
            ("application/json", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
            assert_eq!(is_call(&headers), is, "{kind}");
        }
        assert!(!is_call(&HeaderMap::new()));
    }

    #[test]
    fn a_message_is_there_with_its_last_byte() {
        let body = [0, 0, 0, 0, 2, b'a', b'b', 0];
        let whole: Vec<_> = (0..=8).filter(|&end| has_message(&body[..end])).collect();
        assert_eq!(whole, [7, 8]);
        assert!(!has_message(&[0, 255, 255, 255, 255, 0]));
    }

    #[test]
    fn a_message_to_the_client_is_encoded() {
        assert_eq!(encoded("100 % für\n"), "100 %25 f%C3%BCr%0A");
    }
}
