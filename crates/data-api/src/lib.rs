//! MongoDB's Data API as a server speaks it: nine actions by HTTP POST, in Extended JSON, over whatever holds documents.
//!
//! - [`answer`]: a request to its answer
//! - [`Body`]: what may stand in an action's body; what may not is refused by name
//! - `request`: what it asks for
//! - `id`: the `_id` of what is inserted
//! - `actions`: what each action does
//! - [`Documents`]: the one thing a store has to offer
//! - [`json`]: Extended JSON, both ways
//! - [`Failure`]: an error as the protocol says it
//! - [`index`]: which documents a filter needs looked at, for stores that have an index
//! - `memory` (feature `memory`): documents in memory, for native tests
//! - `conformance` (feature `conformance`): what whoever answers the protocol is held to

mod action;
mod actions;
mod answer;
mod body;
#[cfg(feature = "conformance")]
pub mod conformance;
mod documents;
mod failure;
mod id;
pub mod index;
pub mod json;
#[cfg(feature = "memory")]
pub mod memory;
mod request;

pub use action::Action;
pub use answer::{action, answer};
pub use body::{Body, Dialect, Namespace};
pub use documents::{Documents, Found, Query};
pub use failure::Failure;
