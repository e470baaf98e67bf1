//! Spin's interfaces, bound to the instances' state.

use wasmtime::component::{HasSelf, Linker};

pub use super::sqlite::Connection;
use super::state::State;

wasmtime::component::bindgen!({
    path: "wit/spin.wit",
    world: "spin",
    imports: {
        "fermyon:spin/sqlite.[static]connection.open": async,
        "fermyon:spin/sqlite.[method]connection.execute": async,
    },
    with: { "fermyon:spin/sqlite.connection": Connection },
});

pub use fermyon::spin::{sqlite, variables};

/// Offers the interfaces to components.
///
/// # Errors
/// None but for a mistake in this host.
pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    variables::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    sqlite::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}
