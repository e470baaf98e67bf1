//! What users and auth share: who there is, by what name and password they sign in, and how often somebody may guess.
//!
//! - [`User`], [`Credentials`]: a user, and what they sign in by, which is kept apart
//! - [`Accounts`]: both in storage, and the names, each of which is one user's
//! - [`password`]: hashed, and compared with a hash
//! - [`Throttle`]: who has to wait after so many wrong passwords, and how long

mod accounts;
pub mod password;
mod throttle;
mod user;

pub use accounts::Accounts;
pub use throttle::Throttle;
pub use user::{Credentials, User};
