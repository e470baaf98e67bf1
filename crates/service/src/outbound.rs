//! Requests going out, over wasi:http, with a bound on how long they may take.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use data_api_client::{Transport, TransportError};
use futures::{
    SinkExt, StreamExt,
    future::{Either, select},
};
use http::{Method, Request, Response, StatusCode};
use spin_executor::{CancelOnDropToken, push_waker_and_get_token};
use spin_sdk::{
    http::{ErrorCode, Fields, IncomingResponse, OutgoingRequest, Scheme},
    wit::wasi::http0_2_0::{
        outgoing_handler,
        types::{FutureIncomingResponse, RequestOptions},
    },
};
use wasi::{clocks::monotonic_clock, io::poll::Pollable};

use crate::{Trace, entry};

/// The largest answer that is read, in bytes: a page of the largest documents there are would not fit an instance.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// The way out of a component. What it sends carries the trace of the request being served.
#[derive(Debug, Clone)]
pub struct Outbound {
    trace: Trace,
}

impl Outbound {
    /// The way out for the request that `trace` identifies.
    pub fn new(trace: Trace) -> Self {
        Self { trace }
    }

    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let (parts, body) = request.into_parts();
        let mut entries: Vec<_> = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        entries.extend(
            self.trace
                .headers()
                .map(|(name, value)| (name.to_owned(), value.into())),
        );
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
        let mut sink = outgoing.take_body();
        let answer = send(outgoing, timeout)?;
        if !body.is_empty() {
            sink.send(body).await.map_err(|error| {
                TransportError::Other(format!("the request broke off: {error}"))
            })?;
        }
        drop(sink);
        read(answer.await?).await
    }
}

impl Transport for Outbound {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        match select(
            pin!(self.exchange(request, timeout)),
            pin!(self.sleep(timeout)),
        )
        .await
        {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(TransportError::Timeout),
        }
    }

    async fn sleep(&self, duration: Duration) {
        let deadline = monotonic_clock::now().saturating_add(nanoseconds(duration));
        let mut waiting = None;
        poll_fn(|context| {
            if monotonic_clock::now() >= deadline {
                return Poll::Ready(());
            }
            drop(waiting.replace(wake(monotonic_clock::subscribe_instant(deadline), context)));
            Poll::Pending
        })
        .await;
        drop(waiting);
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(monotonic_clock::now())
    }

    fn random(&self) -> f64 {
        let mut bytes = [0; 4];
        // Without a source of chance, retries are only less spread.
        let _ = getrandom::fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

/// Starts a request. Its own timeouts let a host give up what nobody waits for any more.
fn send(request: OutgoingRequest, timeout: Duration) -> Result<Awaited, TransportError> {
    let options = RequestOptions::new();
    let timeout = Some(nanoseconds(timeout));
    // A host that knows none of these leaves the wait to our own clock.
    let _ = options.set_connect_timeout(timeout);
    let _ = options.set_first_byte_timeout(timeout);
    let _ = options.set_between_bytes_timeout(timeout);
    let answer = outgoing_handler::handle(request, Some(options)).map_err(|code| failure(&code))?;
    Ok(Awaited {
        waiting: None,
        answer,
    })
}

/// An answer on its way. The token's pollable is a child of the answer, which a host lets nobody drop before its children:
/// hence the order of the fields.
struct Awaited {
    waiting: Option<CancelOnDropToken>,
    answer: FutureIncomingResponse,
}

impl Future for Awaited {
    type Output = Result<IncomingResponse, TransportError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.waiting = None;
        match self.answer.get() {
            Some(Ok(Ok(response))) => Poll::Ready(Ok(response)),
            Some(Ok(Err(code))) => Poll::Ready(Err(failure(&code))),
            Some(Err(())) => Poll::Ready(Err(TransportError::Other(
                "the answer was taken already".into(),
            ))),
            None => {
                self.waiting = Some(wake(self.answer.subscribe(), context));
                Poll::Pending
            }
        }
    }
}

async fn read(response: IncomingResponse) -> Result<Response<Vec<u8>>, TransportError> {
    let broken = |what: String| TransportError::Other(what);
    let status =
        StatusCode::from_u16(response.status()).map_err(|error| broken(error.to_string()))?;
    let headers = entry::header_map(response.headers().entries());
    let mut body = Vec::new();
    let mut stream = pin!(response.take_body_stream());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| broken("the answer broke off".into()))?;
        if body.len() + chunk.len() > ANSWER_LIMIT {
            return Err(broken(format!(
                "the answer is larger than {ANSWER_LIMIT} bytes"
            )));
        }
        body.extend(chunk);
    }
    let mut received = Response::new(body);
    *received.status_mut() = status;
    *received.headers_mut() = headers;
    Ok(received)
}

/// Has the executor poll again once `pollable` is ready, for as long as the token is kept.
fn wake(pollable: Pollable, context: &Context<'_>) -> CancelOnDropToken {
    push_waker_and_get_token(pollable, context.waker().clone()).into()
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

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
