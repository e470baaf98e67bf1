//! Between Spin's HTTP types and the `http` crate's: requests coming in, and their answers.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header::CONTENT_LENGTH,
};
use spin_sdk::http::{Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};

use crate::{
    Problem,
    body::{self, Unread},
    log,
};

/// A request that is answered without being looked at any further.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub problem: Problem,
    /// The path it was for.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
}

/// Reads a request, its body up to a limit in bytes. Nothing a client sends can make this panic.
///
/// # Errors
/// 413 for a larger body, 400 for a request that is no HTTP, or that breaks off.
pub async fn receive(
    request: IncomingRequest,
    limit: usize,
) -> Result<http::Request<Vec<u8>>, Refused> {
    let headers = header_map(request.headers().entries());
    let path = request.path_with_query().unwrap_or_default();
    let refused = |problem, path: &str, headers| Refused {
        problem,
        path: path.split('?').next().unwrap_or_default().to_owned(),
        headers,
    };
    let Ok(uri) = path.parse::<Uri>() else {
        return Err(refused(
            Problem::bad_request("the path is not valid"),
            &path,
            headers,
        ));
    };
    let Ok(method) = Method::from_bytes(request.method().to_string().as_bytes()) else {
        return Err(refused(
            Problem::bad_request("the method is not valid"),
            &path,
            headers,
        ));
    };
    let body = if matches!(method, Method::GET | Method::HEAD) {
        // A body means nothing here (RFC 9110, 9.3.1), and to look for one costs as much as to read it.
        Vec::new()
    } else {
        match body_of(&request, length(&headers), limit).await {
            Ok(body) => body,
            Err(problem) => return Err(refused(problem, &path, headers)),
        }
    };
    let mut received = http::Request::new(body);
    *received.method_mut() = method;
    *received.uri_mut() = uri;
    *received.headers_mut() = headers;
    Ok(received)
}

async fn body_of(
    request: &IncomingRequest,
    length: Option<u64>,
    limit: usize,
) -> Result<Vec<u8>, Problem> {
    if length.is_some_and(|length| length > limit as u64) {
        return Err(Problem::too_large(limit));
    }
    let broken_off = || Problem::bad_request("the body broke off");
    let body = request.consume().map_err(|()| broken_off())?;
    body::read(body, length, limit)
        .await
        .map_err(|why| match why {
            Unread::TooLarge => Problem::too_large(limit),
            Unread::BrokenOff => broken_off(),
        })
}

/// The announced length of a body, in bytes.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Sends the answer.
pub async fn respond(out: ResponseOutparam, response: Response<Vec<u8>>) {
    let (parts, body) = response.into_parts();
    let entries: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    let headers = Fields::from_list(&entries).unwrap_or_else(|error| {
        log::error(&format!("the answer's headers were refused: {error}"));
        Fields::new()
    });
    let outgoing = OutgoingResponse::new(headers);
    // 200 is what it is unless told otherwise.
    if parts.status != StatusCode::OK && outgoing.set_status_code(parts.status.as_u16()).is_err() {
        log::error("the answer's status was refused");
    }
    let written = outgoing.body();
    out.set(outgoing);
    if let Ok(sink) = written
        && body::write(sink, &body).await.is_err()
    {
        log::warn("the client went away before the answer was sent");
    }
}

/// Headers as they came; what is no header is left out.
pub(crate) fn header_map(entries: Vec<(String, Vec<u8>)>) -> HeaderMap {
    entries
        .into_iter()
        .filter_map(|(name, value)| {
            Some((
                HeaderName::from_bytes(name.as_bytes()).ok()?,
                HeaderValue::from_bytes(&value).ok()?,
            ))
        })
        .fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        })
}
