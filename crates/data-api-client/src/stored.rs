//! Between documents and values: strictly, by serde.

use bson::{Bson, Document};
use serde::{Serialize, de::DeserializeOwned, de::Error as _};

use crate::reader::{Misfit, Reader};

/// A value that is kept as a document: every one that serde reads and writes, but for documents themselves, which are [`Raw`].
///
/// A document's `_id` is the value's `id`, which is the name that JSON shows: the model says `#[serde(alias = "_id")]`, and what is
/// written as `id` is stored as `_id`. A value without an `id` gets an `_id` of the client's making.
pub trait Stored: Sized {
    /// Reads a stored document; what is not in the value's shape is refused.
    fn from_document(document: Document) -> Result<Self, Misfit>;

    /// The document to store.
    fn to_document(&self) -> Result<Document, Misfit>;
}

impl<T: Serialize + DeserializeOwned> Stored for T {
    fn from_document(document: Document) -> Result<Self, Misfit> {
        T::deserialize(Reader(Bson::Document(document)))
    }

    fn to_document(&self) -> Result<Document, Misfit> {
        // By way of bytes: only of them does `bson` tell serde that nobody reads them, so that ids and dates are written as such.
        let mut written = bson::serialize_to_vec(self)
            .and_then(|bytes| Document::from_reader(bytes.as_slice()))
            .map_err(Misfit::custom)?;
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

impl std::ops::Deref for Raw {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.0
    }
}

impl Stored for Raw {
    fn from_document(document: Document) -> Result<Self, Misfit> {
        Ok(Self(document))
    }

    fn to_document(&self) -> Result<Document, Misfit> {
        Ok(self.0.clone())
    }
}
