//! Which rows have to be looked at for a filter.

use std::borrow::Cow;

use bson::Bson;
use mql::Filter;

use crate::{database::Value, key, schema::INDEXED};

/// The rows that may match: never fewer than do, in order of id.
#[derive(Debug, PartialEq)]
pub enum Plan {
    /// Those of just these ids.
    Ids(Vec<Vec<u8>>),
    /// Those with any of these entries of the index for a field, within a range of ids.
    Entries(&'static str, Vec<String>, Range),
    /// Those within a range of ids.
    Range(Range),
}

/// From the first bytes on, up to but without the last ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    pub from: Vec<u8>,
    pub to: Vec<u8>,
}

/// The most values of a field that are looked up by the index: each is a search of its own in the statement.
const MOST_VALUES: usize = 16;

/// More than any key: those begin with the number of a class, of which there are few.
const END: [u8; 1] = [0xff];

impl Plan {
    /// The cheapest way there is for a filter.
    pub fn of(filter: &Filter) -> Self {
        if let Some(ids) = filter.membership("_id") {
            return Self::Ids(keys(&ids));
        }
        let range = range(filter);
        let fewest = INDEXED
            .into_iter()
            .filter_map(|field| Some((field, keys(&filter.membership(field)?))))
            .filter(|(_, keys)| keys.len() <= MOST_VALUES)
            .min_by_key(|(_, keys)| keys.len());
        match fewest {
            Some((_, keys)) if keys.is_empty() => Self::Ids(Vec::new()),
            Some((field, keys)) => {
                Self::Entries(field, keys.iter().map(hex::encode).collect(), range)
            }
            None => Self::Range(range),
        }
    }

    /// The statement for the next rows and its parameters; `descending` from the end.
    pub fn statement(
        &self,
        namespace: &str,
        range: &Range,
        descending: bool,
        limit: usize,
    ) -> (Cow<'static, str>, Vec<Value>) {
        let mut parameters = vec![
            Value::Text(namespace.to_owned()),
            Value::Blob(range.from.clone()),
            Value::Blob(range.to.clone()),
            Value::Integer(limit as i64),
        ];
        let statement = match (self, descending) {
            (Self::Entries(field, values, _), _) => {
                parameters.push(Value::Text((*field).to_owned()));
                parameters.extend(values.iter().cloned().map(Value::Text));
                entries(values.len(), descending)
            }
            (_, false) => RANGE.into(),
            (_, true) => RANGE_DESCENDING.into(),
        };
        (statement, parameters)
    }

    /// The range of ids the rows are in.
    pub fn range(&self) -> Range {
        match self {
            Self::Ids(_) => Range {
                from: Vec::new(),
                to: END.to_vec(),
            },
            Self::Entries(_, _, range) | Self::Range(range) => range.clone(),
        }
    }
}

const RANGE: &str = "SELECT id, version, body FROM documents
    WHERE namespace = ?1 AND id >= ?2 AND id < ?3 ORDER BY id LIMIT ?4";
const RANGE_DESCENDING: &str = "SELECT id, version, body FROM documents
    WHERE namespace = ?1 AND id >= ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4";
const ENTRY: &str = "SELECT documents.id, version, body FROM entries CROSS JOIN documents
    ON documents.namespace = entries.namespace AND documents.id = entries.id
    WHERE entries.namespace = ?1 AND field = ?5 AND value = ?6 AND entries.id >= ?2 AND entries.id < ?3
    ORDER BY entries.id LIMIT ?4";
const ENTRY_DESCENDING: &str = "SELECT documents.id, version, body FROM entries CROSS JOIN documents
    ON documents.namespace = entries.namespace AND documents.id = entries.id
    WHERE entries.namespace = ?1 AND field = ?5 AND value = ?6 AND entries.id >= ?2 AND entries.id < ?3
    ORDER BY entries.id DESC LIMIT ?4";

/// The statement for rows with any of so many entries. SQLite walks along several at once in order of id, and gives an id that
/// more than one of them has only once.
fn entries(values: usize, descending: bool) -> Cow<'static, str> {
    match (values, descending) {
        (1, false) => return ENTRY.into(),
        (1, true) => return ENTRY_DESCENDING.into(),
        _ => {}
    }
    let direction = if descending { "DESC" } else { "ASC" };
    let searches: Vec<_> = (0..values)
        .map(|value| {
            let place = value + 6;
            format!(
                "SELECT id FROM entries
                 WHERE namespace = ?1 AND field = ?5 AND value = ?{place} AND id >= ?2 AND id < ?3"
            )
        })
        .collect();
    let searches = searches.join(" UNION ");
    let statement = format!(
        "WITH found AS ({searches} ORDER BY id {direction} LIMIT ?4)
         SELECT documents.id, version, body FROM found CROSS JOIN documents
         ON documents.namespace = ?1 AND documents.id = found.id ORDER BY documents.id {direction}"
    );
    statement.into()
}

/// The keys of values, each once, in order.
fn keys(values: &[Bson]) -> Vec<Vec<u8>> {
    let mut keys: Vec<_> = values.iter().map(key::of).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// What the filter says of `_id`'s range. Of numbers only that they are some: their keys are not exact to the last digit.
fn range(filter: &Filter) -> Range {
    let bounds = filter.bounds("_id");
    let mut range = Range {
        from: Vec::new(),
        to: END.to_vec(),
    };
    for (value, inclusive, lower) in bounds
        .lower
        .into_iter()
        .map(|(value, inclusive)| (value, inclusive, true))
        .chain(
            bounds
                .upper
                .into_iter()
                .map(|(value, inclusive)| (value, inclusive, false)),
        )
    {
        if matches!(value, Bson::MinKey | Bson::MaxKey) {
            continue;
        }
        let class = vec![key::after_class(&value)[0] - 1];
        range.from = range.from.max(class);
        range.to = range.to.min(key::after_class(&value));
        if is_number(&value) {
            continue;
        }
        let mut bytes = key::of(&value);
        // A zero more makes the very next bytes there can be: a range begins after an exclusive bound, and ends after an
        // inclusive one.
        if lower != inclusive {
            bytes.push(0);
        }
        if lower {
            range.from = range.from.max(bytes);
        } else {
            range.to = range.to.min(bytes);
        }
    }
    range
}

fn is_number(value: &Bson) -> bool {
    matches!(
        value,
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_)
    )
}
