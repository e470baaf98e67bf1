//! A Spin-compatible host: serves an application on wasmtime, the way Spin does, where the Spin CLI is not installed.
//!
//! - [`manifest`]: `spin.toml`, with its routes, settings and permissions worked out
//! - [`engine`]: from wasm files to components that are compiled, composed and kept in a cache
//! - [`runtime`]: instances that serve requests, and what they may reach: other components, the network, storage, settings
//! - [`server`]: HTTP in front of it
//! - [`logs`]: what an operator reads
//! - [`metrics`]: what is counted, for Prometheus
//! - [`traces`]: what became of a request, for OpenTelemetry
//! - `private`: folders and files that are their owner's alone

pub mod engine;
pub mod logs;
pub mod manifest;
pub mod metrics;
mod private;
pub mod runtime;
pub mod server;
pub mod traces;
