//! Connections, and a clean stop.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tracing::Instrument as _;

use super::{activity::Activity, requests::Server};
use crate::{logs, traces};

/// How long requests in flight may take when the host is told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// How often instances are looked at that have waited for too long.
const EXPIRY: Duration = Duration::from_secs(5);

/// Accepts connections until told to stop; then waits for the requests in flight.
pub async fn accept(
    server: Arc<Server>,
    listener: TcpListener,
    head: Duration,
    mut stopped: oneshot::Receiver<()>,
) {
    let graceful = GracefulShutdown::new();
    let mut expiry = tokio::time::interval(EXPIRY);
    loop {
        tokio::select! {
            _ = expiry.tick() => server.runtime.expire(),
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => connect(&server, &graceful, stream, client, head),
                // Out of descriptors, say: that passes, and is no reason to stop serving.
                Err(error) => {
                    logs::fault(&format!("a connection could not be accepted: {error}"));
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown())
        .await
        .is_err()
    {
        logs::fault(&format!(
            "requests that took longer than {} s were cut off",
            STOP_TIMEOUT.as_secs()
        ));
    }
}

fn connect(
    server: &Arc<Server>,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    client: SocketAddr,
    head: Duration,
) {
    // Answers are sent whole, so there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    server.connections.fetch_add(1, Ordering::Relaxed);
    let (server, counted) = (Arc::clone(server), Arc::clone(server));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(200)
        .max_header_list_size(64 * 1024);
    let activity = Arc::new(Activity::default());
    let requests = Arc::clone(&activity);
    let service = service_fn(move |request| {
        let (server, in_flight) = (Arc::clone(&server), requests.begin());
        async move {
            let span = traces::request(&request, client);
            let response = server.serve(request, client).instrument(span).await;
            Ok::<_, Infallible>(response.map(|body| in_flight.until(body)))
        }
    });
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            // A client that goes away or speaks no HTTP is its own affair.
            _ = connection => {}
            // Hyper counts the time only once it knows that the client speaks HTTP/1.
            () = activity.idle(head) => {}
        }
        counted.connections.fetch_sub(1, Ordering::Relaxed);
    });
}
