//! Requests coming in, and their answers.

use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, response::Parts};
use http_body::Body;
use spin_sdk::http::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

use crate::{
    body::{self, Unread},
    headers, log,
};

/// A request that is answered without being looked at any further.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub reason: Reason,
    /// The path it was for.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
}

/// Why a request was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// What stands for its path is none.
    #[error("the path is not valid")]
    Path,
    /// What stands for its method is none.
    #[error("the method is not valid")]
    Method,
    /// Whoever sent it stopped in the middle.
    #[error("the body broke off")]
    BrokenOff,
    /// Its body is longer than so many bytes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
}

impl Reason {
    /// The HTTP status that says so.
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Path | Self::Method | Self::BrokenOff => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a request, its body up to a limit in bytes. Nothing a client sends can make this panic.
pub async fn receive(request: IncomingRequest, limit: usize) -> Result<Request<Vec<u8>>, Refused> {
    let headers = headers::read(&request.headers());
    let path = request.path_with_query().unwrap_or_default();
    match read(&request, &path, &headers, limit).await {
        Ok(mut received) => {
            *received.headers_mut() = headers;
            Ok(received)
        }
        Err(reason) => Err(Refused {
            reason,
            path: path.split('?').next().unwrap_or_default().to_owned(),
            headers,
        }),
    }
}

/// Begins to read a request whose answer does not wait for its end. Its body comes piece by piece.
pub fn open(
    request: &IncomingRequest,
) -> Result<Request<impl Stream<Item = Result<Bytes, Reason>> + use<>>, Reason> {
    let body = request.consume().map_err(|()| Reason::BrokenOff)?;
    let mut opened = Request::new(body::pieces(body).map_err(|_| Reason::BrokenOff));
    *opened.headers_mut() = headers::read(&request.headers());
    *opened.method_mut() = method(request)?;
    let path = request.path_with_query().unwrap_or_default();
    *opened.uri_mut() = path.parse().map_err(|_| Reason::Path)?;
    Ok(opened)
}

async fn read(
    request: &IncomingRequest,
    path: &str,
    headers: &HeaderMap,
    limit: usize,
) -> Result<Request<Vec<u8>>, Reason> {
    let uri: Uri = path.parse().map_err(|_| Reason::Path)?;
    let method = method(request)?;
    let body = if matches!(method, Method::GET | Method::HEAD) {
        // A body means nothing here (RFC 9110, 9.3.1), and to look for one costs as much as to read it.
        Vec::new()
    } else {
        body_of(request, headers::length(headers), limit).await?
    };
    let mut received = Request::new(body);
    *received.method_mut() = method;
    *received.uri_mut() = uri;
    Ok(received)
}

fn method(request: &IncomingRequest) -> Result<Method, Reason> {
    Method::from_bytes(request.method().to_string().as_bytes()).map_err(|_| Reason::Method)
}

async fn body_of(
    request: &IncomingRequest,
    length: Option<u64>,
    limit: usize,
) -> Result<Vec<u8>, Reason> {
    if length.is_some_and(|length| length > limit as u64) {
        return Err(Reason::TooLarge(limit));
    }
    let body = request.consume().map_err(|()| Reason::BrokenOff)?;
    body::read(body, length, limit)
        .await
        .map_err(|why| match why {
            Unread::TooLarge => Reason::TooLarge(limit),
            Unread::BrokenOff => Reason::BrokenOff,
        })
}

/// Sends the answer.
pub async fn respond(out: ResponseOutparam, response: Response<Vec<u8>>) {
    let (parts, body) = response.into_parts();
    if let Some(sink) = begin(out, &parts)
        && body::write(sink, &body).await.is_err()
    {
        log::warn("the client went away before the answer was sent");
    }
}

/// Sends an answer piece by piece, as its body makes it, and its trailers. Whoever does not wait for the end is in their right.
pub async fn stream(out: ResponseOutparam, response: Response<impl Body<Data = Bytes>>) {
    let (parts, body) = response.into_parts();
    if body.is_end_stream() {
        // Of a body that is asked for, hosts don't know that it has nothing, and then the headers don't end the answer, as a status of
        // gRPC in them has to.
        return out.set(head(&parts));
    }
    if let Some(sink) = begin(out, &parts) {
        let _ = body::write_frames(sink, body).await;
    }
}

/// Sends an answer's status and headers, before its body.
fn begin(out: ResponseOutparam, parts: &Parts) -> Option<OutgoingBody> {
    let outgoing = head(parts);
    let sink = outgoing.body();
    out.set(outgoing);
    sink.ok()
}

fn head(parts: &Parts) -> OutgoingResponse {
    let headers = Fields::from_list(&headers::written(&parts.headers)).unwrap_or_else(|error| {
        log::error(&format!("the answer's headers were refused: {error}"));
        Fields::new()
    });
    let outgoing = OutgoingResponse::new(headers);
    // 200 is what it is unless told otherwise.
    if parts.status != StatusCode::OK && outgoing.set_status_code(parts.status.as_u16()).is_err() {
        log::error("the answer's status was refused");
    }
    outgoing
}
