//! What other programs mean by their values: a rating as text, an id as text, a day or a moment in one of its many shapes.

use bson::{Bson, DateTime, Document, oid::ObjectId};
use time::format_description::well_known::{Iso8601, Rfc2822, Rfc3339};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime};

/// Days as numbers without hyphens, from 1900 to 9999. As a moment they would be in 1970.
const DAYS: std::ops::RangeInclusive<i64> = 19_000_101..=99_991_231;

/// The field's value, where there is one: BSON's null and undefined are none.
pub fn given<'a>(document: &'a Document, key: &str) -> Option<&'a Bson> {
    let value = document.get(key)?;
    (!matches!(value, Bson::Null | Bson::Undefined)).then_some(value)
}

/// A finite number: of any numeric type, or written as text.
pub fn number(value: &Bson) -> Option<f64> {
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
pub fn integer(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int64(number) => Some(*number),
        value => number(value)
            .filter(|number| number.fract() == 0.0 && number.abs() < 9e15)
            .map(|number| number as i64),
    }
}

/// Text, or a number as text: a film's title may well be `1917`.
pub fn text(value: &Bson) -> Option<String> {
    match value {
        Bson::String(text) | Bson::Symbol(text) => Some(text.clone()),
        Bson::Int32(number) => Some(number.to_string()),
        Bson::Int64(number) => Some(number.to_string()),
        Bson::Double(number) if number.is_finite() => Some(number.to_string()),
        Bson::Decimal128(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An ObjectId, one written as 24 hex digits, or a reference that holds nothing else (such as a DBRef).
pub fn object_id(value: &Bson) -> Option<ObjectId> {
    match value {
        Bson::ObjectId(id) => Some(*id),
        Bson::String(text) | Bson::Symbol(text) => ObjectId::parse_str(text.trim()).ok(),
        Bson::Document(inner) => {
            let others = |key: &String| !matches!(key.as_str(), "$id" | "_id" | "id");
            let alone = !inner.keys().any(|key| others(key) && !key.starts_with('$'));
            let mut ids = inner.iter().filter(|(key, _)| !others(key));
            match (alone, ids.next(), ids.next()) {
                (true, Some((_, id)), None) => object_id(id),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A moment of the years 1 to 9999: a date; text by RFC 3339, ISO 8601 or RFC 2822, taken as UTC where it names no zone; a
/// timestamp; or a number of milliseconds since 1970, or of seconds where milliseconds would fall in its first months.
pub fn moment(value: &Bson) -> Option<DateTime> {
    const MONTHS_IN_MILLISECONDS: f64 = 1e10;
    let moment = match value {
        Bson::DateTime(date) => *date,
        Bson::Timestamp(stamp) => DateTime::from_millis(i64::from(stamp.time) * 1000),
        value => {
            let written = match value {
                Bson::String(text) | Bson::Symbol(text) => parse_moment(text.trim()),
                _ => None,
            };
            let counted = || {
                let number = number(value)?;
                let seconds = number.abs() < MONTHS_IN_MILLISECONDS;
                let number = if seconds { number * 1000.0 } else { number };
                Some(DateTime::from_millis(number as i64))
            };
            written.or_else(counted)?
        }
    };
    utc(moment).map(|_| moment)
}

/// The moment by the calendar, to the second.
pub fn utc(moment: DateTime) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(moment.timestamp_millis().div_euclid(1000))
        .ok()
        .filter(|moment| (1..=9999).contains(&moment.year()))
}

fn parse_moment(text: &str) -> Option<DateTime> {
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

/// A day as `YYYY-MM-DD`, in UTC: of a moment, or of text or a number that is one, the hyphens left out or not.
pub fn day(value: &Bson) -> Option<String> {
    let date = match integer(value).filter(|number| DAYS.contains(number)) {
        Some(number) => parse_day(&number.to_string())?,
        None => utc(moment(value)?)?.date(),
    };
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    Some(format!("{year:04}-{month:02}-{day:02}"))
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

/// A time of day as `HH:MM`, of text that may lack the first digit and may go on with seconds.
pub fn time(value: &Bson) -> Option<String> {
    let (Bson::String(text) | Bson::Symbol(text)) = value else {
        return None;
    };
    let mut parts = text.trim().split(':');
    let mut part = |most: u8| {
        let part = parts.next().filter(|part| (1..=2).contains(&part.len()))?;
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        let number: u8 = part.parse().ok().filter(|number| *number <= most)?;
        digits.then_some((number, part.len()))
    };
    let ((hour, _), (minute, 2)) = (part(23)?, part(59)?) else {
        return None;
    };
    match (parts.next(), parts.next()) {
        (None, None) => {}
        (Some(seconds), None) if seconds.parse().is_ok_and(|s: f32| (0.0..60.0).contains(&s)) => {}
        _ => return None,
    }
    Some(format!("{hour:02}:{minute:02}"))
}
