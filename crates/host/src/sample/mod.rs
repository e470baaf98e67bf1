//! The sample data: films, a programme, users and their bookings, loaded over the public API into any running cinema.
//!
//! - `data` — the files, and their references to one another
//! - `client` — the API
//! - `staff` — signing in to it
//! - [`load`] — makes what is missing, and only that, so that it can be repeated

mod client;
mod data;
mod load;
mod staff;
#[cfg(test)]
mod tests;

pub use client::Client;
pub use data::SampleData;
pub use load::{Report, load};
pub use staff::Staff;
