//! A typed client of MongoDB's Data API: documents by HTTP POST, in Extended JSON.
//!
//! The layout, from the outside in:
//! - [`Client`] and [`Collection`]: what a service calls. A collection holds [`Documents`] of one type, which is [`Stored`]: read
//!   strictly, by serde. What is not in the shape is left out of lists, and an error where it is asked for by itself.
//! - [`Id`], [`Day`], [`Time`], [`Moment`]: what documents are made of.
//! - [`Page`]: lists, a page at a time. [`Place`]: places that can be void.
//! - [`Config`] and [`Auth`]: where storage is and how it knows us, from the application's variables.
//! - [`door::Transport`]: the one thing the client needs of the outside. The services give it outbound HTTP of their host.
//! - [`Error`]: what can go wrong, told apart by what a caller can do about it.
//! - `protocol`: the words of the protocol, requests built and answers read.
//! - `retry`: which failures are tried again, when, and for how long.
//! - [`memory`] (feature `memory`): storage in memory that answers the protocol, for native tests; [`stepped`]: the same a step at a time.
//!
//! Ids are made here, by the client, and never by the server: an insert whose answer was lost can then be sent again, and
//! what the first try stored is recognised as our own.

mod clear;
mod client;
mod collection;
mod config;
mod documents;
mod error;
mod find;
mod insert;
#[cfg(feature = "memory")]
pub mod memory;
mod page;
mod place;
mod protocol;
mod reader;
mod retry;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod scripted;
#[cfg(feature = "memory")]
pub mod stepped;
mod stored;
#[cfg(test)]
mod tests;
mod values;

pub use bson;

pub use client::Client;
pub use collection::Collection;
pub use config::{Auth, Config, ConfigError};
pub use documents::{Documents, Updated};
pub use error::Error;
pub use find::{Find, PAGE, given};
pub use page::{Page, PageRequest};
pub use place::{Place, VOIDED, living};
pub use reader::Misfit;
pub use stored::{Raw, Stored};
pub use values::{Day, Id, Moment, NotThat, Time};
