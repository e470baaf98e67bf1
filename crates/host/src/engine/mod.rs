//! From wasm files to components that are compiled, composed and kept in a cache.

mod cache;
mod compose;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    component::Component,
};

use crate::manifest;
use cache::Cache;

/// How many instances there may be at once; one request may need several, by service chaining.
pub const MOST_INSTANCES: u32 = 1000;

/// The memory of an instance that stays mapped for the next, in bytes. Where the kernel tells which pages were written, only
/// those are set back, and nothing has to be unmapped: no page faults, and no interrupts for the other cores.
const KEPT_MEMORY: usize = 8 * 1024 * 1024;

/// The same where the kernel does not tell, so that all of it is cleared each time.
const KEPT_MEMORY_UNTOLD: usize = 128 * 1024;

/// Loads components for one engine.
pub struct Loader {
    engine: Engine,
    cache: Cache,
}

impl Loader {
    /// A loader whose instances have at most `memory` bytes each, and which keeps what it compiles in a folder.
    ///
    /// # Errors
    /// A machine that can't map the pool.
    pub fn new(memory: usize, cache: PathBuf) -> Result<Self> {
        let kept = if PoolingAllocationConfig::is_pagemap_scan_available() {
            KEPT_MEMORY
        } else {
            KEPT_MEMORY_UNTOLD
        };
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(MOST_INSTANCES)
            // A service is made of the module, its WASI adapter and the shims between them, twice where one is composed in.
            .max_core_instances_per_component(40)
            .max_memories_per_component(4)
            .max_tables_per_component(16)
            .total_core_instances(MOST_INSTANCES * 10)
            .total_memories(MOST_INSTANCES * 2)
            .total_tables(MOST_INSTANCES * 6)
            .total_stacks(MOST_INSTANCES)
            .max_memory_size(memory)
            .linear_memory_keep_resident(kept)
            .pagemap_scan(Enabled::Auto)
            .table_keep_resident(16 * 1024)
            .max_unused_warm_slots(64);
        let mut config = Config::new();
        config
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
            .memory_init_cow(true)
            .epoch_interruption(true)
            .cranelift_opt_level(OptLevel::Speed)
            .wasm_component_model(true);
        let engine = Engine::new(&config)
            .map_err(anyhow::Error::from)
            .context("the WebAssembly engine cannot be set up on this machine")?;
        Ok(Self {
            cache: Cache::new(cache, &engine),
            engine,
        })
    }

    /// The engine everything is compiled for.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The component of the manifest, with its dependencies composed in.
    ///
    /// # Errors
    /// A file that can't be read, is no WebAssembly, or does not fit what it is to be composed with.
    pub fn load(&self, component: &manifest::Component) -> Result<Component> {
        let source = read(&component.source)?;
        let mut parts = vec![source];
        for (_, dependency) in &component.dependencies {
            parts.push(read(&dependency.path)?);
        }
        self.cache.get(&self.engine, &parts, || {
            let mut parts = parts.iter();
            let main =
                componentize(parts.next().map_or(&[], Vec::as_slice)).with_context(|| {
                    format!(
                        "{} is no WebAssembly this host can run",
                        component.source.display()
                    )
                })?;
            let dependencies =
                component
                    .dependencies
                    .iter()
                    .zip(parts)
                    .map(|((import, dependency), bytes)| {
                        let bytes = componentize(bytes).with_context(|| {
                            format!(
                                "{} is no WebAssembly this host can run",
                                dependency.path.display()
                            )
                        })?;
                        Ok((import.as_str(), dependency, bytes))
                    });
            compose::compose(main, dependencies.collect::<Result<_>>()?)
                .context("its dependencies do not fit")
        })
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}; `make build` makes it", path.display()))
}

/// A component out of a module that was made for WASI's first preview, as the SDK's are; a component stays what it is.
fn componentize(wasm: &[u8]) -> Result<Vec<u8>> {
    if is_component(wasm) {
        return Ok(wasm.to_vec());
    }
    wit_component::ComponentEncoder::default()
        .module(wasm)?
        .adapter(
            WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
            WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
        )?
        .encode()
}

/// Whether the bytes say of themselves that they are a component: its layer, the second half of the version, is 1.
fn is_component(wasm: &[u8]) -> bool {
    wasm.starts_with(b"\0asm") && wasm.get(6..8) == Some(&[1, 0])
}
