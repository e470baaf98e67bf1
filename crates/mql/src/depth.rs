//! A bound on nesting, so that no input can exhaust the stack.

use bson::{Bson, Document};

use crate::{Error, Result};

/// The deepest nesting MongoDB itself takes in a document.
pub const DEEPEST: usize = 100;

/// Refuses a document nested deeper than MongoDB allows, as a server does with what is to be stored.
///
/// # Errors
/// More than 100 levels.
pub fn check(document: &Document) -> Result<()> {
    if document.values().all(|value| within(value, DEEPEST)) {
        Ok(())
    } else {
        Err(Error::bad_value(format!(
            "nested deeper than {DEEPEST} levels"
        )))
    }
}

fn within(value: &Bson, left: usize) -> bool {
    match value {
        Bson::Document(document) => {
            left > 0 && document.values().all(|value| within(value, left - 1))
        }
        Bson::JavaScriptCodeWithScope(code) => {
            left > 0 && code.scope.values().all(|value| within(value, left - 1))
        }
        Bson::Array(items) => left > 0 && items.iter().all(|value| within(value, left - 1)),
        _ => true,
    }
}
