//! How answers are written: in Extended JSON, or in the plain JSON of Atlas.

use bson::{Bson, RawBsonRef, RawDocument};
use data_api_protocol::json::{Digits, Format};
use http::HeaderMap;
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap as _, SerializeSeq as _},
};

use crate::settings::Json;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// So that every value has its type.
    Extended(Format),
    /// As Atlas wrote `application/json`: ObjectIds, dates and decimals as texts.
    Plain,
}

impl Form {
    /// What a client accepts; `json` is what `application/json` means.
    pub fn of(headers: &HeaderMap, json: Json) -> Self {
        match (Format::of(headers), json) {
            (Format::Relaxed, Json::Plain) => Self::Plain,
            (format, _) => Self::Extended(format),
        }
    }

    /// The `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Extended(format) => format.media_type(),
            Self::Plain => Format::Relaxed.media_type(),
        }
    }

    /// Writes a document behind what is there already.
    ///
    /// # Errors
    /// A document that is damaged.
    pub fn write(self, document: &RawDocument, text: &mut Vec<u8>) -> serde_json::Result<()> {
        match self {
            Self::Extended(format) => format.write(document, text),
            Self::Plain => serde_json::to_writer(text, &Plain(RawBsonRef::Document(document))),
        }
    }
}

struct Plain<'a>(RawBsonRef<'a>);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            RawBsonRef::Document(document) => {
                let mut map = serializer.serialize_map(None)?;
                for field in document {
                    let (name, value) = field.map_err(S::Error::custom)?;
                    map.serialize_entry(name.as_str(), &Plain(value))?;
                }
                map.end()
            }
            RawBsonRef::Array(items) => {
                let mut list = serializer.serialize_seq(None)?;
                for item in items {
                    list.serialize_element(&Plain(item.map_err(S::Error::custom)?))?;
                }
                list.end()
            }
            RawBsonRef::ObjectId(id) => Digits(id).serialize(serializer),
            RawBsonRef::Decimal128(decimal) => serializer.collect_str(&decimal),
            RawBsonRef::DateTime(date) => match date.try_to_rfc3339_string() {
                Ok(text) => serializer.serialize_str(&text),
                Err(_) => serializer.serialize_i64(date.timestamp_millis()),
            },
            other => Bson::try_from(other)
                .map_err(S::Error::custom)?
                .into_relaxed_extjson()
                .serialize(serializer),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::{DateTime, RawDocumentBuf, doc, oid::ObjectId};

    use super::*;

    #[test]
    fn plain_json_is_as_atlas_wrote_it() {
        let document = doc! {
            "_id": ObjectId::parse_str("6193504e1be4ab27791c8133").unwrap(),
            "list": [{"at": DateTime::from_millis(1_641_954_803_067)}, 5_i64, 1.5, Bson::Null],
            "weight": "9823.1297".parse::<bson::Decimal128>().unwrap(),
            "first": DateTime::from_millis(-1),
        };
        let raw = RawDocumentBuf::try_from(&document).unwrap();
        let mut text = Vec::new();
        Form::Plain.write(&raw, &mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            r#"{"_id":"6193504e1be4ab27791c8133","list":[{"at":"2022-01-12T02:33:23.067Z"},5,1.5,null],"weight":"9823.1297","first":"1969-12-31T23:59:59.999Z"}"#
        );
    }
}
