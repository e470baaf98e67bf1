//! HTTP in front of the components.
//!
//! - [`serve`], [`ServeOptions`]: an application, from its manifest to an address that answers
//! - `connections`: connections, and a clean stop
//! - `activity`: whether a connection is still of use to its client
//! - `requests`: one request: its route, its limits, its line of the log
//! - `standing`: what there is of everything, for the metrics
//! - `framing`: what HTTP asks of every request and answer, beyond what hyper sees to
//! - `body`: a body that a component left unread

mod activity;
mod body;
mod connections;
mod framing;
mod requests;
mod standing;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};

use crate::{
    manifest::App,
    metrics,
    runtime::{Databases, Limits, Runtime},
};
use requests::{HEALTH, Server};
use standing::Standing;

/// How to serve.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The address to listen at; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The address at which Prometheus is told what is counted; port 0 takes any free one.
    pub metrics: Option<SocketAddr>,
    /// The folder of the store and the compile cache.
    pub state_dir: PathBuf,
    /// Whether each request is a line of the log.
    pub log_requests: bool,
    /// The memory of an instance, in bytes.
    pub memory: usize,
    /// The time that an instance has for a request.
    pub time: Duration,
    /// How many requests an instance serves, one after another.
    pub instance_requests: u32,
    /// How old an instance gets: what it has kept since its first request is never older.
    pub instance_age: Duration,
    /// The largest body of a request, in bytes.
    pub body: usize,
    /// How many requests from outside are worked on at once; past that, the answer is 503.
    pub in_flight: usize,
    /// How long a client may take to send the head of a request, or leave a connection unused.
    pub head: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            metrics: None,
            state_dir: ".spin".into(),
            log_requests: true,
            memory: 64 * 1024 * 1024,
            time: Duration::from_secs(30),
            instance_requests: 128,
            instance_age: Duration::from_secs(60),
            body: 16 * 1024 * 1024,
            // A tenth of the instances there may be: each request may chain to several others, which must find room.
            in_flight: 100,
            head: Duration::from_secs(30),
        }
    }
}

impl ServeOptions {
    /// What of it bounds an instance.
    pub fn limits(&self) -> Limits {
        Limits {
            memory: self.memory,
            time: self.time,
            requests: self.instance_requests,
            age: self.instance_age,
        }
    }
}

/// A host that serves.
pub struct Running {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it tells what is counted.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Stops listening, and waits for the requests in flight.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.accepting.await;
    }
}

/// Loads an application and serves it.
///
/// # Errors
/// A store that another host serves, a component that can't run, an address that can't be listened at.
pub async fn serve(app: App, options: ServeOptions) -> Result<Running> {
    let listener = listen(options.listen, "--listen").await?;
    let address = listener.local_addr()?;
    let told = match options.metrics {
        Some(address) => Some(listen(address, "--metrics").await?),
        None => None,
    };
    let metrics = told.as_ref().map(TcpListener::local_addr).transpose()?;
    let databases = Databases::open(&options.state_dir)?;
    let limits = options.limits();
    let cache = options.state_dir.join("cache");
    let (runtime, app) = tokio::task::spawn_blocking(move || {
        let runtime = Runtime::new(&app, limits, cache, databases)?;
        anyhow::Ok((runtime, app))
    })
    .await??;
    let requests = told
        .is_some()
        .then(|| metrics::Requests::new(app.routes.routes(), HEALTH));
    let server = Arc::new(Server {
        runtime,
        routes: app.routes,
        address,
        body: options.body,
        log_requests: options.log_requests,
        in_flight: Arc::new(Semaphore::new(options.in_flight)),
        places: options.in_flight,
        connections: AtomicUsize::default(),
        metrics: requests,
    });
    let telling = told.zip(server.metrics.as_ref()).map(|(told, requests)| {
        let registry = requests.registry(Standing::of(&server));
        tokio::spawn(metrics::serve(told, registry))
    });
    let (stop, stopped) = oneshot::channel();
    let accepting = tokio::spawn(async move {
        connections::accept(server, listener, options.head, stopped).await;
        if let Some(telling) = telling {
            telling.abort();
        }
    });
    Ok(Running {
        address,
        metrics,
        stop,
        accepting,
    })
}

async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen at {address}; choose another address by {option}"))
}
