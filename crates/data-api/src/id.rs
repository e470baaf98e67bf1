//! The `_id` of documents to insert.

use bson::{Bson, Document, oid::ObjectId};

use crate::Failure;

/// A document to insert: its `_id` in front, made here where it has none.
///
/// # Errors
/// An `_id` of a type that can't be one.
pub(crate) fn with_id(mut document: Document) -> Result<Document, Failure> {
    let id = document
        .remove("_id")
        .unwrap_or_else(|| Bson::ObjectId(ObjectId::new()));
    let refused = match &id {
        Bson::Array(_) | Bson::RegularExpression(_) | Bson::Undefined => {
            Some("_id cannot be an array, a regular expression or undefined")
        }
        id if has_operators(id) => Some("_id cannot hold names that begin with a $"),
        _ => None,
    };
    if let Some(message) = refused {
        return Err(Failure::bad_value(message));
    }
    let mut with_id = Document::new();
    with_id.insert("_id", id);
    with_id.extend(document);
    Ok(with_id)
}

/// Whether there is a name like an operator's anywhere within, but those of a reference to another document.
fn has_operators(value: &Bson) -> bool {
    match value {
        Bson::Document(document) => document.iter().any(|(name, value)| {
            name.starts_with('$') && !["$ref", "$id", "$db"].contains(&name.as_str())
                || has_operators(value)
        }),
        Bson::Array(items) => items.iter().any(has_operators),
        _ => false,
    }
}
