//! Bodies of requests: each is declared once, with its bounds, and read and described by that.

use serde_json::{Map, Value};

use crate::{
    Fault, Problem,
    names::{meant, shown},
    rule::Rule,
};

/// What is ours to say of a thing, and ignored in bodies: clients send back what they were given.
const OURS: [&str; 2] = ["id", "createdon"];

/// How many fields that nobody knows are told of: a body may have a hundred thousand.
const MOST_UNKNOWN: usize = 50;

/// A body, as [`body!`](crate::body!) declares it.
pub trait Body: Sized {
    /// Its name, for the description of the API.
    const NAME: &'static str;

    /// What it is.
    const ABOUT: &'static str;

    /// Reads it; none where a field of it is at fault.
    fn read(fields: &mut Fields) -> Option<Self>;

    /// Its fields, as they are described.
    fn fields() -> Vec<Described>;
}

/// A field, as it is described.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// Its name.
    pub name: &'static str,
    /// What it is, where its name does not say.
    pub about: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// Its JSON Schema.
    pub schema: Value,
}

/// Declares a body: a struct whose fields are each read by a rule (see [`rule`](crate::rule)).
///
/// ```
/// use service::{Fields, rule::{decimal, optional, text}};
///
/// service::body! {
///     /// A film to add.
///     pub struct NewMovie {
///         title: String = text(1..=200),
///         /// Kept with one decimal.
///         rating: Option<f64> = optional(decimal(0.0..=10.0)),
///     }
/// }
///
/// let fields = serde_json::json!({"title": "Heat", "rating": 8.26});
/// let movie: NewMovie = Fields::new(fields.as_object().cloned().unwrap_or_default()).read()?;
/// assert_eq!(movie.rating, Some(8.3));
/// # Ok::<(), service::Problem>(())
/// ```
#[macro_export]
macro_rules! body {
    (
        $(#[doc = $about:literal])*
        $visibility:vis struct $name:ident {
            $($(#[doc = $says:literal])* $field:ident: $type:ty = $rule:expr),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        $visibility struct $name {
            $($(#[doc = $says])* pub $field: $type,)*
        }

        impl $crate::Body for $name {
            const NAME: &'static str = stringify!($name);
            const ABOUT: &'static str = concat!($($about),*);

            fn read(fields: &mut $crate::Fields) -> Option<Self> {
                $(let $field = fields.take(stringify!($field), &$rule);)*
                Some(Self { $($field: $field?,)* })
            }

            fn fields() -> Vec<$crate::Described> {
                vec![$($crate::Described::new(stringify!($field), concat!("", $($says),*), &$rule)),*]
            }
        }
    };
}

impl Described {
    /// A field that is read by a rule.
    pub fn new(name: &'static str, about: &'static str, rule: &impl Rule) -> Self {
        Self {
            name,
            about: about.trim(),
            required: rule.absent().is_none(),
            schema: rule.schema(),
        }
    }
}

/// A JSON object read field by field, every fault of which is told at once.
#[derive(Debug)]
pub struct Fields {
    values: Map<String, Value>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl Fields {
    /// Those of an object.
    pub fn new(values: Map<String, Value>) -> Self {
        Self {
            values,
            known: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Reads a field, and notes where it is not as it has to be.
    pub fn take<R: Rule>(&mut self, name: &'static str, rule: &R) -> Option<R::Value> {
        self.known.push(name);
        let read = match self.values.get(name) {
            None => rule.absent().ok_or_else(|| "is required".to_owned()),
            Some(value) => {
                (rule.read(value)).ok_or_else(|| format!("has to be {}", rule.expected()))
            }
        };
        read.map_err(|message| self.fault(name, message)).ok()
    }

    /// Reads a field where it is as it has to be, and notes nothing: for what is looked into further, whatever else is wrong.
    pub fn peek<R: Rule>(&self, name: &str, rule: &R) -> Option<R::Value> {
        self.values.get(name).and_then(|value| rule.read(value))
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: impl Into<String>, message: impl Into<String>) {
        let (field, message) = (field.into(), message.into());
        self.note(Fault { field, message });
    }

    /// Notes a fault that was found elsewhere.
    pub fn note(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// What was read, if nothing was wrong, and there is no other field; else 422 with every fault.
    pub fn finish<T>(mut self, read: Option<T>) -> Result<T, Problem> {
        let unknown = self
            .values
            .keys()
            .filter(|name| !OURS.contains(&name.as_str()) && !self.known.contains(&name.as_str()));
        let fault = |name: &String| Fault {
            field: shown(name),
            message: format!("is no field here{}", meant(name, &self.known)),
        };
        let mut unknown: Vec<_> = unknown.take(MOST_UNKNOWN).map(fault).collect();
        self.faults.append(&mut unknown);
        match read {
            Some(read) if self.faults.is_empty() => Ok(read),
            _ => Err(Problem::invalid(self.faults)),
        }
    }

    /// Reads all of a body.
    pub fn read<B: Body>(mut self) -> Result<B, Problem> {
        let body = B::read(&mut self);
        self.finish(body)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use data_api_client::{Id, Time};
    use serde_json::json;

    use super::*;
    use crate::rule::{change, decimal, id, ids, integer, optional, text, time};

    fn fields(value: Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    body! {
        /// All there is.
        struct Everything {
            title: String = text(1..=200),
            director: String = text(1..=200),
            rating: f64 = decimal(0.0..=10.0),
            capacity: Option<i32> = optional(integer(1..=10_000)),
            time: Option<Time> = optional(time()),
            movies: Vec<Id> = ids(1..=50),
            /// To be changed.
            user: Option<Id> = change(id()),
        }
    }

    #[test]
    fn every_fault_is_noted() {
        let body = json!({"title": 5, "rating": 11, "capacity": 1.5, "time": "25:00", "movies": ["x"], "user": null});
        let problem = fields(body).read::<Everything>().unwrap_err();
        let faults: Vec<_> = (problem.errors.iter())
            .map(|fault| (fault.field.as_str(), fault.message.as_str()))
            .collect();
        assert_eq!(
            faults,
            [
                (
                    "title",
                    "has to be a text of 1 to 200 characters, without control characters"
                ),
                ("director", "is required"),
                ("rating", "has to be a number from 0 to 10"),
                ("capacity", "has to be a whole number from 1 to 10000"),
                ("time", "has to be a time of day, HH:MM"),
                (
                    "movies",
                    "has to be a list of 1 to 50 different ids of 24 hex digits"
                ),
                ("user", "has to be an id of 24 hex digits"),
            ]
        );
    }

    #[test]
    fn a_field_that_nobody_knows_is_named() {
        body! {
            /// Seats.
            struct Room {
                capacity: Option<i32> = optional(integer(1..=10_000)),
            }
        }
        let ours = json!({"id": "mine", "createdon": "x", "capacity": 3});
        assert_eq!(fields(ours).read::<Room>().unwrap().capacity, Some(3));
        let long = "x".repeat(100);
        let problem = fields(json!({"capcity": 3, "colour": 1, long: 1}))
            .read::<Room>()
            .unwrap_err();
        let messages: Vec<_> = problem
            .errors
            .iter()
            .map(|fault| fault.message.as_str())
            .collect();
        let nothing = "is no field here";
        assert_eq!(
            messages,
            [
                "is no field here; capacity is meant, perhaps",
                nothing,
                nothing
            ]
        );
        assert_eq!(problem.errors[2].field.chars().count(), 41);
        let many: Map<_, _> = (0..100).map(|n| (n.to_string(), Value::Null)).collect();
        let problem = Fields::new(many).read::<Room>().unwrap_err();
        assert_eq!(problem.errors.len(), MOST_UNKNOWN);
    }

    #[test]
    fn what_may_be_left_out_may_be() {
        let movie = Id::new();
        let body = json!({
            "title": "é".repeat(200), "director": "x", "rating": 8.44, "capacity": 2.0, "time": null, "movies": [movie.to_string()],
        });
        let read: Everything = fields(body).read().unwrap();
        assert_eq!(read.rating, 8.4);
        assert_eq!((read.capacity, read.time, read.user), (Some(2), None, None));
        assert_eq!(read.movies, [movie]);
    }

    #[test]
    fn ids_are_different_ones() {
        let id = Id::new().to_string();
        assert!(ids(1..=50).read(&json!([id])).is_some());
        assert!(ids(1..=50).read(&json!([id, id.to_uppercase()])).is_none());
    }

    #[test]
    fn a_body_is_described_by_what_reads_it() {
        assert_eq!(Everything::ABOUT.trim(), "All there is.");
        let fields = Everything::fields();
        let required = fields.iter().filter(|field| field.required);
        let required: Vec<_> = required.map(|field| field.name).collect();
        assert_eq!(required, ["title", "director", "rating", "movies"]);
        assert_eq!(
            fields[0].schema,
            json!({"type": "string", "minLength": 1, "maxLength": 200})
        );
        assert_eq!(fields[3].schema["type"], json!(["integer", "null"]));
        assert_eq!(
            fields[4].schema["oneOf"][0]["$ref"],
            "#/components/schemas/Time"
        );
        assert_eq!(fields[6].about, "To be changed.");
    }
}
