//! What is stored of an `Idempotency-Key`.

use serde::{Deserialize, Serialize};
use service::{Id, Moment};

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
}
