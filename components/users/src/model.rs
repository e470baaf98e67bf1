//! A user: the document, and what makes one valid.

use std::ops::RangeInclusive;

use bson::{DateTime, Document, doc, oid::ObjectId};
use data_api_client::{Stored, lenient};
use serde::Serialize;
#[cfg(test)]
use service::openapi::words;
use service::{Fields, Role, clock};

/// How long a username may be, in characters.
const USERNAME: RangeInclusive<usize> = 3..=64;

/// How long a first and a last name may be, in characters.
const NAME: RangeInclusive<usize> = 1..=100;

/// Somebody who books. What another program's document lacks is empty or missing here, too.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Made by the service, never by storage.
    pub id: ObjectId,
    /// Lower-case, and no other user's; as it stands, in documents that other programs wrote.
    pub username: String,
    /// The first name.
    pub firstname: String,
    /// The last name.
    pub lastname: String,
    /// What the user may do.
    pub role: Role,
    /// When the user was added.
    pub createdon: Option<DateTime>,
}

/// A user as the API shows them.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = User))]
pub struct View {
    #[cfg_attr(test, schema(value_type = words::Id))]
    id: String,
    username: String,
    firstname: String,
    lastname: String,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<words::Moment>))]
    createdon: Option<String>,
}

impl User {
    /// A new customer from a body, which notes what is wrong. Capital letters in the username become small ones.
    pub fn create(fields: &mut Fields) -> Self {
        let message = format!(
            "has to be {} to {} characters, each of a-z 0-9 . _ -",
            USERNAME.start(),
            USERNAME.end()
        );
        let username = fields.required("username", &message, |value| username(value.as_str()?));
        Self {
            id: service::new_id(),
            username: username.unwrap_or_default(),
            firstname: fields.string("firstname", NAME),
            lastname: fields.string("lastname", NAME),
            role: Role::default(),
            createdon: Some(clock::now()),
        }
    }

    /// The user as the API shows them.
    pub fn view(self) -> View {
        View {
            id: self.id.to_hex(),
            username: self.username,
            firstname: self.firstname,
            lastname: self.lastname,
            role: self.role,
            createdon: self.createdon.map(clock::rfc3339),
        }
    }
}

fn username(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (USERNAME.contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_ascii_lowercase())
}

impl Stored for User {
    fn from_document(document: Document) -> Self {
        Self {
            id: lenient::object_id(&document, "_id").unwrap_or_default(),
            username: lenient::text(&document, "username").unwrap_or_default(),
            firstname: lenient::text_of(&document, &["firstname", "name"]).unwrap_or_default(),
            lastname: lenient::text(&document, "lastname").unwrap_or_default(),
            role: lenient::text(&document, "role")
                .and_then(|role| Role::parse(&role))
                .unwrap_or_default(),
            createdon: lenient::created(&document),
        }
    }

    fn to_document(&self) -> Document {
        doc! {
            "_id": self.id,
            "username": &self.username,
            "firstname": &self.firstname,
            "lastname": &self.lastname,
            "role": self.role.name(),
            "createdon": self.createdon,
        }
    }
}
