//! MongoDB's Data API in front of any MongoDB, by its official driver.
//!
//! Data walks one way: `http` takes a request, `access` knows who asks and what that one may, `actions` ask the server, and the
//! answer goes from the server's cursor to the client's socket as it comes.
//!
//! - [`settings`]: what may be set
//! - [`access`]: who may do what
//! - [`sources`]: the deployments, by name
//! - [`actions`]: what each action asks of the server
//! - [`failure`]: the driver's errors, as the protocol says them
//! - [`http`]: connections, requests, answers
//! - [`metrics`]: what is counted
//! - [`check`]: whether a deployment answers
//! - [`logs`]: what an operator reads

pub mod access;
pub mod actions;
pub mod check;
pub mod failure;
pub mod http;
pub mod logs;
pub mod metrics;
pub mod settings;
pub mod sources;
