//! MongoDB's query language over BSON documents: match, update, project, sort, aggregate. No I/O.
//!
//! Each part is parsed once and applied to as many documents as there are: a [`Filter`] says whether a document matches, an
//! [`Update`] changes one, a [`Projection`] picks from one, a [`Sort`] puts them in order, a [`Pipeline`] turns many into
//! others. What this crate does not know it refuses by name when it parses; it never ignores an operator.
//!
//! - `order`: BSON's order of types and values
//! - `path`: dotted paths, with arrays walked through as MongoDB does
//! - `number`: arithmetic over BSON's kinds of number
//! - `filter`, `update`, `projection`, `sort`, `pipeline`: the parts

mod date;
mod depth;
mod error;
mod expression;
mod filter;
mod number;
mod order;
mod path;
mod pipeline;
mod place;
mod projection;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod properties;
mod sort;
mod truth;
mod types;
mod update;

pub use bson;
pub use depth::check as check_depth;
pub use error::{Code, Error, Result};
pub use filter::{Bounds, Filter, fold, texts};
pub use order::compare;
pub use pipeline::Pipeline;
pub use projection::Projection;
pub use sort::Sort;
pub use update::Update;
