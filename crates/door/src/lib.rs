//! The door between a component and what is outside of it: the one crate that knows WASI HTTP and Spin.
//!
//! - [`receive`], [`respond`]: a request coming in, whole, and its answer
//! - [`Transport`]: the way out, as those see it who send; [`Outbound`]: the way out over wasi:http
//! - [`Trace`]: what ties a request to the requests it causes
//! - [`log`]: one JSON line on standard error
//! - [`setting`]: the component's variables
//! - `body`, `headers`, `wait`: what both directions need

mod body;
mod entry;
mod headers;
pub mod log;
mod outbound;
mod trace;
mod transport;
mod wait;

pub use entry::{Reason, Refused, receive, respond};
pub use outbound::Outbound;
pub use spin_sdk::http::{IncomingRequest, ResponseOutparam};
pub use trace::Trace;
pub use transport::{Transport, TransportError};

/// A setting: a Spin variable of the component; none where it is not declared.
pub fn setting(name: &str) -> Option<String> {
    spin_sdk::variables::get(name).ok()
}
