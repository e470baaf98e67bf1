//! Components that are ready to be instantiated.

use std::sync::Arc;

use anyhow::Result;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use super::{counts::Counts, idle::Idle, state::State};
use crate::manifest::Component;

/// A component, linked, and its instances that wait for a request.
pub struct Loaded {
    /// What the manifest says of it.
    pub(super) manifest: Arc<Component>,
    pub(super) pre: ProxyPre<State>,
    pub(super) idle: Idle,
    pub(super) counts: Arc<Counts>,
}

impl Loaded {
    /// Links a compiled component.
    pub(super) fn link(
        linker: &Linker<State>,
        component: &Component,
        compiled: &wasmtime::component::Component,
        idle: Idle,
    ) -> Result<Self> {
        Ok(Self {
            manifest: Arc::new(component.clone()),
            pre: ProxyPre::new(linker.instantiate_pre(compiled)?)?,
            idle,
            counts: Arc::default(),
        })
    }

    /// Its id in the manifest.
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// What has become of its instances.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many of its instances wait for a request.
    pub fn waiting(&self) -> usize {
        self.idle.count()
    }
}
