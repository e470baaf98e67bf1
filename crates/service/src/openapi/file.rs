//! The files that descriptions are committed in.

use std::{env, fs, path::Path};

/// Set to anything, it has tests write the files they otherwise hold against what they make.
const WRITE: &str = "CINEMA_OPENAPI_WRITE";

/// Asserts that a file has just this text, or writes it where it is asked to.
///
/// # Panics
/// Where the file has another text, or can't be read or written.
pub fn kept(file: impl AsRef<Path>, text: &str) {
    let file = file.as_ref();
    if env::var_os(WRITE).is_some() {
        fs::write(file, text)
            .unwrap_or_else(|error| panic!("{} can't be written: {error}", file.display()));
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    assert!(
        found == text,
        "{} is not what the code says now: run `make openapi`",
        file.display()
    );
}
