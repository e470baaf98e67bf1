//! What users and auth share: who there is, by what name and password they sign in, and how often somebody may guess.
//!
//! - [`User`], [`Credentials`]: a user, and what they sign in by, which is kept apart
//! - [`Accounts`]: both in storage, and the names, each of which is one user's
//! - [`password`]: hashed, and compared with a hash
//! - [`Throttle`]: who has to wait after so many wrong passwords, and how long
//! - [`Session`], [`Sessions`]: who is signed in, and where
//! - [`Staff`]: who is staff is changed by one at a time, so that somebody always is
//! - [`random`]: what nobody guesses

mod accounts;
pub mod password;
mod passwords;
pub mod random;
mod sessions;
mod staff;
mod throttle;
mod user;

pub use accounts::Accounts;
pub use sessions::{Session, Sessions};
pub use staff::{Demotion, Staff};
pub use throttle::{Attempt, Refusal, Throttle};
pub use user::{Code, Credentials, User};
