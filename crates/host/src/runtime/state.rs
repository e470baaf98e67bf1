//! What belongs to one instance.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{ResourceLimiter, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::{
    Runtime,
    call::{Call, Serving},
    outbound::Outbound,
    output::Output,
    sqlite,
    unread::Unread,
};
use crate::manifest::Component;

/// The data of an instance's store.
pub struct State {
    pub(super) table: ResourceTable,
    pub(super) component: Arc<Component>,
    pub(super) databases: sqlite::Databases,
    pub(super) serving: Serving,
    pub(super) unread: Unread,
    outputs: [Output; 2],
    outbound: Outbound,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    memory: Memory,
    _place: OwnedSemaphorePermit,
}

impl State {
    /// A fresh state: no files, no sockets, no arguments.
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        component: &Arc<Component>,
        call: Call,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let serving = Serving::new(call);
        let outputs = [(); 2].map(|()| Output::new(component, &serving));
        let [stdout, stderr] = outputs.clone();
        let mut wasi = WasiCtx::builder();
        wasi.allow_blocking_current_thread(true)
            .stdout(stdout)
            .stderr(stderr)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        for (name, value) in component.environment.iter() {
            wasi.env(name, value);
        }
        Self {
            table: ResourceTable::new(),
            component: Arc::clone(component),
            databases: runtime.databases.clone(),
            outputs,
            outbound: Outbound::new(runtime, component, &serving),
            serving,
            unread: Unread::default(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            memory: Memory {
                most: runtime.limits.memory,
                used: 0,
            },
            _place: place,
        }
    }

    pub(super) fn limiter(&mut self) -> &mut dyn ResourceLimiter {
        &mut self.memory
    }

    /// The memory of the instance, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.memory.used
    }

    /// Ends the lines that the request has printed.
    pub(super) fn end_lines(&self) {
        self.outputs.iter().for_each(Output::end);
    }

    /// Whether the request has left something behind: a body unread, a resource other than a connection to a database, or one of
    /// these with a transaction open, on which all who write would wait.
    pub(super) fn is_littered(&mut self) -> bool {
        let mut resources = self.table.iter_mut();
        self.unread.is_left()
            || resources.any(|resource| {
                let connection = resource.downcast_ref::<sqlite::Connection>();
                connection.is_none_or(sqlite::Connection::is_within_transaction)
            })
    }
}

/// Bounds an instance's memories, and knows how much they are together.
struct Memory {
    most: usize,
    used: usize,
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.most;
        if allowed {
            self.used += desired - current;
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
