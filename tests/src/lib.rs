//! The harness of the end-to-end tests, which run the real components on a real host and know them by their HTTP alone.
//!
//! - [`api`]: a client, and what every answer must look like.
//! - [`people`]: signing up and in, and customers.
//! - [`staff`]: how the tests are signed in as those who run the cinema.
//! - [`keys`]: keys, and tokens made by hand, good ones and forged ones.
//! - [`cookies`]: what a browser keeps; [`browser`]: one without scripts, which looks at the website.
//! - [`host`]: starts, kills and restarts the bundled host on a store of its own, and gathers what it logs.
//! - [`cinema`]: the instance that tests share, and with `CINEMA_URL` any running one in its place.
//! - [`fake`]: servers that stand in for storage or for a sibling service, and behave as badly as they are told to.
//! - [`raw`]: HTTP by hand, for requests that no well-behaved client sends.
//! - [`grpc`]: tonic's clients of the contract; [`wire`]: calls by hand, for those that no client makes.
//!
//! A test that needs to control the host, or its signing key, says so and is skipped when `CINEMA_URL` is set. Then the first
//! staff user's name and password are taken from `CINEMA_STAFF_USERNAME` and `CINEMA_STAFF_PASSWORD`.

#![allow(clippy::unwrap_used)]

pub mod api;
pub mod browser;
pub mod cinema;
pub mod cookies;
pub mod fake;
pub mod grpc;
pub mod host;
pub mod keys;
pub mod people;
pub mod raw;
pub mod staff;
pub mod wire;

pub use api::{Answer, Api, NOBODY, day, tag};
pub use browser::{Browser, Page};
pub use cinema::{Cinema, given, shared};
pub use data_api_client::bson;
pub use fake::{DataApi, Fake, Way};
pub use host::Host;
pub use keys::KeyPair;
pub use people::Customer;
