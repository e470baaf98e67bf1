//! Whether it lives, whether it is ready, and what is counted.

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    sync::{Mutex, Semaphore},
    time::timeout,
};

use super::answers::{Body, whole};
use crate::{metrics::Metrics, sources::Sources};

/// How long an answer of the deployments is good: anybody may ask, and it is to cost them little.
const FRESH: Duration = Duration::from_secs(1);

/// How many may ask for metrics at once; more wait.
const CLIENTS: usize = 16;

/// How long one may take to ask and to read.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether the deployments answer.
#[derive(Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// As they did a moment ago, or do now.
    pub async fn of(&self, sources: &Sources) -> bool {
        let mut known = self.0.lock().await;
        match *known {
            Some((since, ready)) if since.elapsed() < FRESH => ready,
            _ => {
                let ready = sources.answer().await;
                *known = Some((Instant::now(), ready));
                ready
            }
        }
    }
}

/// Tells whoever asks what is counted, one question a connection, for ever.
pub async fn tell(listener: TcpListener, metrics: Metrics) {
    let clients = Arc::new(Semaphore::new(CLIENTS));
    loop {
        // Nobody closes the semaphore.
        let client = Arc::clone(&clients).acquire_owned().await;
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "nobody can ask for metrics");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let metrics = metrics.clone();
        let service = service_fn(move |request| {
            let answer = counted(&request, &metrics);
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

fn counted(request: &Request<Incoming>, metrics: &Metrics) -> Response<Body> {
    match request.uri().path() {
        "/metrics" => whole(
            200,
            "text/plain; version=0.0.4; charset=utf-8",
            metrics.text(),
        ),
        _ => whole(
            404,
            "text/plain; charset=utf-8",
            "metrics are at /metrics\n",
        ),
    }
}
