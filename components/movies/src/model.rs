//! A film: the document, and what makes one valid.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{
    Id, Moment,
    rule::{Integer, Optional, Other, change, decimal, integer, optional, other, text},
};

/// How long a title and a director's name may be, in characters.
const TEXT: RangeInclusive<usize> = 1..=200;

/// What a rating may be; it has one decimal.
pub const RATING: RangeInclusive<f64> = 0.0..=10.0;

/// How long a film may be.
const MINUTES: Optional<Integer> = optional(integer(1..=999));

/// Where a picture of a film is. It goes into pages, so there is nothing in it that does not belong in an address.
const POSTER: Optional<Other<String>> = optional(other(
    "an https address of at most 500 characters",
    || json!({"type": "string", "pattern": "^https://[A-Za-z0-9][!#-&(-;=?-\\[\\]_a-z~]{0,491}$"}),
    |value| address(value.as_str()?.trim()),
));

/// A film of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Movie {
    #[serde(alias = "_id")]
    pub id: Id,
    pub title: String,
    pub director: String,
    pub rating: f64,
    /// How long it is, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i32>,
    /// The address of a picture of it; where there is none, it is drawn of the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poster: Option<String>,
    pub createdon: Moment,
}

service::body! {
    /// A film to add.
    pub struct NewMovie {
        title: String = text(TEXT),
        director: String = text(TEXT),
        /// Kept with one decimal.
        rating: f64 = decimal(RATING),
        /// How long it is.
        minutes: Option<i32> = MINUTES,
        /// The address of a picture of it.
        poster: Option<String> = POSTER,
    }
}

service::body! {
    /// What to change of a film; what is left out stays, and null takes away what may be left out.
    pub struct MovieChanges {
        title: Option<String> = change(text(TEXT)),
        director: Option<String> = change(text(TEXT)),
        /// Kept with one decimal.
        rating: Option<f64> = change(decimal(RATING)),
        /// How long it is. What is on the programme already keeps the time that it was given.
        minutes: Option<Option<i32>> = change(MINUTES),
        /// The address of a picture of it.
        poster: Option<Option<String>> = change(POSTER),
    }
}

impl From<NewMovie> for Movie {
    fn from(new: NewMovie) -> Self {
        Self {
            id: Id::new(),
            title: new.title,
            director: new.director,
            rating: new.rating,
            minutes: new.minutes,
            poster: new.poster,
            createdon: Moment::now(),
        }
    }
}

fn address(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://")?;
    let is_fine = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte);
    let is_one = text.len() <= 500
        && rest.starts_with(|first: char| first.is_ascii_alphanumeric())
        && rest.bytes().all(is_fine);
    is_one.then(|| text.to_owned())
}
