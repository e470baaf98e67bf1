//! HTTP in front of what is counted.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use prometheus_client::{
    encoding::{prometheus_text, text},
    registry::Registry,
};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

use crate::logs;

/// Where it is told, as everywhere.
const PATH: &str = "/metrics";

/// How many may ask at once; more wait.
const CLIENTS: usize = 16;

/// How long one may take to ask and to read.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells whoever asks what is counted, one question a connection, for ever.
pub async fn serve(listener: TcpListener, registry: Registry) {
    let registry = Arc::new(registry);
    let clients = Arc::new(Semaphore::new(CLIENTS));
    loop {
        // Nobody closes the semaphore.
        let client = Arc::clone(&clients).acquire_owned().await;
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                logs::fault(&format!("nobody can ask for metrics: {error}"));
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let registry = Arc::clone(&registry);
        let service = service_fn(move |request| {
            let answer = answer(&request, &registry);
            async { Ok::<_, Infallible>(answer) }
        });
        let connection = http1::Builder::new()
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            let _client = client;
            // A client that goes away or speaks no HTTP is its own affair.
            let _ = timeout(PATIENCE, connection).await;
        });
    }
}

fn answer(request: &Request<Incoming>, registry: &Registry) -> Response<Full<Bytes>> {
    if request.uri().path() != PATH {
        return plain(
            StatusCode::NOT_FOUND,
            "text/plain; charset=utf-8",
            format!("metrics are at {PATH}\n"),
        );
    }
    let accept = request.headers().get(header::ACCEPT);
    let open = accept
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/openmetrics-text"));
    let mut told = String::new();
    let (encoded, kind) = if open {
        (
            text::encode(&mut told, registry),
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )
    } else {
        (
            prometheus_text::encode(&mut told, registry),
            "text/plain; version=0.0.4; charset=utf-8",
        )
    };
    match encoded {
        Ok(()) => plain(StatusCode::OK, kind, told),
        Err(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain; charset=utf-8",
            "the metrics can't be written as text\n".to_owned(),
        ),
    }
}

fn plain(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
