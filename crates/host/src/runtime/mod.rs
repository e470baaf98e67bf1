//! Instances that serve requests, and what they may reach.
//!
//! - `loaded`: components that are ready to be instantiated
//! - `instance`: an instance, from one request to the next; `idle`: those that wait for one
//! - `counts`: what has become of instances
//! - `state`: what belongs to one instance; `call`: the request that it serves
//! - `response`: an answer, gathered while the instance still runs; `unread`: whether it has read what it was sent
//! - [`headers`]: what Spin tells a component about its route
//! - [`failure`]: what a client gets when a component gives no answer; [`grpc`]: how gRPC has that told, and what else it asks
//! - `outbound`: requests that components send: to other components in process, or to the `network`
//! - `sqlite`, `variables`: Spin's interfaces
//! - `output`: what a component prints

mod bindings;
mod call;
mod counts;
pub mod failure;
pub mod grpc;
pub mod headers;
mod idle;
mod instance;
mod loaded;
mod network;
mod outbound;
mod output;
mod response;
mod sqlite;
mod state;
mod unread;
mod variables;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use http::{Request, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{Span, field, instrument};
use wasmtime::{Engine, component::Linker};
use wasmtime_wasi_http::WasiBody;

use crate::{
    engine::{Loader, MOST_INSTANCES},
    manifest::App,
};
use call::Call;
pub use call::Origin;
pub use counts::{Counts, Ending};
use idle::Idle;
use instance::Instance;
pub use loaded::Loaded;
use network::Network;
pub use response::Gathered;
pub use sqlite::{Databases, Waits};
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
    /// Time for a request from start to end, as a clock on the wall has it.
    pub time: Duration,
    /// How many requests it serves, one after another.
    pub requests: u32,
    /// How old it gets.
    pub age: Duration,
}

/// Everything that is made once and serves every request.
pub struct Runtime {
    components: HashMap<String, Arc<Loaded>>,
    databases: Databases,
    network: Arc<Network>,
    limits: Limits,
    /// Those of the instances that there may be at once.
    places: Arc<Semaphore>,
    engine: Engine,
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
            let idle = Idle::new(&limits);
            let loaded = Loaded::link(&linker, component, &compiled, idle)
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
            network: Arc::new(Network::new(
                webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
            )?),
            limits,
            places: Arc::new(Semaphore::new(MOST_INSTANCES as usize)),
            engine,
        }))
    }

    /// The component of this id.
    pub fn component(&self, id: &str) -> Option<&Arc<Loaded>> {
        self.components.get(id)
    }

    /// All components that serve.
    pub fn components(&self) -> impl Iterator<Item = &Arc<Loaded>> {
        self.components.values()
    }

    /// How long statements have waited for the store.
    pub fn waits(&self) -> &Waits {
        self.databases.threads().waits()
    }

    /// Has an instance of a component answer a request.
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
        self.call_holding((), component, request, origin, depth)
            .await
    }

    /// The same, and holds something until the instance is done, maybe after the beginning of its answer.
    ///
    /// # Errors
    /// [`Failure`], when it gives no answer.
    #[instrument(
        name = "spin_trigger_http.execute_wasm",
        skip_all,
        fields(
            otel.name = %format_args!("execute_wasm_component {}", component.id()),
            otel.status_code = field::Empty,
        )
    )]
    pub async fn call_holding(
        self: &Arc<Self>,
        held: impl Send + 'static,
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
        let time = self.limits.time;
        let end = Instant::now() + time;
        let call = Call {
            origin: Arc::clone(origin),
            depth,
            end,
        };
        let instance = match component.idle.take() {
            Some(instance) => {
                instance.begin(call);
                instance
            }
            None => {
                let place = self.place().ok_or(Failure::Busy)?;
                let state = State::new(self, &component.manifest, call, place);
                Instance::new(self, &component.counts, state)
            }
        };
        let answer = instance.answer(Arc::clone(component), request, held).await;
        answer.map_err(|error| {
            Span::current().record("otel.status_code", "ERROR");
            if Instant::now() >= end {
                Failure::Time(time)
            } else {
                Failure::Trap(reason(&error))
            }
        })
    }

    /// The place of one more instance, if need be that of one that waits.
    fn place(&self) -> Option<OwnedSemaphorePermit> {
        let free = || Arc::clone(&self.places).try_acquire_owned().ok();
        free().or_else(|| {
            self.components.values().any(|other| other.idle.give_up());
            free()
        })
    }

    /// Ends instances that have waited too long for a request.
    pub fn expire(&self) {
        for component in self.components.values() {
            component.idle.expire();
        }
    }
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
