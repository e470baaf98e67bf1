//! The description of a service's API (OpenAPI 3.1), made from its own types, and held against its own routes.
//!
//! - [`Api`]: a service's description, from its routes
//! - [`Route`]: what a route takes and gives; `operation`: what follows from whom it is open to
//! - `answers`: errors, and headers, which are everywhere the same
//! - [`schema`]: what fields and parameters are made of; [`examples`]: things to show
//! - [`probe`]: whether a body is read as it is described
//! - `file`: where a description is committed
//!
//! Only native tests know of any of it: a component for WebAssembly has no part in it.

mod answers;
mod api;
pub mod examples;
mod file;
mod operation;
pub mod probe;
mod route;
pub mod schema;

pub use api::Api;
pub use operation::open_to;
pub use route::Route;
