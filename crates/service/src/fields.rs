//! The fields of a body, every fault of which is told at once.

use std::ops::RangeInclusive;

use bson::oid::ObjectId;
use serde_json::{Map, Value};

use crate::{Fault, Problem, clock};

/// A JSON object read field by field. Each reader notes what is wrong and gives something in its place, so that reading goes on;
/// [`Fields::finish`] then says whether what was read may be used.
#[derive(Debug)]
pub struct Fields {
    values: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Fields {
    pub(crate) fn new(values: Map<String, Value>) -> Self {
        Self {
            values,
            faults: Vec::new(),
        }
    }

    /// Whether the field is there, be it null.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.faults.push(Fault {
            field: field.into(),
            message: message.into(),
        });
    }

    /// Whether nothing was wrong so far.
    pub fn is_valid(&self) -> bool {
        self.faults.is_empty()
    }

    /// A text of so many characters.
    pub fn string(&mut self, name: &str, length: RangeInclusive<usize>) -> String {
        let message = format!(
            "has to be a text of {} to {} characters",
            length.start(),
            length.end()
        );
        self.required(name, &message, |value| text(value, &length))
            .unwrap_or_default()
    }

    /// A text of so many characters, which may be left out or null.
    pub fn optional_string(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let message = format!(
            "has to be a text of {} to {} characters",
            length.start(),
            length.end()
        );
        self.optional(name, &message, |value| text(value, &length))
    }

    /// A number within a range.
    pub fn number(&mut self, name: &str, range: RangeInclusive<f64>) -> f64 {
        let message = format!(
            "has to be a number from {} to {}",
            range.start(),
            range.end()
        );
        self.required(name, &message, |value| {
            value.as_f64().filter(|number| range.contains(number))
        })
        .unwrap_or_default()
    }

    /// A whole number within a range, which may be left out or null.
    pub fn optional_integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let message = format!(
            "has to be a whole number from {} to {}",
            range.start(),
            range.end()
        );
        self.optional(name, &message, |value| {
            integer(value).filter(|number| range.contains(number))
        })
    }

    /// An id.
    pub fn id(&mut self, name: &str) -> ObjectId {
        self.required(name, "has to be an id of 24 hex digits", object_id)
            .unwrap_or_default()
    }

    /// A list of so many ids, no two the same.
    pub fn ids(&mut self, name: &str, count: RangeInclusive<usize>) -> Vec<ObjectId> {
        let message = format!(
            "has to be a list of {} to {} different ids of 24 hex digits",
            count.start(),
            count.end()
        );
        self.required(name, &message, |value| {
            let ids = value
                .as_array()?
                .iter()
                .map(object_id)
                .collect::<Option<Vec<_>>>()?;
            let different = ids
                .iter()
                .enumerate()
                .all(|(at, id)| !ids[..at].contains(id));
            (count.contains(&ids.len()) && different).then_some(ids)
        })
        .unwrap_or_default()
    }

    /// A day of the calendar, `YYYY-MM-DD`.
    pub fn date(&mut self, name: &str) -> String {
        let day = |value: &Value| {
            value
                .as_str()
                .filter(|text| clock::is_day(text))
                .map(str::to_owned)
        };
        self.required(name, "has to be a day of the calendar, YYYY-MM-DD", day)
            .unwrap_or_default()
    }

    /// A time of day, `HH:MM`, which may be left out or null.
    pub fn optional_time(&mut self, name: &str) -> Option<String> {
        let time = |value: &Value| {
            value
                .as_str()
                .filter(|text| clock::is_time(text))
                .map(str::to_owned)
        };
        self.optional(name, "has to be a time of day, HH:MM", time)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 422 with every fault that was noted.
    pub fn finish(self) -> Result<(), Problem> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid(self.faults))
        }
    }

    /// A field by any reader of one's own, which gives none for a value it does not take.
    pub fn required<T>(
        &mut self,
        name: &str,
        message: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let Some(value) = self.values.get(name) else {
            self.fault(name, "is required");
            return None;
        };
        let read = read(value);
        if read.is_none() {
            self.fault(name, message);
        }
        read
    }

    /// As [`Fields::required`], for a field that may be left out or null.
    pub fn optional<T>(
        &mut self,
        name: &str,
        message: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        match self.values.get(name) {
            None | Some(Value::Null) => None,
            Some(_) => self.required(name, message, read),
        }
    }
}

fn text(value: &Value, length: &RangeInclusive<usize>) -> Option<String> {
    value
        .as_str()
        .filter(|text| length.contains(&text.chars().count()))
        .map(str::to_owned)
}

/// A whole number, also when it is written as `2.0`.
fn integer(value: &Value) -> Option<i64> {
    let exact =
        |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(exact))
}

fn object_id(value: &Value) -> Option<ObjectId> {
    ObjectId::parse_str(value.as_str()?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn every_fault_is_noted() {
        let mut fields = fields(
            json!({"title": 5, "rating": 11, "capacity": 1.5, "time": "25:00", "movies": ["x"]}),
        );
        fields.string("title", 1..=200);
        fields.string("director", 1..=200);
        fields.number("rating", 0.0..=10.0);
        fields.optional_integer("capacity", 1..=10_000);
        fields.optional_time("time");
        fields.ids("movies", 1..=50);
        let problem = fields.finish().unwrap_err();
        let names: Vec<_> = problem
            .errors
            .iter()
            .map(|fault| fault.field.as_str())
            .collect();
        assert_eq!(
            names,
            ["title", "director", "rating", "capacity", "time", "movies"]
        );
        assert_eq!(problem.errors[1].message, "is required");
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let mut fields = fields(json!({"a": "é".repeat(200), "b": "", "c": null}));
        assert_eq!(fields.string("a", 1..=200).chars().count(), 200);
        assert_eq!(fields.optional_string("c", 1..=5), None);
        assert!(fields.is_valid());
        fields.string("b", 1..=200);
        assert!(!fields.is_valid());
    }

    #[test]
    fn ids_are_different_ones() {
        let id = ObjectId::new().to_hex();
        let mut fields = fields(json!({"twice": [id, id.to_uppercase()], "once": [id]}));
        assert_eq!(fields.ids("once", 1..=50).len(), 1);
        fields.ids("twice", 1..=50);
        assert!(fields.finish().is_err());
    }
}
