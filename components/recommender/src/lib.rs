//! The built-in recommender: ranks films for one user, behind `wit/recommender.wit`.
//!
//! - `ranking`: what a film scores, and the order.
//! - `taste`: what the user's bookings say of directors.
//! - `programme`: when a film is on next.
//! - `reason`: the sentence that tells the user why.
//!
//! It is pure computation: no clock, no network, no storage, nothing random. To put an algorithm of your own in its place,
//! export the same interface from a component in any language, and name that in spin.toml.

mod programme;
mod ranking;
mod reason;
mod taste;
/// The types of the interface, and the glue by which a host calls us: made from the WIT.
mod wit {
    wit_bindgen::generate!({ path: "../../wit", world: "recommender" });
}

use wit::exports::cinema::recommender::rank::{Guest, Request, Suggestion};

struct Recommender;

impl Guest for Recommender {
    fn suggest(request: Request) -> Vec<Suggestion> {
        ranking::suggest(&request)
    }
}

// The export is a symbol that only a WebAssembly linker takes; the unit tests run natively, without it.
#[cfg(target_family = "wasm")]
wit::export!(Recommender with_types_in wit);
