//! Relaxed Extended JSON straight from BSON's bytes: writing pages of documents is most of what this service does.

use bson::{Bson, DateTime, RawBsonRef, RawDocument, oid::ObjectId};
use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap, SerializeSeq},
};

/// A document as relaxed [Extended JSON v2](https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/).
pub struct Relaxed<'a>(pub &'a RawDocument);

struct Value<'a>(RawBsonRef<'a>);

impl Serialize for Relaxed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in self.0 {
            let (name, value) = field.map_err(S::Error::custom)?;
            map.serialize_entry(name.as_str(), &Value(value))?;
        }
        map.end()
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            RawBsonRef::String(text) => serializer.serialize_str(text),
            RawBsonRef::Int32(number) => serializer.serialize_i32(number),
            RawBsonRef::Int64(number) => serializer.serialize_i64(number),
            RawBsonRef::Double(number) if number.is_finite() => serializer.serialize_f64(number),
            RawBsonRef::Boolean(value) => serializer.serialize_bool(value),
            RawBsonRef::Null => serializer.serialize_unit(),
            RawBsonRef::Document(document) => Relaxed(document).serialize(serializer),
            RawBsonRef::Array(items) => {
                let mut list = serializer.serialize_seq(None)?;
                for item in items {
                    list.serialize_element(&Value(item.map_err(S::Error::custom)?))?;
                }
                list.end()
            }
            RawBsonRef::ObjectId(id) => tagged("$oid", &Digits(id), serializer),
            RawBsonRef::DateTime(date) => match calendar(date) {
                Some(text) => tagged("$date", &text, serializer),
                None => tagged("$date", &Long(date.timestamp_millis()), serializer),
            },
            RawBsonRef::JavaScriptCodeWithScope(code) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("$code", code.code)?;
                map.serialize_entry("$scope", &Relaxed(code.scope))?;
                map.end()
            }
            other => Bson::try_from(other)
                .map_err(S::Error::custom)?
                .into_relaxed_extjson()
                .serialize(serializer),
        }
    }
}

/// An ObjectId as a text of hexadecimal digits, for which nothing is allocated.
pub struct Digits(pub ObjectId);

impl Serialize for Digits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 24];
        hex::encode_to_slice(self.0.bytes(), &mut digits).map_err(S::Error::custom)?;
        serializer.serialize_str(std::str::from_utf8(&digits).map_err(S::Error::custom)?)
    }
}

/// A 64-bit integer in canonical form.
struct Long(i64);

impl Serialize for Long {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        tagged("$numberLong", &self.0.to_string(), serializer)
    }
}

/// A date from 1970 to 9999 by its calendar form; the specification has all others as numbers.
fn calendar(date: DateTime) -> Option<String> {
    const YEAR_10000: i64 = 253_402_300_800_000;
    let shown = (0..YEAR_10000).contains(&date.timestamp_millis());
    shown.then(|| date.try_to_rfc3339_string().ok()).flatten()
}

fn tagged<S: Serializer>(
    tag: &str,
    value: &(impl Serialize + ?Sized),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, value)?;
    map.end()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::{
        Decimal128, Document, JavaScriptCodeWithScope, Regex, Timestamp, doc, spec::BinarySubtype,
    };

    use super::*;

    /// What the driver's own code writes, by way of a document in memory.
    fn expected(document: &Document) -> String {
        Bson::Document(document.clone())
            .into_relaxed_extjson()
            .to_string()
    }

    #[test]
    fn it_is_what_the_driver_writes() {
        let binary = bson::Binary {
            subtype: BinarySubtype::Uuid,
            bytes: vec![7; 16],
        };
        let document = doc! {
            "_id": ObjectId::new(),
            "text": "\"é\u{0}\u{2028}",
            "numbers": [1, i64::MAX, 1.0, -0.0, 1e300, f64::NAN, f64::INFINITY, "9.99".parse::<Decimal128>().unwrap()],
            "dates": [DateTime::from_millis(0), DateTime::from_millis(-1), DateTime::from_millis(1_700_000_000_123),
                DateTime::from_millis(253_402_300_799_999)],
            "nested": {"a": {"b": [[], {}, Bson::Null, true]}},
            "rest": [Bson::MinKey, Bson::MaxKey, Bson::Undefined, Bson::Symbol("s".into()), Bson::JavaScriptCode("f()".into()),
                Timestamp { time: 1, increment: 2 }, binary,
                JavaScriptCodeWithScope { code: "f()".into(), scope: doc! {"at": DateTime::from_millis(5)} }],
            "regex": Regex { pattern: bson::cstr!("^a").into(), options: bson::cstr!("im").into() },
        };
        let raw = bson::RawDocumentBuf::try_from(&document).unwrap();
        assert_eq!(
            serde_json::to_string(&Relaxed(&raw)).unwrap(),
            expected(&document)
        );
    }

    #[test]
    fn damage_is_an_error() {
        // A string whose length goes past the end of the document.
        let bytes = vec![14, 0, 0, 0, 2, b'a', 0, 99, 0, 0, 0, b'x', 0, 0];
        let damaged = RawDocument::from_bytes(&bytes).unwrap();
        assert!(serde_json::to_string(&Relaxed(damaged)).is_err());
    }
}
