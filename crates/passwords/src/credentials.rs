//! A user's password as it is stored.

use bson::{DateTime, Document, doc};
use data_api_client::Id;
use data_api_client::lenient::{self, Lenient};

/// The collection of credentials.
pub const COLLECTION: &str = "credentials";

/// What a user signs in by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whose they are.
    pub userid: Id,
    /// The password's hash, in PHC format.
    pub password: String,
    /// Since when it is this one.
    pub changedon: DateTime,
}

impl Lenient for Credentials {
    fn from_document(document: Document) -> Self {
        Self {
            userid: lenient::object_id(&document, "_id").map_or(Id::LEAST, Id::from),
            password: lenient::text(&document, "password").unwrap_or_default(),
            changedon: lenient::date(&document, "changedon").unwrap_or(DateTime::from_millis(0)),
        }
    }

    fn to_document(&self) -> Document {
        doc! {"_id": self.userid, "password": &self.password, "changedon": self.changedon}
    }
}

data_api_client::read_leniently!(Credentials);
