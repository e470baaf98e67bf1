//! What an index over a few fields can tell of a filter, for stores that have one.
//!
//! An index holds an entry for each value of an indexed field, and for each element where it is an array: its [`key`] and the
//! document's id. A document without the field has none.

pub mod key;
mod plan;
mod text;

use bson::{Bson, Document};

pub use plan::{Between, Order, Plan, Range, scans};
pub use text::{Holding, SEARCHED, is_search, texts};

/// The fields by which the services ask, besides `_id`.
pub const FIELDS: [&str; 15] = [
    "at",
    "createdon",
    "date",
    "director",
    "expires",
    "last",
    "movies",
    "owes",
    "rating",
    "role",
    "showtimeid",
    "until",
    "userid",
    "username",
    "voided",
];

/// Collections that have more of these fields than they are asked by: each entry is a page that is written.
pub const FEWER: [(&str, &[&str]); 1] = [("bookings", &["owes", "showtimeid", "userid", "voided"])];

/// The fields that are indexed in a namespace, `database.collection`.
pub fn fields(namespace: &str) -> &'static [&'static str] {
    let collection = namespace.split_once('.').map(|(_, collection)| collection);
    let fewer = FEWER.iter().find(|(name, _)| Some(*name) == collection);
    fewer.map_or(&FIELDS, |(_, fields)| fields)
}

/// The entries of a namespace's document: field and key.
pub fn entries(namespace: &str, document: &Document) -> Vec<(&'static str, Vec<u8>)> {
    let mut entries = Vec::new();
    for field in fields(namespace) {
        let Some(value) = document.get(field) else {
            continue;
        };
        entries.push((*field, key::of(value)));
        if let Bson::Array(items) = value {
            entries.extend(items.iter().map(|item| (*field, key::of(item))));
        }
    }
    entries
}
