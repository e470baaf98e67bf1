//! What is stored of an `Idempotency-Key`.

use serde::{Deserialize, Serialize};
use service::{Id, Moment};

use crate::model::Booking;

/// What is remembered of a key, for a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The key's hash: a client's key is not stored in plain text.
    #[serde(alias = "_id")]
    pub id: String,
    /// The hash of the request it came with.
    pub fingerprint: String,
    /// The booking to make.
    pub bookingid: Id,
    /// When the key was first seen.
    pub createdon: Moment,
    /// The answer, once it is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// How an order ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// With this booking, as it was first answered.
    #[serde(rename = "booked")]
    Booked(Booking),
    /// Without, since only so many seats were left.
    #[serde(rename = "left")]
    SoldOut(i32),
}
