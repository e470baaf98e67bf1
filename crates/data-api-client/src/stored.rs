//! What a collection can hold.

use bson::Document;

/// A type that is kept in a collection.
pub trait Stored: Sized {
    /// Reads what is stored, perhaps by another program in its own way. It never fails: what cannot be read is left at
    /// its default, so that one odd document does not spoil a list. [`crate::lenient`] helps.
    fn from_document(document: Document) -> Self;

    /// The document to store. It should hold its `_id`; where it does not, the client makes one.
    fn to_document(&self) -> Document;
}

impl Stored for Document {
    fn from_document(document: Document) -> Self {
        document
    }

    fn to_document(&self) -> Document {
        self.clone()
    }
}
