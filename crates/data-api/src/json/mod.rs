//! [Extended JSON v2](https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/), both ways.

mod read;
mod relaxed;

pub use read::Extended;
pub use relaxed::Relaxed;
