//! Between Spin's HTTP types and the `http` crate's: requests coming in, and their answers.

use futures::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};
use spin_sdk::http::{Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};

use crate::{Problem, log};

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
    let announced = headers
        .get(http::header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(refused(Problem::too_large(limit), &path, headers));
    }
    let mut body = Vec::new();
    let mut stream = std::pin::pin!(request.into_body_stream());
    while let Some(chunk) = stream.next().await {
        let Ok(chunk) = chunk else {
            return Err(refused(
                Problem::bad_request("the body broke off"),
                &path,
                headers,
            ));
        };
        if body.len() + chunk.len() > limit {
            return Err(refused(Problem::too_large(limit), &path, headers));
        }
        body.extend(chunk);
    }
    let mut received = http::Request::new(body);
    *received.method_mut() = method;
    *received.uri_mut() = uri;
    *received.headers_mut() = headers;
    Ok(received)
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
    if outgoing.set_status_code(parts.status.as_u16()).is_err() {
        log::error("the answer's status was refused");
    }
    let mut sink = outgoing.take_body();
    out.set(outgoing);
    if !body.is_empty() && sink.send(body).await.is_err() {
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
