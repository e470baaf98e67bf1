//! What counts as true.

use bson::Bson;

use crate::number::Number;

/// Everything does but false, null, what is undefined, and zero.
pub fn truthy(value: &Bson) -> bool {
    match value {
        Bson::Boolean(value) => *value,
        Bson::Null | Bson::Undefined => false,
        _ => Number::of(value).is_none_or(|number| !number.is_zero()),
    }
}
