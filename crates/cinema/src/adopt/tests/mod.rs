//! What the tests of foreign documents share.

#![allow(clippy::unwrap_used)]

mod pass;
mod shapes;
mod values;

use bson::{Bson, DateTime, doc, oid::ObjectId};

fn id(n: u64) -> ObjectId {
    ObjectId::parse_str(format!("65a1b2c3{n:016x}")).unwrap()
}

/// Values that no field expects.
fn odd_values() -> Vec<Bson> {
    vec![
        Bson::Null,
        Bson::Undefined,
        Bson::Boolean(true),
        Bson::Int32(-1),
        Bson::Int64(i64::MAX),
        Bson::Double(f64::NAN),
        Bson::Double(f64::INFINITY),
        Bson::Double(1e300),
        Bson::Decimal128("9.99E+6100".parse().unwrap()),
        Bson::String(String::new()),
        Bson::String("x".repeat(100_000)),
        Bson::Array(vec![Bson::Null, Bson::Array(vec![])]),
        Bson::Document(doc! {"$date": "never", "a": {"b": []}}),
        Bson::DateTime(DateTime::MAX),
        Bson::DateTime(DateTime::MIN),
        Bson::MinKey,
        Bson::MaxKey,
        Bson::Symbol("s".into()),
        Bson::JavaScriptCode("f()".into()),
        Bson::ObjectId(id(0)),
    ]
}
