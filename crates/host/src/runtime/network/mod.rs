//! Requests to the network, over connections that live on.

#[cfg(test)]
mod tests;

use std::{error::Error as _, io, sync::Arc, time::Duration};

use http::{Request, Response, Uri, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{
        self, Client,
        connect::{HttpConnector, capture_connection},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};
use tokio::{net::TcpStream, time::timeout};
use tower::{
    BoxError,
    timeout::{Timeout, error::Elapsed},
    util::BoxCloneSyncService,
};
use tower_http::timeout::TimeoutBody;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// How long a connection waits for its next request. Of the servers in wide use Node's close theirs early, after five seconds: a request
/// that meets a connection as it is closed has failed, since it may have been seen.
const IDLE: Duration = Duration::from_secs(4);

/// How many connections to one server wait for requests.
const MOST_IDLE: usize = 64;

/// After how long a silent connection of many requests, as HTTP/2 has them, is asked whether it still stands, and how long that may take.
const STANDS: Duration = Duration::from_secs(10);

/// How long a request, or a part of it, may take where its component does not say: as long as the component itself may.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

/// The way to the network, one for all components. They share its connections: each request is checked against what its own component
/// may reach, and nothing of it stays behind in a connection but the session of TLS.
pub struct Network(Client<Connector, WasiBody>);

impl Network {
    /// Who believes these authorities.
    ///
    /// # Errors
    /// The versions of TLS are not there.
    pub fn new(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // The end of a body would wait until its beginning is acknowledged.
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(MOST_IDLE)
            .http2_keep_alive_interval(STANDS)
            .http2_keep_alive_timeout(STANDS)
            // Where another connection becomes free first, it goes on in the background, for which no request waits.
            .build(Connector::new(Timeout::new(connector, TIMEOUT)));
        Ok(Self(client))
    }

    /// Sends a request, a second time only where a connection that was kept turns out to be closed before anything was sent.
    ///
    /// # Errors
    /// There is no answer; its body fails likewise when it breaks off.
    pub async fn send(
        &self,
        mut request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        // It is in the address, from which the client has it in the way of either version of HTTP.
        request.headers_mut().remove(header::HOST);
        let mut connection = capture_connection(&mut request);
        let mut answer = self.0.request(request);
        let answered_or_connected = async {
            tokio::select! {
                biased;
                answer = &mut answer => Some(answer),
                _ = connection.wait_for_connection_metadata() => None,
            }
        };
        let limit = |limit: Option<Duration>| limit.unwrap_or(TIMEOUT);
        let early = timeout(limit(options.connect_timeout), answered_or_connected)
            .await
            .map_err(|_| Error::ConnectionTimeout)?;
        let answer = match early {
            Some(answer) => answer,
            None => timeout(limit(options.first_byte_timeout), answer)
                .await
                .map_err(|_| Error::ConnectionReadTimeout)?,
        };
        let between_bytes = limit(options.between_bytes_timeout);
        let body = |body: Incoming| TimeoutBody::new(between_bytes, body).map_err(broken_off);
        Ok(answer
            .map_err(|error| failed(&error))?
            .map(|incoming| body(incoming).boxed_unsync()))
    }
}

/// Why there is no answer, in the words of WASI.
fn failed(error: &legacy::Error) -> Error {
    match error.source() {
        Some(cause) if error.is_connect() => not_connected(cause),
        Some(cause) if cause.downcast_ref().is_some_and(hyper::Error::is_timeout) => {
            Error::HttpResponseTimeout
        }
        _ => Error::HttpProtocolError,
    }
}

/// Why there is no connection. An error of TLS comes as it is; one on the way there is the cause of another, which says how far it got.
fn not_connected(error: &(dyn std::error::Error + 'static)) -> Error {
    let io = |error: &io::Error| io::Error::new(error.kind(), error.to_string());
    if let Some(tls) = error.downcast_ref() {
        Error::Tls(io(tls))
    } else if let Some(tcp) = error.source().and_then(|cause| cause.downcast_ref()) {
        Error::Connect(io(tcp))
    } else if error.is::<Elapsed>() {
        Error::ConnectionTimeout
    } else {
        // Nothing is left but the name, which is none that TLS could verify.
        Error::DnsError {
            rcode: Some(error.to_string()),
            info_code: None,
        }
    }
}

/// Why a body breaks off.
fn broken_off(error: BoxError) -> Error {
    match error.downcast::<hyper::Error>() {
        Ok(error) if error.is_timeout() => Error::HttpResponseTimeout,
        Ok(error) => Error::Hyper(*error),
        Err(_) => Error::ConnectionReadTimeout,
    }
}
