//! A user's password as it is stored.

use bson::{DateTime, Document, doc, oid::ObjectId};
use data_api_client::{Stored, lenient};

/// The collection of credentials.
pub const COLLECTION: &str = "credentials";

/// What a user signs in by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whose they are.
    pub userid: ObjectId,
    /// The password's hash, in PHC format.
    pub password: String,
    /// Since when it is this one.
    pub changedon: DateTime,
}

impl Stored for Credentials {
    fn from_document(document: Document) -> Self {
        Self {
            userid: lenient::object_id(&document, "_id").unwrap_or_default(),
            password: lenient::text(&document, "password").unwrap_or_default(),
            changedon: lenient::date(&document, "changedon").unwrap_or(DateTime::from_millis(0)),
        }
    }

    fn to_document(&self) -> Document {
        doc! {"_id": self.userid, "password": &self.password, "changedon": self.changedon}
    }
}
