//! Clients come, are answered, and go; how it all stops.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use super::{Service, Tls};

/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a connection may be without a request, or a request's head be on its way.
const IDLE: Duration = Duration::from_secs(75);

/// How often a client by HTTP/2 is asked whether it is still there, and how long it has to say so.
const PING: Duration = Duration::from_secs(20);

/// The most requests at once of one client by HTTP/2.
const STREAMS: u32 = 128;

/// Whoever accepts clients.
pub struct Connections {
    service: Arc<Service>,
    tls: Option<Tls>,
    http: Arc<Builder<TokioExecutor>>,
    graceful: GracefulShutdown,
}

impl Connections {
    /// Nobody yet.
    pub fn new(service: Arc<Service>, tls: Option<Tls>) -> Self {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .max_concurrent_streams(STREAMS);
        Self {
            service,
            tls,
            http: Arc::new(http),
            graceful: GracefulShutdown::new(),
        }
    }

    /// Takes clients until the process is told to stop, and then lets requests at work end.
    pub async fn accept(self, listener: TcpListener) -> anyhow::Result<()> {
        let settings = self.service.settings();
        let grace = Duration::from_secs(settings.grace);
        let places = Arc::new(Semaphore::new(settings.connections));
        let (mut interrupt, mut terminate) = (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        );
        loop {
            let next = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.accept().await)
            };
            tokio::select! {
                (place, accepted) = next => match (place, accepted) {
                    (Ok(place), Ok((stream, _))) => self.begin(stream, place),
                    (_, Err(error)) => {
                        tracing::warn!(%error, "no client can be taken");
                        // Mostly there are no file descriptors left; they come back.
                        sleep(Duration::from_millis(100)).await;
                    }
                    (Err(_), _) => anyhow::bail!("the places of clients are closed"),
                },
                _ = interrupt.recv() => break,
                _ = terminate.recv() => break,
            }
        }
        drop(listener);
        tracing::info!("stopping");
        self.service.stop();
        if timeout(grace, self.graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests have not ended in time");
        }
        Ok(())
    }

    fn begin(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        // An answer in two parts is not to wait for the first one's acknowledgement.
        let _ = stream.set_nodelay(true);
        let clients = self.service.clients();
        clients.inc();
        let watcher = self.graceful.watcher();
        let (service, http) = (Arc::clone(&self.service), Arc::clone(&self.http));
        let tls = self.tls.as_ref().map(Tls::acceptor);
        tokio::spawn(async move {
            match tls {
                None => converse(stream, service, &http, watcher).await,
                Some(tls) => {
                    // Whoever does not get through the handshake is no client.
                    if let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.accept(stream)).await {
                        converse(stream, service, &http, watcher).await;
                    }
                }
            }
            clients.dec();
            drop(place);
        });
    }
}

/// Answers one client's requests until it goes, or takes nothing of an answer.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    service: Arc<Service>,
    http: &Builder<TokioExecutor>,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let stalled = Arc::new(Notify::new());
    let answer = {
        let stalled = Arc::clone(&stalled);
        service_fn(move |request: Request<Incoming>| {
            let answer = Arc::clone(&service).answer(request, Arc::clone(&stalled));
            async { Ok::<_, Infallible>(answer.await) }
        })
    };
    let connection = http.serve_connection(TokioIo::new(stream), answer);
    let connection = pin!(watcher.watch(connection.into_owned()));
    tokio::select! {
        // A client that goes away or speaks no HTTP is its own affair.
        _ = connection => {}
        () = stalled.notified() => {}
    }
}
