//! Ids.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use bson::{Bson, oid::ObjectId};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, Visitor},
};

use super::NotThat;

/// What a document is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(ObjectId);

impl Id {
    /// What an id has to be, in the words of an error.
    pub const EXPECTED: &'static str = "an id of 24 hex digits";

    /// The least of all: no document has it.
    pub const LEAST: Self = Self::from_bytes([0; 12]);

    /// The greatest of all: no document has it.
    pub const GREATEST: Self = Self::from_bytes([0xff; 12]);

    /// A new id, later in order than every id made more than a microsecond ago, on any machine whose clock agrees.
    ///
    /// An ObjectId's first four bytes are seconds, the rest is for its maker to fill. A service's instance lives for one request,
    /// so a counter would order nothing: after the seconds come 20 bits of microseconds and 44 random bits.
    #[expect(clippy::new_without_default, reason = "no two are the same")]
    pub fn new() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        at(now.as_secs(), now.subsec_micros(), ObjectId::new())
    }

    /// The id of these bytes.
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(ObjectId::from_bytes(bytes))
    }
}

fn at(seconds: u64, microseconds: u32, random: ObjectId) -> Id {
    let mut bytes = random.bytes();
    // What stands for the seconds wraps in 2106, as every driver's does.
    bytes[..4].copy_from_slice(&(seconds as u32).to_be_bytes());
    let fraction = (microseconds << 12).to_be_bytes();
    bytes[4..6].copy_from_slice(&fraction[..2]);
    bytes[6] = fraction[2] | (bytes[6] & 0x0f);
    Id::from_bytes(bytes)
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = NotThat;

    fn from_str(text: &str) -> Result<Self, NotThat> {
        let id = ObjectId::parse_str(text).map_err(|_| NotThat(Self::EXPECTED))?;
        Ok(Self(id))
    }
}

impl From<ObjectId> for Id {
    fn from(id: ObjectId) -> Self {
        Self(id)
    }
}

impl From<Id> for ObjectId {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl From<Id> for Bson {
    fn from(id: Id) -> Self {
        Bson::ObjectId(id.0)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return text.parse().map_err(D::Error::custom);
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Of the values that a document has, an ObjectId alone comes as bytes.
struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ObjectId")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Id, E> {
        let bytes = bytes.try_into().map_err(E::custom)?;
        Ok(Id::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn later_ids_are_greater() {
        let most = ObjectId::from_bytes([0xff; 12]);
        let least = ObjectId::from_bytes([0; 12]);
        let moments = [(7, 0), (7, 1), (7, 16), (7, 4096), (7, 999_999), (8, 0)];
        for pair in moments.windows(2) {
            let (early, late) = (pair[0], pair[1]);
            assert!(
                at(early.0, early.1, most) < at(late.0, late.1, least),
                "{pair:?}"
            );
        }
        let seconds = ObjectId::from(at(7, 5, least)).timestamp();
        assert_eq!(seconds.timestamp_millis(), 7_000);
    }

    #[test]
    fn no_id_is_made_twice() {
        let ids: BTreeSet<_> = (0..10_000).map(|_| Id::new()).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
