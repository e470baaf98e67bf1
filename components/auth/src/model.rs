//! A user as far as signing in goes, and a session.

#[cfg(test)]
use apidoc::schema;
use bson::{DateTime, Document, doc};
use data_api_client::lenient::{self, Lenient};
use serde::Serialize;
use service::Id;
use service::Role;

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The user's id.
    pub id: Id,
    /// The name to sign in by, lower-case.
    pub username: String,
    /// The first name.
    pub firstname: String,
    /// The last name.
    pub lastname: String,
    /// What the user may do.
    pub role: Role,
}

/// An account as the API shows it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Account))]
pub struct View {
    #[cfg_attr(test, schema(value_type = schema::Id))]
    id: String,
    username: String,
    firstname: String,
    lastname: String,
    role: Role,
}

impl Account {
    /// The account as the API shows it.
    pub fn view(self) -> View {
        View {
            id: self.id.to_string(),
            username: self.username,
            firstname: self.firstname,
            lastname: self.lastname,
            role: self.role,
        }
    }
}

/// Read from what users keeps, and never written.
impl Lenient for Account {
    fn from_document(document: Document) -> Self {
        Self {
            id: lenient::object_id(&document, "_id").map_or(Id::LEAST, Id::from),
            username: lenient::text(&document, "username").unwrap_or_default(),
            firstname: lenient::text_of(&document, &["firstname", "name"]).unwrap_or_default(),
            lastname: lenient::text(&document, "lastname").unwrap_or_default(),
            role: lenient::text(&document, "role")
                .and_then(|role| Role::parse(&role))
                .unwrap_or_default(),
        }
    }

    fn to_document(&self) -> Document {
        doc! {"_id": self.id}
    }
}

/// What a login begins and a logout ends: a family of refresh tokens, the newest of which works.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The family's id, which is a part of each of its tokens.
    pub id: Id,
    /// Who is signed in.
    pub userid: Id,
    /// What works, as digests.
    pub current: Secrets,
    /// Until when it can be renewed.
    pub expires: DateTime,
    /// When it began.
    pub createdon: DateTime,
}

/// The digests of what a session can be renewed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Of the newest refresh token's secret.
    pub refresh: String,
    /// Of the newest CSRF token, where the session is a browser's.
    pub csrf: Option<String>,
}

impl Lenient for Session {
    fn from_document(document: Document) -> Self {
        Self {
            id: lenient::object_id(&document, "_id").map_or(Id::LEAST, Id::from),
            userid: lenient::object_id(&document, "userid").map_or(Id::LEAST, Id::from),
            current: Secrets {
                refresh: lenient::text(&document, "current").unwrap_or_default(),
                csrf: lenient::text(&document, "csrf"),
            },
            expires: lenient::date(&document, "expires").unwrap_or(DateTime::from_millis(0)),
            createdon: lenient::date(&document, "createdon").unwrap_or(DateTime::from_millis(0)),
        }
    }

    fn to_document(&self) -> Document {
        let mut document = doc! {
            "_id": self.id,
            "userid": self.userid,
            "current": &self.current.refresh,
            "expires": self.expires,
            "createdon": self.createdon,
        };
        if let Some(csrf) = &self.current.csrf {
            document.insert("csrf", csrf);
        }
        document
    }
}

data_api_client::read_leniently!(Account, Session);
