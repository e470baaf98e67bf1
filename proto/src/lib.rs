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
