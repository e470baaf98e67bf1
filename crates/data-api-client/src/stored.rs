//! Between documents and values: strictly, by serde.

use bson::{Document, error::Error};
use serde::{Serialize, de::DeserializeOwned};

/// A value that is kept as a document: every one that serde reads and writes.
///
/// A document's `_id` is the value's `id`, which is the name that JSON shows: the model says `#[serde(alias = "_id")]`, and what is
/// written as `id` is stored as `_id`. A value without an `id` gets an `_id` of the client's making.
pub trait Stored: Sized {
    /// Reads a stored document; what is not in the value's shape is refused.
    fn from_document(document: Document) -> Result<Self, Error>;

    /// The document to store.
    fn to_document(&self) -> Result<Document, Error>;
}

impl<T: Serialize + DeserializeOwned> Stored for T {
    // By way of bytes: only to them is serde told that nobody reads them, and ids, dates and times are written as they are stored.
    fn from_document(document: Document) -> Result<Self, Error> {
        bson::deserialize_from_slice(&document.to_vec()?)
    }

    fn to_document(&self) -> Result<Document, Error> {
        let mut written = Document::from_reader(bson::serialize_to_vec(self)?.as_slice())?;
        if written.contains_key("_id") {
            return Ok(written);
        }
        let Some(id) = written.remove("id") else {
            return Ok(written);
        };
        let mut document = Document::new();
        document.insert("_id", id);
        document.extend(written);
        Ok(document)
    }
}

/// A document as it stands, whatever it holds: for tools that mend what is not in the shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw(pub Document);

impl Stored for Raw {
    fn from_document(document: Document) -> Result<Self, Error> {
        Ok(Self(document))
    }

    fn to_document(&self) -> Result<Document, Error> {
        Ok(self.0.clone())
    }
}
