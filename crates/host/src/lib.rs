//! The bundled host: serves a Spin application on wasmtime, the way Spin does, where the Spin CLI is not installed.
//!
//! - [`cli`]: the command line
//! - [`manifest`]: `spin.toml`, with its routes, settings and permissions worked out
//! - [`engine`]: from wasm files to components that are compiled, composed and kept in a cache
//! - [`runtime`]: an instance for each request, and what it may reach: other components, the network, storage, settings
//! - [`server`]: HTTP in front of it
//! - [`logs`]: what an operator reads
//! - [`sample`]: sample data, loaded over the public API of any running instance

pub mod cli;
pub mod engine;
pub mod keys;
pub mod logs;
pub mod manifest;
pub mod runtime;
pub mod sample;
pub mod server;
