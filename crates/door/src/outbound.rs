//! Requests going out, over wasi:http, with a bound on how long they may take.

use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use spin_sdk::{
    http::{ErrorCode, Fields, IncomingResponse, OutgoingRequest, Scheme},
    wit::wasi::http0_2_0::{outgoing_handler, types::FutureIncomingResponse},
};

use crate::{
    body::{self, Unread},
    headers, time,
    trace::{self, Trace},
    transport::{Transport, TransportError},
    wait,
};

/// The largest answer that is read, in bytes: a page of the largest documents there are would not fit an instance.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// The way out of a component. What it sends carries the trace of the request being served.
#[derive(Debug, Clone)]
pub struct Outbound {
    trace: Trace,
    token: Option<String>,
}

impl Outbound {
    /// The way out for the request that `trace` identifies.
    pub fn new(trace: Trace) -> Self {
        Self { trace, token: None }
    }

    /// With the caller's token, for those who ask whose request it is: other services, never storage.
    pub fn on_behalf(self, token: Option<String>) -> Self {
        Self { token, ..self }
    }

    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let (parts, body) = request.into_parts();
        let mut entries = headers::written(&parts.headers);
        entries.extend(
            self.trace
                .headers()
                .map(|(name, value)| (name.to_owned(), value.into())),
        );
        entries.extend(self.token.as_ref().map(|token| {
            (
                "authorization".to_owned(),
                format!("Bearer {token}").into_bytes(),
            )
        }));
        let headers = Fields::from_list(&entries)
            .map_err(|error| TransportError::Other(error.to_string()))?;
        let outgoing = OutgoingRequest::new(headers);
        let scheme = if parts.uri.scheme_str() == Some("https") {
            Scheme::Https
        } else {
            Scheme::Http
        };
        let path = parts.uri.path_and_query().map(|path| path.as_str());
        outgoing
            .set_method(&method(&parts.method))
            .and_then(|()| outgoing.set_scheme(Some(&scheme)))
            .and_then(|()| {
                outgoing.set_authority(parts.uri.authority().map(|authority| authority.as_str()))
            })
            .and_then(|()| outgoing.set_path_with_query(path))
            .map_err(|()| TransportError::Other("the address is not valid".into()))?;
        let sink = outgoing
            .body()
            .map_err(|()| TransportError::Other("the request can have no body".into()))?;
        let answer = outgoing_handler::handle(outgoing, None).map_err(|code| failure(&code))?;
        // Whoever does not want to hear all may well have answered.
        let _ = body::write(sink, &body).await;
        read(answered(&answer).await?).await
    }
}

impl Transport for Outbound {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let answer = time::within(timeout, self.exchange(request)).await;
        answer.unwrap_or(Err(TransportError::Timeout))
    }

    async fn sleep(&self, duration: Duration) {
        time::sleep(duration).await;
    }

    fn elapsed(&self) -> Duration {
        time::elapsed()
    }

    fn random(&self) -> f64 {
        f64::from(u32::from_le_bytes(trace::random())) / (f64::from(u32::MAX) + 1.0)
    }
}

async fn answered(answer: &FutureIncomingResponse) -> Result<IncomingResponse, TransportError> {
    loop {
        wait::ready(answer.subscribe()).await;
        match answer.get() {
            Some(Ok(Ok(response))) => return Ok(response),
            Some(Ok(Err(code))) => return Err(failure(&code)),
            Some(Err(())) => {
                return Err(TransportError::Other("the answer was taken already".into()));
            }
            None => {}
        }
    }
}

async fn read(response: IncomingResponse) -> Result<Response<Vec<u8>>, TransportError> {
    let broken = |what: String| TransportError::Other(what);
    let status =
        StatusCode::from_u16(response.status()).map_err(|error| broken(error.to_string()))?;
    let headers = headers::read(&response.headers());
    let broken_off = || broken("the answer broke off".into());
    let body = response.consume().map_err(|()| broken_off())?;
    let body = body::read(body, headers::length(&headers), ANSWER_LIMIT)
        .await
        .map_err(|why| match why {
            Unread::TooLarge => broken(format!("the answer is larger than {ANSWER_LIMIT} bytes")),
            Unread::BrokenOff => broken_off(),
        })?;
    let mut received = Response::new(body);
    *received.status_mut() = status;
    *received.headers_mut() = headers;
    Ok(received)
}

fn failure(code: &ErrorCode) -> TransportError {
    match code {
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::HttpRequestDenied => TransportError::Connect(code.to_string()),
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => TransportError::Timeout,
        _ => TransportError::Other(code.to_string()),
    }
}

fn method(method: &Method) -> spin_sdk::http::Method {
    use spin_sdk::http::Method as Sent;
    match *method {
        Method::GET => Sent::Get,
        Method::POST => Sent::Post,
        _ => Sent::Other(method.as_str().to_owned()),
    }
}
