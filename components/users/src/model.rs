//! A user: the document, and what makes one valid.

use std::ops::RangeInclusive;

#[cfg(test)]
use apidoc::schema;
use bson::{DateTime, Document, doc};
use data_api_client::lenient::{self, Lenient};
use serde::Serialize;
use serde_json::json;
use service::Id;
use service::{
    Fields, Role, clock,
    rule::{Other, other, text},
};

/// What a username may be.
const USERNAME: Other<String> = other(
    "3 to 64 characters, each of a-z 0-9 . _ -",
    || json!({"type": "string", "minLength": 3, "maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$"}),
    |value| username(value.as_str()?),
);

/// How long a first and a last name may be, in characters.
const NAME: RangeInclusive<usize> = 1..=100;

/// Somebody who books. What another program's document lacks is empty or missing here, too.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Made by the service, never by storage.
    pub id: Id,
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
    #[cfg_attr(test, schema(value_type = schema::Id))]
    id: String,
    username: String,
    firstname: String,
    lastname: String,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schema::Moment>))]
    createdon: Option<String>,
}

impl User {
    /// A new customer from a body, which notes what is wrong. Capital letters in the username become small ones.
    pub fn create(fields: &mut Fields) -> Self {
        let username = fields.take("username", &USERNAME);
        Self {
            id: Id::new(),
            username: username.unwrap_or_default(),
            firstname: fields.take("firstname", &text(NAME)).unwrap_or_default(),
            lastname: fields.take("lastname", &text(NAME)).unwrap_or_default(),
            role: Role::default(),
            createdon: Some(clock::now()),
        }
    }

    /// The user as the API shows them.
    pub fn view(self) -> View {
        View {
            id: self.id.to_string(),
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
    ((3..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_ascii_lowercase())
}

impl Lenient for User {
    fn from_document(document: Document) -> Self {
        Self {
            id: lenient::object_id(&document, "_id").map_or(Id::LEAST, Id::from),
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

data_api_client::read_leniently!(User);
