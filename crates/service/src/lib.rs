//! What makes a crate a service. A component names its routes and its handlers; all that every service does alike is here.
//!
//! - [`serve`]: the entry: one request in, one answer out, whatever happens between
//! - [`Routes`]: which path and method is which handler, and whom it is open to; 404, 405, `HEAD`, health
//! - [`Request`]: what came in, read with errors that say what to do
//! - [`body!`], [`Fields`], [`rule`]: bodies, each declared once
//! - [`Access`], [`Caller`]: whom a route is open to, and who is asking; `credentials`, [`cookies`]: how a request says so; `verified`: what is
//!   found out once
//! - [`Origin`]: where a request came from; `standing`: what whoever writes may do by now
//! - [`grpc`]: a second way in to the same routes
//! - [`Reply`], [`Problem`]: what goes out, JSON or `application/problem+json` (RFC 9457)
//! - [`Context`]: the way to storage and to the sibling services, for the request being served; `settings`: what an instance keeps of them
//! - [`Sibling`]: asking a sibling service; [`Fresh`]: what was read of one, kept for a moment
//! - [`Clock`]: the cinema's day and time
//! - [`testing`] (feature `testing`): the same without Spin, for native tests

mod access;
mod body;
mod context;
pub mod cookies;
mod credentials;
mod fresh;
pub mod grpc;
mod json;
mod names;
mod origin;
mod problem;
mod reply;
mod request;
mod routes;
pub mod rule;
mod serve;
mod settings;
mod sibling;
mod standing;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod verified;
mod visible;
mod zone;

pub use access::{Access, Caller};
pub use body::{Body, Described, Fields};
pub use context::Context;
pub use data_api_client::{Day, Id, Moment, Page, PageRequest, Time};
pub use fresh::Fresh;
pub use origin::Origin;
pub use problem::{Challenge, Fault, Problem, ProblemBody};
pub use reply::{Content, Many, One, Reply};
pub use request::Request;
pub use routes::{Routes, Service};
pub use serve::serve;
pub use sibling::{Conflict, Listed, Sibling};
pub use tokens::Role;
pub use zone::Clock;
