//! The time and ids as BSON's own types, for services whose documents are not yet of [`Moment`]s and [`Id`](crate::Id)s.

use bson::{DateTime, oid::ObjectId};
use data_api_client::Moment;

/// Now.
pub fn now() -> DateTime {
    DateTime::now()
}

/// Today, in UTC, as `YYYY-MM-DD`.
pub fn today() -> String {
    Moment::now().day().to_string()
}

/// A moment as RFC 3339, in UTC.
pub fn rfc3339(moment: DateTime) -> String {
    Moment::clamped(moment.timestamp_millis()).to_string()
}

/// A new id: see [`Id::new`](crate::Id::new).
pub fn new_id() -> ObjectId {
    crate::Id::new().into()
}
