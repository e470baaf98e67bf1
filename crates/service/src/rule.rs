//! What a field of a body has to be: read by one rule, described by the same.

use std::{
    collections::HashSet, fmt::Display, marker::PhantomData, ops::RangeInclusive, str::FromStr,
};

use data_api_client::{Day, Id, Time};
use serde_json::{Value, json};

use crate::visible::visible;

/// What a field has to be.
pub trait Rule {
    /// What is made of it.
    type Value;

    /// In the words of an error: `has to be …`.
    fn expected(&self) -> String;

    /// Reads a value; none where it is not as it has to be.
    fn read(&self, value: &Value) -> Option<Self::Value>;

    /// What stands for a field that is left out; none where it may not be.
    fn absent(&self) -> Option<Self::Value> {
        None
    }

    /// As JSON Schema describes it.
    fn schema(&self) -> Value;
}

/// See [`text`].
#[derive(Debug, Clone)]
pub struct Text {
    length: RangeInclusive<usize>,
    is_secret: bool,
}

/// A text of so many characters.
pub const fn text(length: RangeInclusive<usize>) -> Text {
    let is_secret = false;
    Text { length, is_secret }
}

/// A text of so many characters that nobody is to look on.
pub const fn secret(length: RangeInclusive<usize>) -> Text {
    let is_secret = true;
    Text { length, is_secret }
}

impl Rule for Text {
    type Value = String;

    fn expected(&self) -> String {
        let of = if self.is_secret {
            ""
        } else {
            ", without control characters"
        };
        format!("a text of {} characters{of}", range(&self.length))
    }

    fn read(&self, value: &Value) -> Option<String> {
        let text = value.as_str()?;
        let text = if self.is_secret {
            text.to_owned()
        } else {
            visible(text)?
        };
        self.length.contains(&text.chars().count()).then_some(text)
    }

    fn schema(&self) -> Value {
        let mut schema = json!({"type": "string", "minLength": self.length.start(), "maxLength": self.length.end()});
        if self.is_secret {
            schema["format"] = "password".into();
        }
        schema
    }
}

/// See [`decimal`].
#[derive(Debug, Clone)]
pub struct Decimal(RangeInclusive<f64>);

/// A number within a range, rounded to one decimal.
pub const fn decimal(range: RangeInclusive<f64>) -> Decimal {
    Decimal(range)
}

impl Rule for Decimal {
    type Value = f64;

    fn expected(&self) -> String {
        format!("a number from {}", range(&self.0))
    }

    fn read(&self, value: &Value) -> Option<f64> {
        let number = value.as_f64().filter(|number| self.0.contains(number))?;
        // Nothing is less than nothing: of a zero, no sign is kept.
        Some((number * 10.0).round() / 10.0 + 0.0)
    }

    fn schema(&self) -> Value {
        json!({"type": "number", "format": "double", "minimum": self.0.start(), "maximum": self.0.end()})
    }
}

/// See [`integer`].
#[derive(Debug, Clone)]
pub struct Integer(RangeInclusive<i32>);

/// A whole number within a range, also where it is written as `2.0`.
pub const fn integer(range: RangeInclusive<i32>) -> Integer {
    Integer(range)
}

impl Rule for Integer {
    type Value = i32;

    fn expected(&self) -> String {
        format!("a whole number from {}", range(&self.0))
    }

    fn read(&self, value: &Value) -> Option<i32> {
        let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
        let (least, most) = (f64::from(*self.0.start()), f64::from(*self.0.end()));
        (least..=most).contains(&number).then_some(number as i32)
    }

    fn schema(&self) -> Value {
        json!({"type": "integer", "format": "int32", "minimum": self.0.start(), "maximum": self.0.end()})
    }
}

/// See [`flag`].
#[derive(Debug, Clone, Copy)]
pub struct Flag;

/// True or false.
pub const fn flag() -> Flag {
    Flag
}

impl Rule for Flag {
    type Value = bool;

    fn expected(&self) -> String {
        "true or false".to_owned()
    }

    fn read(&self, value: &Value) -> Option<bool> {
        value.as_bool()
    }

    fn schema(&self) -> Value {
        json!({"type": "boolean"})
    }
}

/// A rule for texts that are a value of another type, which is described under a name.
#[derive(Debug, Clone, Copy)]
pub struct Named<T> {
    name: &'static str,
    expected: &'static str,
    of: PhantomData<T>,
}

const fn named<T>(name: &'static str, expected: &'static str) -> Named<T> {
    let of = PhantomData;
    Named { name, expected, of }
}

/// An id.
pub const fn id() -> Named<Id> {
    named("Id", Id::EXPECTED)
}

/// A day.
pub const fn day() -> Named<Day> {
    named("Day", Day::EXPECTED)
}

/// A time of day.
pub const fn time() -> Named<Time> {
    named("Time", Time::EXPECTED)
}

impl<T: FromStr> Rule for Named<T> {
    type Value = T;

    fn expected(&self) -> String {
        self.expected.to_owned()
    }

    fn read(&self, value: &Value) -> Option<T> {
        value.as_str()?.parse().ok()
    }

    fn schema(&self) -> Value {
        json!({"$ref": format!("#/components/schemas/{}", self.name)})
    }
}

/// See [`ids`].
#[derive(Debug, Clone)]
pub struct Ids(RangeInclusive<usize>);

/// A list of so many ids, no two the same.
pub const fn ids(count: RangeInclusive<usize>) -> Ids {
    Ids(count)
}

impl Rule for Ids {
    type Value = Vec<Id>;

    fn expected(&self) -> String {
        let count = range(&self.0);
        format!("a list of {count} different ids of 24 hex digits")
    }

    fn read(&self, value: &Value) -> Option<Vec<Id>> {
        // However many there are, no more is done than for as many as there may be.
        let values = value
            .as_array()
            .filter(|values| self.0.contains(&values.len()))?;
        let ids: Vec<Id> = (values.iter().map(|value| id().read(value))).collect::<Option<_>>()?;
        let different: HashSet<_> = ids.iter().collect();
        (different.len() == ids.len()).then_some(ids)
    }

    fn schema(&self) -> Value {
        json!({
            "type": "array", "items": id().schema(), "uniqueItems": true,
            "minItems": self.0.start(), "maxItems": self.0.end(),
        })
    }
}

/// See [`optional`].
#[derive(Debug, Clone, Copy)]
pub struct Optional<R>(R);

/// What may be left out, or null.
pub const fn optional<R: Rule>(rule: R) -> Optional<R> {
    Optional(rule)
}

impl<R: Rule> Rule for Optional<R> {
    type Value = Option<R::Value>;

    fn expected(&self) -> String {
        self.0.expected()
    }

    fn read(&self, value: &Value) -> Option<Self::Value> {
        match value {
            Value::Null => Some(None),
            value => self.0.read(value).map(Some),
        }
    }

    fn absent(&self) -> Option<Self::Value> {
        Some(None)
    }

    fn schema(&self) -> Value {
        let mut schema = self.0.schema();
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
        match schema.get_mut("type") {
            Some(kind) => *kind = json!([kind.take(), "null"]),
            None => schema = json!({"oneOf": [schema, {"type": "null"}]}),
        }
        schema
    }
}

/// See [`change`].
#[derive(Debug, Clone, Copy)]
pub struct Change<R>(R);

/// What a merge patch (RFC 7396) may change and not take away: it may be left out, and not be null.
pub const fn change<R: Rule>(rule: R) -> Change<R> {
    Change(rule)
}

impl<R: Rule> Rule for Change<R> {
    type Value = Option<R::Value>;

    fn expected(&self) -> String {
        self.0.expected()
    }

    fn read(&self, value: &Value) -> Option<Self::Value> {
        self.0.read(value).map(Some)
    }

    fn absent(&self) -> Option<Self::Value> {
        Some(None)
    }

    fn schema(&self) -> Value {
        self.0.schema()
    }
}

/// See [`other`].
#[derive(Debug, Clone, Copy)]
pub struct Other<T> {
    expected: &'static str,
    schema: fn() -> Value,
    read: fn(&Value) -> Option<T>,
}

/// A rule of a service's own: what it expects in words, as JSON Schema, and how it is read.
pub const fn other<T>(
    expected: &'static str,
    schema: fn() -> Value,
    read: fn(&Value) -> Option<T>,
) -> Other<T> {
    Other {
        expected,
        schema,
        read,
    }
}

impl<T> Rule for Other<T> {
    type Value = T;

    fn expected(&self) -> String {
        self.expected.to_owned()
    }

    fn read(&self, value: &Value) -> Option<T> {
        (self.read)(value)
    }

    fn schema(&self) -> Value {
        (self.schema)()
    }
}

fn range<T: Display>(range: &RangeInclusive<T>) -> String {
    format!("{} to {}", range.start(), range.end())
}
