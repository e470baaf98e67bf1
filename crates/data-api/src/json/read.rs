//! Extended JSON to BSON, strictly. The driver's own code reads it; what that takes and the specification does not is refused here.

use std::fmt;

use bson::{Bson, Document};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// What may come with `$code`, and before it.
const SCOPE: &str = "$scope";

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

/// A value read from Extended JSON, relaxed or canonical, straight into BSON. What stands for a value of some type and is none is
/// an error of the data.
pub struct Extended(pub Bson);

impl<'de> Deserialize<'de> for Extended {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Bson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extended JSON")
    }

    fn visit_unit<E>(self) -> Result<Bson, E> {
        Ok(Bson::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Bson, E> {
        Ok(Bson::Boolean(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Bson, E> {
        Ok(i32::try_from(number).map_or(Bson::Int64(number), Bson::Int32))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Bson, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Ok(Bson::Double(number as f64)),
        }
    }

    fn visit_f64<E>(self, number: f64) -> Result<Bson, E> {
        Ok(Bson::Double(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Bson, E> {
        Ok(Bson::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Bson, E> {
        Ok(Bson::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Bson, A::Error> {
        let mut array = Vec::new();
        while let Some(Extended(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Bson::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bson, A::Error> {
        let mut document = Document::new();
        while let Some(name) = map.next_key::<String>()? {
            if name.starts_with('$') && TYPES.contains(&name.as_str()) {
                if document.is_empty() {
                    return typed(name, map);
                }
                let message = format!("{name} stands beside other fields");
                return Err(A::Error::custom(message));
            }
            if name == SCOPE && document.is_empty() {
                return typed(name, map);
            }
            check(&name).map_err(A::Error::custom)?;
            let Extended(value) = map.next_value()?;
            document.insert(name, value);
        }
        Ok(Bson::Document(document))
    }
}

/// A value by the name of its type, or of what may come with it.
fn typed<'de, A: MapAccess<'de>>(name: String, mut rest: A) -> Result<Bson, A::Error> {
    let mut map = Map::new();
    map.insert(name, rest.next_value()?);
    while let Some((name, value)) = rest.next_entry()? {
        map.insert(name, value);
    }
    object(map).map_err(A::Error::custom)
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
        return members(&map).map(Bson::Document);
    }
    // Of the values of a type, only the scope of code holds others.
    if let Some(Value::Object(scope)) = map.get(SCOPE) {
        members(scope)?;
    }
    Bson::try_from(map).map_err(|error| error.to_string())
}

fn members(map: &Map<String, Value>) -> Result<Document, String> {
    map.iter()
        .map(|(name, value)| {
            check(name)?;
            let value = Extended::deserialize(value).map_err(|error| error.to_string())?;
            Ok((name.clone(), value.0))
        })
        .collect()
}

/// BSON ends a name at the first null.
fn check(name: &str) -> Result<(), String> {
    if name.contains('\0') {
        return Err(format!("{name:?}: a name holds no null character"));
    }
    Ok(())
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::{JavaScriptCodeWithScope, doc, oid::ObjectId};

    use super::*;

    fn read(text: &str) -> Result<Bson, serde_json::Error> {
        serde_json::from_str(text).map(|Extended(value)| value)
    }

    #[test]
    fn values_are_read_whatever_the_order_of_their_fields() {
        let id = ObjectId::from_bytes([1; 12]);
        let code = JavaScriptCodeWithScope {
            code: "f()".into(),
            scope: doc! {"id": id},
        };
        let scope = format!(r#""$scope": {{"id": {{"$oid": "{id}"}}}}"#);
        for (text, value) in [
            (
                format!(r#"{{"$code": "f()", {scope}}}"#),
                code.clone().into(),
            ),
            (format!(r#"{{{scope}, "$code": "f()"}}"#), code.into()),
            (
                format!(r#"{{{scope}, "a": 1}}"#),
                doc! {"$scope": {"id": id}, "a": 1}.into(),
            ),
            (format!(r#"{{"$oid": "short", "$oid": "{id}"}}"#), id.into()),
            (
                r#"{"a": 1, "b": 2, "a": 3}"#.to_owned(),
                doc! {"a": 3, "b": 2}.into(),
            ),
        ] {
            assert_eq!(read(&text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn a_number_is_of_the_smallest_type_that_holds_it() {
        for (text, value) in [
            ("2147483647", Bson::Int32(i32::MAX)),
            ("-2147483649", Bson::Int64(-2_147_483_649)),
            ("9223372036854775807", Bson::Int64(i64::MAX)),
            (
                "9223372036854775808",
                Bson::Double(9.223_372_036_854_776e18),
            ),
            ("1.0", Bson::Double(1.0)),
        ] {
            assert_eq!(read(text).unwrap(), value);
        }
    }

    #[test]
    fn what_is_no_json_is_told_from_what_is_no_extended_json() {
        assert!(read(r#"{"a": {"$oid": "short"}}"#).unwrap_err().is_data());
        for text in ["", "{", r#"{"a": 1} 2"#, r#"{"a": {"$oid": "short}}"#] {
            assert!(!read(text).unwrap_err().is_data(), "{text}");
        }
    }
}
