//! The files that descriptions are committed in.

use std::{env, fs};

/// A description's file, in its service's own folder, where Cargo runs the service's tests.
const FILE: &str = "openapi.json";

/// Set to anything, it has tests write the files they otherwise hold against what they make.
const WRITE: &str = "CINEMA_OPENAPI_WRITE";

/// Asserts that the file has just this text, or writes it where it is asked to.
///
/// # Panics
/// Where the file has another text, or can't be read or written.
pub(crate) fn kept(service: &str, text: &str) {
    if env::var_os(WRITE).is_some() {
        fs::write(FILE, text)
            .unwrap_or_else(|error| panic!("{FILE} of {service} can't be written: {error}"));
    }
    let found = fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        found == text,
        "{FILE} of {service} is not what the code says now: run `make openapi`"
    );
}
