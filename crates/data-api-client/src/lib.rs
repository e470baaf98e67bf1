//! The data-api-client crate.
