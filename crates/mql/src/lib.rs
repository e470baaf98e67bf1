//! The mql crate.
