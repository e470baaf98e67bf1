//! Ids for what a service adds.

use std::time::{SystemTime, UNIX_EPOCH};

use bson::oid::ObjectId;

/// A new id, later in order than every id made more than a microsecond ago, on any machine whose clock agrees.
///
/// An ObjectId's first four bytes are seconds, the rest is for its maker to fill. A service's instance lives for one request,
/// so a counter would order nothing: after the seconds come 20 bits of microseconds and 44 bits of chance.
pub fn new_id() -> ObjectId {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    at(now.as_secs(), now.subsec_micros(), ObjectId::new())
}

fn at(seconds: u64, microseconds: u32, chance: ObjectId) -> ObjectId {
    let mut bytes = chance.bytes();
    // What stands for the seconds wraps in 2106, as every driver's does.
    bytes[..4].copy_from_slice(&(seconds as u32).to_be_bytes());
    let fraction = (microseconds << 12).to_be_bytes();
    bytes[4..6].copy_from_slice(&fraction[..2]);
    bytes[6] = fraction[2] | (bytes[6] & 0x0f);
    ObjectId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn later_ids_are_greater() {
        let chance = ObjectId::from_bytes([0xff; 12]);
        let none = ObjectId::from_bytes([0; 12]);
        let moments = [(7, 0), (7, 1), (7, 16), (7, 4096), (7, 999_999), (8, 0)];
        for pair in moments.windows(2) {
            let (early, late) = (pair[0], pair[1]);
            assert!(
                at(early.0, early.1, chance) < at(late.0, late.1, none),
                "{pair:?}"
            );
        }
        assert_eq!(at(7, 5, none).timestamp().timestamp_millis(), 7_000);
    }

    #[test]
    fn no_id_is_made_twice() {
        let ids: BTreeSet<_> = (0..10_000).map(|_| new_id()).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
