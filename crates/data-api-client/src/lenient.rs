//! Reading fields of documents that other programs wrote in their own way: a rating as text, an id as text, a date in
//! one of its many shapes. Each function gives `None` where nothing of use is there, and never fails.
//!
//! ```
//! use data_api_client::{bson::doc, lenient};
//! let film = doc! {"title": "Heat", "rating": "8.3"};
//! assert_eq!(lenient::number(&film, "rating"), Some(8.3));
//! ```

use bson::{Bson, DateTime, Document, oid::ObjectId};
use time::format_description::well_known::{Iso8601, Rfc2822, Rfc3339};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime};

/// A finite number: of any numeric type, or written as text.
pub fn number(document: &Document, key: &str) -> Option<f64> {
    as_number(document.get(key)?)
}

fn as_number(value: &Bson) -> Option<f64> {
    let number = match value {
        Bson::Double(number) => *number,
        Bson::Int32(number) => f64::from(*number),
        Bson::Int64(number) => *number as f64,
        Bson::Decimal128(number) => number.to_string().parse().ok()?,
        Bson::String(text) | Bson::Symbol(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// A whole number: of any numeric type, or written as text.
pub fn integer(document: &Document, key: &str) -> Option<i64> {
    match document.get(key)? {
        Bson::Int64(number) => Some(*number),
        value => as_number(value)
            .filter(|number| number.fract() == 0.0 && number.abs() < 9e15)
            .map(|number| number as i64),
    }
}

/// Text, or a number or an id as text: a film's title may well be `1917`.
pub fn text(document: &Document, key: &str) -> Option<String> {
    match document.get(key)? {
        Bson::String(text) | Bson::Symbol(text) => Some(text.clone()),
        Bson::Int32(number) => Some(number.to_string()),
        Bson::Int64(number) => Some(number.to_string()),
        Bson::Double(number) => Some(number.to_string()),
        Bson::Decimal128(number) => Some(number.to_string()),
        Bson::ObjectId(id) => Some(id.to_hex()),
        _ => None,
    }
}

/// The text of the first of `keys` that has one, for a field that goes by several names.
pub fn text_of(document: &Document, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| text(document, key))
}

/// A moment: a date; text by RFC 3339, ISO 8601 or RFC 2822, taken as UTC where it names no zone; a timestamp; or a number
/// of milliseconds since 1970, or of seconds where milliseconds would fall in its first months.
pub fn date(document: &Document, key: &str) -> Option<DateTime> {
    as_date(document.get(key)?)
}

fn as_date(value: &Bson) -> Option<DateTime> {
    const MONTHS_IN_MILLISECONDS: f64 = 1e10;
    match value {
        Bson::DateTime(date) => Some(*date),
        Bson::Timestamp(stamp) => Some(DateTime::from_millis(i64::from(stamp.time) * 1000)),
        Bson::String(text) | Bson::Symbol(text) => parse_date(text.trim()),
        value => {
            let number = as_number(value)?;
            let milliseconds = if number.abs() < MONTHS_IN_MILLISECONDS {
                number * 1000.0
            } else {
                number
            };
            Some(DateTime::from_millis(milliseconds as i64))
        }
    }
}

fn parse_date(text: &str) -> Option<DateTime> {
    // Databases write a space where the standards have a `T`.
    let standard = text.replacen(' ', "T", 1);
    let moment = OffsetDateTime::parse(&standard, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(&standard, &Iso8601::DEFAULT))
        .or_else(|_| {
            PrimitiveDateTime::parse(&standard, &Iso8601::DEFAULT)
                .map(PrimitiveDateTime::assume_utc)
        })
        .or_else(|_| OffsetDateTime::parse(text, &Rfc2822))
        .ok()
        .or_else(|| Some(parse_day(text)?.midnight().assume_utc()))?;
    let milliseconds = moment.unix_timestamp_nanos() / 1_000_000;
    i64::try_from(milliseconds).ok().map(DateTime::from_millis)
}

/// When the document was made: `createdon`, or as others name it `created_at`, `createdAt` or `created`; and where none of
/// them is of use, the time inside its ObjectId.
pub fn created(document: &Document) -> Option<DateTime> {
    ["createdon", "created_at", "createdAt", "created"]
        .iter()
        .find_map(|key| date(document, key))
        .or_else(|| object_id(document, "_id").map(|id| id.timestamp()))
}

/// A day as `YYYY-MM-DD`, in UTC: of a date, or of text that is one or begins with one, the hyphens left out or not.
pub fn day(document: &Document, key: &str) -> Option<String> {
    let date = match document.get(key)? {
        Bson::String(text) => match parse_day(text.trim()) {
            Some(day) => day,
            None => utc_day(parse_date(text.trim())?)?,
        },
        // A number such as 20151130 is a day without hyphens, and no moment in August 1970.
        Bson::Int32(number) if *number > 19_000_000 => parse_day(&number.to_string())?,
        value => utc_day(as_date(value)?)?,
    };
    Some(format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    ))
}

fn utc_day(date: DateTime) -> Option<Date> {
    OffsetDateTime::from_unix_timestamp(date.timestamp_millis().div_euclid(1000))
        .ok()
        .map(OffsetDateTime::date)
}

/// `2015-11-30` or `20151130`, alone.
fn parse_day(text: &str) -> Option<Date> {
    let digits: String = match text.len() {
        8 => text.to_owned(),
        10 if text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-' => text.replace('-', ""),
        _ => return None,
    };
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let month = Month::try_from(digits[4..6].parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(digits[..4].parse().ok()?, month, digits[6..].parse().ok()?).ok()
}

/// An ObjectId, or one written as 24 hex digits.
pub fn object_id(document: &Document, key: &str) -> Option<ObjectId> {
    as_object_id(document.get(key)?)
}

fn as_object_id(value: &Bson) -> Option<ObjectId> {
    match value {
        Bson::ObjectId(id) => Some(*id),
        Bson::String(text) | Bson::Symbol(text) => ObjectId::parse_str(text.trim()).ok(),
        // A DBRef, or a whole document in place of its id.
        Bson::Document(inner) => ["$id", "_id", "id"]
            .iter()
            .find_map(|key| object_id(inner, key)),
        _ => None,
    }
}

/// The ObjectIds of an array, in their order; a single id counts as an array of one, and what is no id is left out.
pub fn object_ids(document: &Document, key: &str) -> Vec<ObjectId> {
    match document.get(key) {
        Some(Bson::Array(values)) => values.iter().filter_map(as_object_id).collect(),
        Some(value) => as_object_id(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A document that is read leniently.
pub trait Lenient {
    /// Reads a document, whatever it holds: what is missing or nonsense is made the best of.
    fn from_document(document: Document) -> Self;

    /// The document to store.
    fn to_document(&self) -> Document;
}

/// Has types that are [`lenient::Lenient`](crate::lenient::Lenient) stored as such.
#[macro_export]
macro_rules! read_leniently {
    ($($name:ty),*) => {$(
        impl $crate::Stored for $name {
            fn from_document(document: $crate::bson::Document) -> Result<Self, $crate::Misfit> {
                Ok($crate::lenient::Lenient::from_document(document))
            }

            fn to_document(&self) -> Result<$crate::bson::Document, $crate::Misfit> {
                Ok($crate::lenient::Lenient::to_document(self))
            }
        }
    )*};
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use bson::{Timestamp, doc};

    #[test]
    fn a_number_is_read_from_every_type() {
        let long_decimal = f64::from(8.8f32);
        for (value, expected) in [
            (Bson::from("8.8"), Some(8.8)),
            (Bson::from(" 9 "), Some(9.0)),
            (Bson::from(long_decimal), Some(long_decimal)),
            (Bson::from(7), Some(7.0)),
            (Bson::from(7i64), Some(7.0)),
            (Bson::Decimal128("6.5".parse().unwrap()), Some(6.5)),
            (Bson::from("high"), None),
            (Bson::from("inf"), None),
            (Bson::from(f64::NAN), None),
            (Bson::Null, None),
            (Bson::from(true), None),
        ] {
            assert_eq!(number(&doc! {"n": value.clone()}, "n"), expected, "{value}");
        }
        assert_eq!(number(&doc! {}, "n"), None);
    }

    #[test]
    fn a_whole_number_has_no_fraction() {
        for (value, expected) in [
            (Bson::from(3.0), Some(3)),
            (Bson::from("12"), Some(12)),
            (Bson::from(i64::MAX), Some(i64::MAX)),
            (Bson::from(2.5), None),
            (Bson::from(1e300), None),
        ] {
            assert_eq!(
                integer(&doc! {"n": value.clone()}, "n"),
                expected,
                "{value}"
            );
        }
    }

    #[test]
    fn text_may_have_been_stored_as_a_number() {
        assert_eq!(text(&doc! {"title": 1917}, "title").unwrap(), "1917");
        assert_eq!(text(&doc! {"title": ["a"]}, "title"), None);
        let user = doc! {"firstname": null, "name": "Ann"};
        assert_eq!(text_of(&user, &["firstname", "name"]).unwrap(), "Ann");
    }

    #[test]
    fn a_moment_is_read_from_its_many_shapes() {
        let expected = DateTime::parse_rfc3339_str("2015-11-30T18:30:00Z").unwrap();
        for value in [
            Bson::DateTime(expected),
            Bson::from("2015-11-30T18:30:00Z"),
            Bson::from("2015-11-30T19:30:00+01:00"),
            Bson::from("2015-11-30T18:30:00.000Z"),
            Bson::from("2015-11-30 18:30:00"),
            Bson::from("2015-11-30 18:30:00Z"),
            Bson::from("2015-11-30T18:30:00"),
            Bson::from("Mon, 30 Nov 2015 18:30:00 GMT"),
            Bson::from(1_448_908_200i64),
            Bson::from(1_448_908_200_000i64),
            Bson::from(1_448_908_200_000f64),
            Bson::Timestamp(Timestamp {
                time: 1_448_908_200,
                increment: 1,
            }),
        ] {
            assert_eq!(
                date(&doc! {"at": value.clone()}, "at"),
                Some(expected),
                "{value}"
            );
        }
        let midnight = DateTime::parse_rfc3339_str("2015-11-30T00:00:00Z").unwrap();
        assert_eq!(date(&doc! {"at": "2015-11-30"}, "at"), Some(midnight));
        for value in ["", "soon", "2015-13-40", "30/11/2015"] {
            assert_eq!(date(&doc! {"at": value}, "at"), None, "{value}");
        }
    }

    #[test]
    fn creation_goes_by_several_names_and_at_last_by_the_id() {
        let at = DateTime::from_millis(1_448_908_200_000);
        assert_eq!(created(&doc! {"createdon": at, "created_at": 0}), Some(at));
        assert_eq!(
            created(&doc! {"createdon": null, "created_at": "2015-11-30T18:30:00Z"}),
            Some(at)
        );
        let id = ObjectId::parse_str("565c96e80000000000000000").unwrap();
        assert_eq!(created(&doc! {"_id": id}), Some(id.timestamp()));
        assert_eq!(created(&doc! {"_id": 1}), None);
    }

    #[test]
    fn a_day_is_read_from_dates_and_text() {
        for value in [
            Bson::from("2015-11-30"),
            Bson::from("20151130"),
            Bson::from(20_151_130),
            Bson::from("2015-11-30T18:30:00Z"),
            Bson::DateTime(DateTime::from_millis(1_448_908_200_000)),
        ] {
            assert_eq!(
                day(&doc! {"date": value.clone()}, "date").as_deref(),
                Some("2015-11-30"),
                "{value}"
            );
        }
        for value in ["2015-02-30", "2015113", "201511-30", "é0151130"] {
            assert_eq!(day(&doc! {"date": value}, "date"), None, "{value}");
        }
    }

    #[test]
    fn ids_may_be_text_or_stand_in_documents() {
        let id = ObjectId::parse_str("65a1b2c3d4e5f60718293a4b").unwrap();
        let odd = doc! {"movies": [id, id.to_hex(), {"$ref": "movies", "$id": id}, {"_id": id}, "none", 5]};
        assert_eq!(object_ids(&odd, "movies"), vec![id; 4]);
        assert_eq!(object_ids(&doc! {"movies": id.to_hex()}, "movies"), [id]);
        assert!(object_ids(&doc! {}, "movies").is_empty());
    }
}
