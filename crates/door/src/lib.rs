//! The door between a component and what is outside of it: the one crate that knows WASI HTTP and Spin.
//!
//! - [`receive`], [`respond`]: a request coming in, whole, and its answer; [`open`], [`stream`]: the same piece by piece
//! - [`Transport`]: the way out, as those see it who send; [`Outbound`]: the way out over wasi:http
//! - [`Trace`]: what ties a request to the requests it causes
//! - [`elapsed`], [`within`]: time, and work that has only so much of it
//! - [`log`]: one JSON line on standard error
//! - [`setting`]: the component's variables
//! - `body`, `headers`, `wait`: what both directions need

mod body;
mod entry;
mod headers;
pub mod log;
mod outbound;
mod time;
mod trace;
mod transport;
mod wait;

use std::{cell::RefCell, collections::BTreeMap};

pub use entry::{Reason, Refused, open, receive, respond, stream};
pub use outbound::Outbound;
pub use spin_sdk::http::{IncomingRequest, ResponseOutparam};
pub use time::{elapsed, within};
pub use trace::Trace;
pub use transport::{Transport, TransportError};

/// Every component allocates by it: in less time, and with less code, than by the allocator that comes with the target.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

thread_local! {
    /// The settings that this instance has asked for.
    static SETTINGS: RefCell<BTreeMap<String, String>> = RefCell::default();
}

/// A setting: a Spin variable of the component, asked for once in the life of the instance; none where it is not declared.
pub fn setting(name: &str) -> Option<String> {
    if let Some(known) = SETTINGS.with_borrow(|settings| settings.get(name).cloned()) {
        return Some(known);
    }
    let value = spin_sdk::variables::get(name).ok()?;
    SETTINGS.with_borrow_mut(|settings| settings.insert(name.to_owned(), value.clone()));
    Some(value)
}
