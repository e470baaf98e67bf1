//! Connections, and a clean stop.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http::HeaderMap;
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
            _ = expiry.tick() => {
                server.runtime.expire();
                server.admission.forget();
            }
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
    let done = async {
        graceful.shutdown().await;
        server.admission.emptied().await;
    };
    if tokio::time::timeout(STOP_TIMEOUT, done).await.is_err() {
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
    let activity = Arc::new(Activity::default());
    let bounded = server.admission.counted(client.ip(), &HeaderMap::new());
    let Some(entered) = server.crowd.enter(bounded, &activity) else {
        return;
    };
    // What there is of an answer is sent at once, so there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let server = Arc::clone(server);
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
        let _entered = entered;
        tokio::select! {
            // A client that goes away or speaks no HTTP is its own affair.
            _ = connection => {}
            // Hyper counts the time only once it knows that the client speaks HTTP/1.
            () = activity.end(head) => {}
        }
    });
}
