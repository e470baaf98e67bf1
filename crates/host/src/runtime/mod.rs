//! An instance for each request, and what it may reach.
//!
//! - `state`: what belongs to one instance
//! - [`headers`]: what Spin tells a component about its route
//! - [`failure`]: what a client gets when a component gives no answer
//! - `outbound`: requests that components send: to other components in process, or to the network
//! - `sqlite`, `variables`: Spin's interfaces
//! - `output`: what a component prints

mod bindings;
pub mod failure;
pub mod headers;
mod outbound;
mod output;
mod response;
mod sqlite;
mod state;
mod variables;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use http::{Request, Response, header::HOST};
use wasmtime::{
    Engine, Store, UpdateDeadline,
    component::{Component, Linker},
};
use wasmtime_wasi_http::{
    WasiBody, WasiHttpView,
    p2::bindings::{ProxyPre, http::types::Scheme},
};

use crate::{
    engine::{Loader, MOST_INSTANCES},
    manifest::{self, AllowedHosts, App, Values},
};
pub use sqlite::Databases;
use state::State;

/// How deep components may call one another; only a mistake goes deeper.
const DEEPEST_CHAIN: u32 = 16;

/// How often a running instance looks at the clock.
const TICK: Duration = Duration::from_millis(10);

/// Bounds on what one instance may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Memory, in bytes.
    pub memory: usize,
    /// Time from start to end, as a clock on the wall has it.
    pub time: Duration,
}

/// Everything that is made once and serves every request.
pub struct Runtime {
    components: HashMap<String, Arc<Loaded>>,
    databases: Databases,
    limits: Limits,
    running: AtomicU32,
    engine: Engine,
}

/// A component, ready to be instantiated.
pub struct Loaded {
    /// Its id in the manifest.
    pub id: String,
    pre: ProxyPre<State>,
    variables: Values,
    environment: Values,
    databases: Vec<String>,
    allowed: AllowedHosts,
}

/// The request from outside that a call belongs to.
#[derive(Debug)]
pub struct Origin {
    /// Its `x-request-id`, for the log.
    pub request_id: String,
    /// Where the server that took it listens, for calls of the application to itself.
    pub address: std::net::SocketAddr,
    /// How many chained calls it has caused.
    pub chained: AtomicU32,
}

/// Why a component gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It trapped, or ended without an answer; the reason is for the log.
    Trap(String),
    /// It took longer than it may.
    Time(Duration),
    /// There are as many instances as there may be.
    Busy,
}

impl Runtime {
    /// Loads and links every component of an application.
    ///
    /// # Errors
    /// A component that does not compile, or imports something this host does not offer, by name.
    pub fn new(
        app: &App,
        limits: Limits,
        cache: PathBuf,
        databases: Databases,
    ) -> Result<Arc<Self>> {
        let loader = Loader::new(limits.memory, cache)?;
        let mut linker = Linker::new(loader.engine());
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        bindings::add_to_linker(&mut linker)?;
        let mut components = HashMap::new();
        for component in app
            .components
            .iter()
            .filter(|component| component.serves_http)
        {
            let compiled = loader
                .load(component)
                .with_context(|| format!("component {} cannot be loaded", component.id))?;
            let loaded = link(&linker, component, &compiled)
                .with_context(|| format!("component {} cannot run on this host", component.id))?;
            components.insert(component.id.clone(), Arc::new(loaded));
        }
        let engine = loader.engine().clone();
        let ticking = engine.weak();
        std::thread::Builder::new()
            .name("clock".into())
            .spawn(move || {
                while let Some(engine) = ticking.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            })?;
        Ok(Arc::new(Self {
            components,
            databases,
            limits,
            running: AtomicU32::new(0),
            engine,
        }))
    }

    /// The component of this id.
    pub fn component(&self, id: &str) -> Option<&Arc<Loaded>> {
        self.components.get(id)
    }

    /// Has a fresh instance of a component answer a request.
    ///
    /// # Errors
    /// [`Failure`], when it gives no answer.
    pub async fn call(
        self: &Arc<Self>,
        component: &Arc<Loaded>,
        request: Request<WasiBody>,
        origin: &Arc<Origin>,
        depth: u32,
    ) -> Result<Response<WasiBody>, Failure> {
        if depth > DEEPEST_CHAIN {
            return Err(Failure::Trap(format!(
                "components call one another more than {DEEPEST_CHAIN} deep"
            )));
        }
        let slot = Slot::take(self).ok_or(Failure::Busy)?;
        let state = State::new(self, component, origin, depth, slot)
            .map_err(|error| Failure::Trap(format!("{error:#}")))?;
        let mut store = Store::new(&self.engine, state);
        store.limiter(State::limits);
        store.set_epoch_deadline(1);
        let end = Instant::now() + self.limits.time;
        let time = self.limits.time;
        store.epoch_deadline_callback(move |_| {
            if Instant::now() < end {
                // By way of tokio, which then looks at the network too; a plain yield would be first in line again.
                Ok(UpdateDeadline::YieldCustom(
                    1,
                    Box::pin(tokio::task::yield_now()),
                ))
            } else {
                Err(wasmtime::Error::msg(format!(
                    "it ran for longer than {time:?}"
                )))
            }
        });
        match tokio::time::timeout(time, run(component, store, request)).await {
            Ok(Ok(response)) => Ok(response),
            // Interrupted while it worked, rather than while it waited.
            Ok(Err(_)) if Instant::now() >= end => Err(Failure::Time(time)),
            Ok(Err(error)) => Err(Failure::Trap(format!("{error:#}"))),
            Err(_) => Err(Failure::Time(time)),
        }
    }
}

fn link(
    linker: &Linker<State>,
    component: &manifest::Component,
    compiled: &Component,
) -> Result<Loaded> {
    Ok(Loaded {
        id: component.id.clone(),
        pre: ProxyPre::new(linker.instantiate_pre(compiled)?)?,
        variables: component.variables.clone(),
        environment: component.environment.clone(),
        databases: component.sqlite_databases.clone(),
        allowed: component.allowed_outbound_hosts.clone(),
    })
}

/// Instantiates, hands the request over, and waits for the answer.
async fn run(
    component: &Loaded,
    mut store: Store<State>,
    mut request: Request<WasiBody>,
) -> Result<Response<WasiBody>> {
    if request.uri().authority().is_none() && !request.headers().contains_key(HOST) {
        request
            .headers_mut()
            .insert(HOST, http::HeaderValue::from_static("localhost"));
    }
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let mut view = store.data_mut().http();
    let request = view.new_incoming_request(Scheme::Http, request)?;
    let out = view.new_response_outparam(sender)?;
    let pre = component.pre.clone();
    let guest = Box::pin(async move {
        let proxy = pre.instantiate_async(&mut store).await?;
        proxy
            .wasi_http_incoming_handler()
            .call_handle(&mut store, request, out)
            .await
    });
    response::gather(guest, receiver)
        .await
        .map_err(|error| anyhow!("{}", reason(&error)))
}

/// What a trap says, without the frames of a backtrace.
fn reason(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(trap) => trap.to_string(),
        None => {
            let root = error.root_cause().to_string();
            root.lines().next().unwrap_or_default().to_owned()
        }
    }
}

/// One of the instances that there may be at once.
struct Slot(Arc<Runtime>);

impl Slot {
    fn take(runtime: &Arc<Runtime>) -> Option<Self> {
        let before = runtime.running.fetch_add(1, Ordering::Relaxed);
        let slot = Self(Arc::clone(runtime));
        (before < MOST_INSTANCES).then_some(slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}
