//! Extended JSON to BSON, strictly. The driver's own code reads it; what that takes and the specification does not is refused here.

use bson::{Bson, Document};
use serde_json::{Map, Value};

/// The names by which an object is a value of a type, and no document.
const TYPES: [&str; 16] = [
    "$binary",
    "$code",
    "$date",
    "$dbPointer",
    "$maxKey",
    "$minKey",
    "$numberDecimal",
    "$numberDouble",
    "$numberInt",
    "$numberLong",
    "$oid",
    "$regularExpression",
    "$symbol",
    "$timestamp",
    "$undefined",
    "$uuid",
];

/// Reads Extended JSON, relaxed or canonical.
///
/// # Errors
/// What stands for a value of some type and is none, in words.
pub fn read(value: Value) -> Result<Bson, String> {
    match value {
        Value::Array(values) => values.into_iter().map(read).collect(),
        Value::Object(map) => object(map),
        scalar => Bson::try_from(scalar).map_err(|error| error.to_string()),
    }
}

fn object(map: Map<String, Value>) -> Result<Bson, String> {
    if let Some(Value::String(text)) = map.get("$numberDecimal")
        && !is_decimal(text)
    {
        return Err(format!("$numberDecimal: {text:?} is no number"));
    }
    // Milliseconds as a plain number are how version 1 wrote a date.
    if map.get("$date").is_some_and(Value::is_number) {
        return Err("$date: give a text, or {\"$numberLong\": …}".to_owned());
    }
    if !TYPES.iter().any(|name| map.contains_key(*name)) {
        return members(map).map(Bson::Document);
    }
    // Of the values of a type, only the scope of code holds others.
    if let Some(Value::Object(scope)) = map.get("$scope") {
        members(scope.clone())?;
    }
    Bson::try_from(map).map_err(|error| error.to_string())
}

fn members(map: Map<String, Value>) -> Result<Document, String> {
    map.into_iter()
        .map(|(name, value)| {
            // BSON ends a name at the first null.
            if name.contains('\0') {
                return Err(format!("{name:?}: a name holds no null character"));
            }
            Ok((name, read(value)?))
        })
        .collect()
}

/// Whether a text is a number as the [specification of Decimal128](https://github.com/mongodb/specifications/blob/master/source/bson-decimal128/decimal128.md)
/// writes one: digits with at most one point among them and an exponent, or one of the two that are no digits.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = |text: &str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
    let text = unsigned(text).to_ascii_lowercase();
    if matches!(text.as_str(), "inf" | "infinity" | "nan") {
        return true;
    }
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(unsigned(exponent))),
        None => (text.as_str(), None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(&exponent))
}
