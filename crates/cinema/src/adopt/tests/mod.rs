//! What the tests of foreign documents share.

#![allow(clippy::unwrap_used)]

mod pass;
mod shapes;
mod values;

use bson::oid::ObjectId;

fn id(n: u64) -> ObjectId {
    ObjectId::parse_str(format!("65a1b2c3{n:016x}")).unwrap()
}
