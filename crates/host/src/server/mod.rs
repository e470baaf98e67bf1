//! HTTP in front of the components.
//!
//! - [`serve`], [`ServeOptions`]: an application, from its manifest to an address that answers
//! - `connections`: connections, and a clean stop; `crowd`: how many there are
//! - `activity`: whether a connection is still of use to its client
//! - `requests`: one request: its route, its limits, its line of the log
//! - `admission`: who is let in, and when
//! - `standing`: what there is of everything, for the metrics
//! - `framing`: what HTTP asks of every request and answer, beyond what hyper sees to
//! - `drain`: a body that nobody wants

mod activity;
mod admission;
mod connections;
mod crowd;
mod drain;
mod framing;
mod requests;
mod standing;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use ipnet::IpNet;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    manifest::App,
    metrics,
    runtime::{Databases, Limits, Runtime},
};
use admission::Admission;
pub use admission::Pattern;
use crowd::Crowd;
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
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// How fast it has to arrive, in bytes per second, once it has taken a sixth of that.
    pub body_rate: u32,
    /// How many requests from outside are worked on at once, half of them of one address; past that, the answer is 503.
    pub in_flight: usize,
    /// How many connections there are at once, half of them of one address; past that, one that is idle gives way.
    pub connections: usize,
    /// How long a client may take to send the head of a request, or leave a connection unused.
    pub head: Duration,
    /// Proxies, whose word about a client is believed, and who are not bounded themselves.
    pub trusted_proxies: Vec<IpNet>,
    /// Requests that ask how the application is: they have places of their own.
    pub probes: Vec<Pattern>,
    /// Requests that cost much processor time or memory.
    pub costly: Vec<Pattern>,
    /// How many of those are worked on at once; the others wait for a moment.
    pub costly_in_flight: usize,
    /// Requests that one address sends only so often; past that, the answer is 429.
    pub limited: Vec<Pattern>,
    /// How often, in a minute.
    pub rate: u32,
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
            // An eighth of the instances there may be: each request may chain to several others, which must find room.
            in_flight: 128,
            connections: 1000,
            body_time: Duration::from_secs(30),
            body_rate: 1024,
            head: Duration::from_secs(30),
            trusted_proxies: Vec::new(),
            probes: Vec::new(),
            costly: Vec::new(),
            costly_in_flight: 4,
            limited: Vec::new(),
            rate: 60,
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
    server: Arc<Server>,
    metrics: Option<SocketAddr>,
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests are worked on just now.
    pub fn in_flight(&self) -> usize {
        self.server.admission.in_flight()
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
    let admission = Admission::new(&options);
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
        admission,
        crowd: Crowd::new(options.connections),
        metrics: requests,
    });
    let telling = told.zip(server.metrics.as_ref()).map(|(told, requests)| {
        let registry = requests.registry(Standing::of(&server));
        tokio::spawn(metrics::serve(told, registry))
    });
    let (stop, stopped) = oneshot::channel();
    let accept = connections::accept(Arc::clone(&server), listener, options.head, stopped);
    let accepting = tokio::spawn(async move {
        accept.await;
        if let Some(telling) = telling {
            telling.abort();
        }
    });
    Ok(Running {
        address,
        server,
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
