//! What HTTP asks of every request and answer, beyond what hyper sees to.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Version, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Body;
use wasmtime_wasi_http::WasiBody;

/// Whether a request leaves no doubt of whom it is for and where it ends (RFC 9112, 3.2 and 6.1).
///
/// # Errors
/// What is to be put right.
pub fn check<B>(request: &Request<B>) -> Result<(), &'static str> {
    if request.version() != Version::HTTP_11 {
        return Ok(());
    }
    let headers = request.headers();
    if headers.get_all(header::HOST).iter().count() != 1 {
        return Err("send one Host header");
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(only), None) if chunked(only) => Ok(()),
        _ => Err("send the body as it is, or with Transfer-Encoding: chunked and no other coding"),
    }
}

/// The answer to a HEAD: all but the body, whose length it tells (RFC 9110, 9.3.2).
pub fn without_body(response: Response<WasiBody>) -> Response<WasiBody> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        let headers = &mut parts.headers;
        headers
            .entry(header::CONTENT_LENGTH)
            .or_insert(length.into());
    }
    let nothing = Empty::<Bytes>::new().map_err(|never| match never {});
    Response::from_parts(parts, nothing.boxed_unsync())
}
