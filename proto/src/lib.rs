//! The contract of the services by gRPC, `cinema.v1`: the messages of `cinema/v1/*.proto`, whose comments say what everything is.

#![allow(
    missing_docs,
    reason = "a message whose parts are a oneof has a module that the contract can't describe"
)]

pub use prost_types::{FieldMask, Timestamp};

include!(concat!(env!("OUT_DIR"), "/cinema.v1.rs"));

/// The contract as a `google.protobuf.FileDescriptorSet`, without comments.
#[cfg(feature = "descriptors")]
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/contract.bin"));

/// The moment so many milliseconds after 1970 began.
pub fn timestamp(millis: i64) -> Timestamp {
    Timestamp {
        seconds: millis.div_euclid(1000),
        // A millisecond is a million nanoseconds; there are less than a thousand of them.
        nanos: millis.rem_euclid(1000) as i32 * 1_000_000,
    }
}
