//! [Extended JSON v2](https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/), both ways.

mod format;
mod read;
mod relaxed;

pub use format::Format;
pub use read::Extended;
pub use relaxed::{Digits, Relaxed};
