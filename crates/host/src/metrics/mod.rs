//! What is counted for Prometheus, told at an address of its own, where no limit of requests is in the way.
//!
//! - [`Requests`]: requests by route and status, and how long they took
//! - [`serve`]: HTTP in front of all that is counted

mod endpoint;
mod requests;

pub use endpoint::serve;
pub use requests::{NONE, Requests};
