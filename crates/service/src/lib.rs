//! What makes a crate a service. A component names its routes and its handlers; all that every service does alike is here.
//!
//! - [`serve`]: the entry: one request in, one answer out, whatever happens between
//! - [`Routes`]: which path and method is which handler; 404, 405, `HEAD`, health
//! - [`Request`], [`Fields`], [`PageRequest`]: what came in, read with errors that say what to do
//! - [`Access`], [`Caller`]: whom a route is open to, and who is asking; `credentials`, [`cookies`]: how a request says so
//! - [`Reply`], [`Page`], [`Problem`]: what goes out, JSON or `application/problem+json` (RFC 9457)
//! - [`new_id`]: ids in the order in which they are made
//! - [`Context`]: the way to storage and to the sibling services, for the request being served
//! - [`Ask`], [`Sibling`]: asking a sibling service
//! - [`testing`] (feature `testing`): the same without Spin, for native tests
//! - `openapi` (feature `openapi`): the description of a service's API, made and checked by its native tests

mod access;
pub mod clock;
mod context;
pub mod cookies;
mod credentials;
mod fields;
mod id;
#[cfg(feature = "openapi")]
pub mod openapi;
mod page;
mod problem;
mod reply;
mod request;
mod routes;
mod serve;
mod sibling;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use access::{Access, Caller};
pub use context::Context;
pub use fields::Fields;
pub use id::new_id;
pub use page::{Page, PageRequest};
pub use problem::{Challenge, Fault, Problem};
pub use reply::Reply;
pub use request::Request;
pub use routes::{Added, Routes, Service};
pub use serve::serve;
pub use sibling::{Ask, Listed, Sibling};
pub use tokens::Role;
