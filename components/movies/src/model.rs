//! A film: the document, and what makes one valid.

use bson::{DateTime, Document, doc, oid::ObjectId};
use data_api_client::{Stored, lenient};
use serde::Serialize;
#[cfg(test)]
use service::openapi::words;
use service::{Fields, clock};

/// How long a title and a director's name may be, in characters.
const TEXT: std::ops::RangeInclusive<usize> = 1..=200;

/// What a rating may be.
pub const RATING: std::ops::RangeInclusive<f64> = 0.0..=10.0;

/// A film of the catalogue. What another program's document lacks is empty or missing here, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Movie {
    /// Made by the service, never by storage.
    pub id: ObjectId,
    /// The title.
    pub title: String,
    /// Who made it.
    pub director: String,
    /// 0 to 10.
    pub rating: Option<f64>,
    /// When it was added.
    pub createdon: Option<DateTime>,
}

/// A film as the API shows it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Movie))]
pub struct View {
    #[cfg_attr(test, schema(value_type = words::Id))]
    id: String,
    title: String,
    director: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<words::Moment>))]
    createdon: Option<String>,
}

impl Movie {
    /// A new film from a body, which notes what is wrong.
    pub fn create(fields: &mut Fields) -> Self {
        Self {
            id: service::new_id(),
            title: fields.string("title", TEXT),
            director: fields.string("director", TEXT),
            rating: Some(rounded(fields.number("rating", RATING))),
            createdon: Some(clock::now()),
        }
    }

    /// The fields that a merge patch (RFC 7396) changes. Every field a client may write is required, so none can be removed.
    pub fn patch(fields: &mut Fields) -> Document {
        let mut changes = Document::new();
        if fields.has("title") {
            changes.insert("title", fields.string("title", TEXT));
        }
        if fields.has("director") {
            changes.insert("director", fields.string("director", TEXT));
        }
        if fields.has("rating") {
            changes.insert("rating", rounded(fields.number("rating", RATING)));
        }
        changes
    }

    /// The film as the API shows it.
    pub fn view(self) -> View {
        View {
            id: self.id.to_hex(),
            title: self.title,
            director: self.director,
            rating: self.rating,
            createdon: self.createdon.map(clock::rfc3339),
        }
    }
}

impl Stored for Movie {
    fn from_document(document: Document) -> Self {
        Self {
            id: lenient::object_id(&document, "_id").unwrap_or_default(),
            title: lenient::text(&document, "title").unwrap_or_default(),
            director: lenient::text(&document, "director").unwrap_or_default(),
            rating: lenient::number(&document, "rating").map(rounded),
            createdon: lenient::created(&document),
        }
    }

    fn to_document(&self) -> Document {
        doc! {
            "_id": self.id,
            "title": &self.title,
            "director": &self.director,
            "rating": self.rating,
            "createdon": self.createdon,
        }
    }
}

/// A rating has one decimal: 32-bit floats that other programs stored come back as they were meant.
fn rounded(rating: f64) -> f64 {
    (rating * 10.0).round() / 10.0
}
