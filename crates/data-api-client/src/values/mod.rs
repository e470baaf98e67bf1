//! What documents are made of, written one way in BSON and one way in JSON, and read strictly.
//!
//! | type | in BSON | in JSON |
//! | --- | --- | --- |
//! | [`Id`] | ObjectId | 24 hex digits |
//! | [`Moment`] | date | RFC 3339, in UTC |
//! | [`Day`] | text, `YYYY-MM-DD` | the same |
//! | [`Time`] | text, `HH:MM` | the same |
//!
//! A model is one struct of these and of serde's own types, with `Option`s that are skipped where they are none: absent means
//! absent, and there are no nulls.

mod day;
mod id;
mod moment;
#[cfg(feature = "openapi")]
mod schema;

pub use day::{Day, Time};
pub use id::Id;
pub use moment::Moment;

/// A text that is not of the type it is read as: the message says what it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("has to be {0}")]
pub struct NotThat(pub &'static str);
