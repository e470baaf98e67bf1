//! What belongs to one instance.

use std::sync::Arc;

use anyhow::Result;
use wasmtime::{ResourceLimiter, StoreLimits, StoreLimitsBuilder, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::{Loaded, Origin, Runtime, Slot, outbound::Outbound, output::Output};

/// The data of an instance's store.
pub struct State {
    pub(super) table: ResourceTable,
    pub(super) outbound: Outbound,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    limits: StoreLimits,
    _slot: Slot,
}

impl State {
    /// A fresh state: no files, no sockets, no arguments.
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        component: &Arc<Loaded>,
        origin: &Arc<Origin>,
        depth: u32,
        slot: Slot,
    ) -> Result<Self> {
        let mut wasi = WasiCtx::builder();
        wasi.allow_blocking_current_thread(true)
            .stdout(Output::new(component, origin))
            .stderr(Output::new(component, origin))
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        for (name, value) in component.environment.iter() {
            wasi.env(name, value);
        }
        Ok(Self {
            table: ResourceTable::new(),
            outbound: Outbound::new(runtime, component, origin, depth),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            limits: StoreLimitsBuilder::new()
                .memory_size(runtime.limits.memory)
                .build(),
            _slot: slot,
        })
    }

    pub(super) fn limits(&mut self) -> &mut dyn ResourceLimiter {
        &mut self.limits
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
