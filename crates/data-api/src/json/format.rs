//! The forms in which Extended JSON is written.

use bson::{Bson, RawDocument};
use http::{HeaderMap, header};
use serde::ser::Error as _;

use super::Relaxed;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Relaxed Extended JSON: numbers as numbers.
    Relaxed,
    /// Canonical Extended JSON: each value with its type.
    Canonical,
}

impl Format {
    /// What a client accepts: canonical by `application/ejson`, relaxed by anything else.
    pub fn of(headers: &HeaderMap) -> Self {
        let accepts = headers.get(header::ACCEPT);
        let accepts = accepts.and_then(|accept| accept.to_str().ok());
        match accepts {
            Some(accept) if accept.contains("application/ejson") => Self::Canonical,
            _ => Self::Relaxed,
        }
    }

    /// The `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Relaxed => "application/json",
            Self::Canonical => "application/ejson",
        }
    }

    /// Writes a document behind what is there already.
    ///
    /// # Errors
    /// A document that is damaged.
    pub fn write(self, document: &RawDocument, text: &mut Vec<u8>) -> serde_json::Result<()> {
        match self {
            Self::Relaxed => serde_json::to_writer(text, &Relaxed(document)),
            Self::Canonical => {
                let document = document.try_into().map_err(serde_json::Error::custom)?;
                serde_json::to_writer(text, &Bson::Document(document).into_canonical_extjson())
            }
        }
    }
}
