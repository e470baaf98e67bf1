//! The words of the protocol: requests built, answers read.

use bson::{Bson, Document, RawDocumentBuf};
use data_api_protocol::json::Relaxed;
use http::{Response, StatusCode};
use serde_json::{Map, Value};

/// A request's body, in relaxed Extended JSON.
pub(crate) fn body(document: &Document) -> Result<Vec<u8>, String> {
    let raw = RawDocumentBuf::try_from(document).map_err(|error| error.to_string())?;
    serde_json::to_vec(&Relaxed(&raw)).map_err(|error| error.to_string())
}

/// Reads Extended JSON, relaxed or canonical. What looks like Extended JSON and is not, such as `{"$date": 5}`, is kept
/// as the plain document it is: somebody has stored it so, and the rest of the answer is still good.
pub(crate) fn from_json(value: Value) -> Bson {
    match value {
        Value::Array(values) => Bson::Array(values.into_iter().map(from_json).collect()),
        Value::Object(map) if map.keys().any(|key| key.starts_with('$')) => {
            Bson::try_from(map.clone()).unwrap_or_else(|_| Bson::Document(plain(map)))
        }
        Value::Object(map) => Bson::Document(plain(map)),
        // Integers that no BSON number holds come as doubles.
        scalar => Bson::try_from(scalar).unwrap_or(Bson::Null),
    }
}

fn plain(map: Map<String, Value>) -> Document {
    map.into_iter()
        .map(|(key, value)| (key, from_json(value)))
        .collect()
}

/// An answer's body, read field by field. Each failure says what is wrong with the shape, and nothing of the content.
pub(crate) struct Answer {
    fields: Document,
    /// Whether its status says that something was created.
    pub(crate) created: bool,
}

impl Answer {
    pub(crate) fn parse(response: &Response<Vec<u8>>) -> Result<Self, String> {
        let body = response.body();
        let created = response.status() == StatusCode::CREATED;
        let with = |fields| Self { fields, created };
        // Nearly every answer is good Extended JSON, which the driver reads at once; the detour is for all others.
        if let Ok(document) = serde_json::from_slice(body) {
            return Ok(with(document));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) => Ok(with(plain(map))),
            Ok(_) => Err("the body is JSON, but not an object".to_owned()),
            Err(error) if error.is_eof() => Err("the body ends too early".to_owned()),
            Err(_) => Err("the body is not JSON".to_owned()),
        }
    }

    fn take(&mut self, field: &str) -> Result<Bson, String> {
        self.fields
            .remove(field)
            .ok_or_else(|| format!("the body has no `{field}`"))
    }

    /// The `document` found, `None` for `null`.
    pub(crate) fn document(mut self) -> Result<Option<Document>, String> {
        match self.take("document")? {
            Bson::Document(document) => Ok(Some(document)),
            Bson::Null => Ok(None),
            _ => Err("`document` is not a document".to_owned()),
        }
    }

    /// The `documents` found.
    pub(crate) fn documents(mut self) -> Result<Vec<Document>, String> {
        let Bson::Array(values) = self.take("documents")? else {
            return Err("`documents` is not an array".to_owned());
        };
        values
            .into_iter()
            .map(|value| match value {
                Bson::Document(document) => Ok(document),
                _ => Err("`documents` holds what is not a document".to_owned()),
            })
            .collect()
    }

    /// A count, such as `deletedCount`.
    pub(crate) fn count(&mut self, field: &str) -> Result<u64, String> {
        let count = match self.take(field)? {
            Bson::Int32(count) => u64::try_from(count).ok(),
            Bson::Int64(count) => u64::try_from(count).ok(),
            // Canonical Extended JSON of a double, or a language that knows no integers.
            Bson::Double(count) if count >= 0.0 && count.fract() == 0.0 => Some(count as u64),
            _ => None,
        };
        count.ok_or_else(|| format!("`{field}` is not a count"))
    }

    /// Something that is there or not.
    pub(crate) fn optional(&mut self, field: &str) -> Option<Bson> {
        self.take(field).ok().filter(|value| *value != Bson::Null)
    }

    /// Something that must be there.
    pub(crate) fn required(&mut self, field: &str) -> Result<Bson, String> {
        self.take(field)
    }
}

/// What a server says of a failure: `error_code` and `error`.
#[derive(Debug, Default)]
pub(crate) struct Fault {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Fault {
    /// Reads the body of an answer that is not a success. `None` when it is not the protocol's.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let Ok(Value::Object(map)) = serde_json::from_slice(body) else {
            return None;
        };
        let text = |field: &str| match map.get(field) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let message = text("error")?;
        Some(Self {
            code: text("error_code").unwrap_or_default(),
            message,
        })
    }

    /// Whether a unique key was there already: servers say it in one of two ways.
    pub(crate) fn is_duplicate_key(&self) -> bool {
        self.code == "DuplicateKey" || self.message.contains("E11000")
    }

    /// Whether it is the credentials that are refused. FerretDB says so with a status of 500.
    pub(crate) fn is_credentials(&self) -> bool {
        matches!(
            self.code.as_str(),
            "AuthenticationFailed" | "Unauthorized" | "InvalidSession"
        )
    }

    /// Whether the server has understood the request and will refuse it as often as it comes, even where the status is
    /// 500, as it is on some servers for every failure.
    pub(crate) fn is_final(&self) -> bool {
        const CODES: [&str; 10] = [
            "BadValue",
            "BSONObjectTooLarge",
            "CommandNotSupported",
            "ConflictingUpdateOperators",
            "DocumentFailedValidation",
            "FailedToParse",
            "ImmutableField",
            "InvalidNamespace",
            "NotImplemented",
            "TypeMismatch",
        ];
        CODES.contains(&self.code.as_str())
    }
}

/// Statuses that say "not just now".
pub(crate) fn is_temporary(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}
