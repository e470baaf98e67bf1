//! What a request says of itself, and its body, within bounds.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use data_api_protocol::Failure;
use http::{HeaderMap, HeaderValue, Request, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::time::timeout;

/// The name by which a request is found again, in the log and at the client.
pub const REQUEST_ID: &str = "x-request-id";

/// The longest name of a request that is taken from a client.
const LONGEST: usize = 64;

/// The name that the client gave the request, or a new one.
pub fn request_id(headers: &HeaderMap) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        (1..=LONGEST).contains(&value.len()) && value.as_bytes().iter().all(harmless)
    };
    let given = headers.get(REQUEST_ID).filter(plain).cloned();
    given.unwrap_or_else(|| {
        let new = uuid::Uuid::new_v4().to_string();
        HeaderValue::try_from(new).unwrap_or(HeaderValue::from_static("-"))
    })
}

/// Refuses what a page of some website could have sent by a browser that stands on this machine.
pub fn refuse_pages(headers: &HeaderMap, is_open: bool) -> Result<(), Failure> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let media = text(header::CONTENT_TYPE).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !["application/json", "application/ejson"].contains(&media.to_ascii_lowercase().as_str()) {
        let message = "Content-Type has to be application/json or application/ejson";
        return Err(Failure::new(415, "InvalidParameter", message));
    }
    // By HTTP/2 the name stands in the address of the request alone, which only programs send in clear.
    if is_open && text(header::HOST).is_some_and(|host| !is_loopback(host)) {
        let message =
            "without credentials it answers at the name localhost or a loopback address only";
        return Err(Failure::new(403, "NoMatchingRuleFound", message));
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// The body of a request.
///
/// # Errors
/// One that is too large, does not come in time, or breaks off.
pub async fn body(
    request: Request<Incoming>,
    most: usize,
    time: Duration,
) -> Result<Bytes, Failure> {
    let too_large = || {
        let message = format!("the body is larger than {most} bytes");
        Failure::new(413, "InvalidParameter", message)
    };
    let told = request.headers().get(header::CONTENT_LENGTH);
    let told = told.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    match timeout(time, Limited::new(request.into_body(), most).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Failure::invalid("the body breaks off")),
        Err(_) => Err(Failure::new(
            408,
            "InvalidParameter",
            "the body did not come in time",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in [
            "localhost",
            "LOCALHOST:8090",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:8090",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "example.com",
            "localhost.example.com",
            "10.0.0.1:8090",
            "[::2]",
            "",
            "127.0.0.1.example.com:80",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
