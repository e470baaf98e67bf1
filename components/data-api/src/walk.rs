//! The statements that read rows in the order of an index, some at a time.

use data_api_protocol::{
    Found,
    index::{Holding, Range},
};

use crate::{database::Value, schema};

/// A stored document.
pub type Row = Found<Place>;

/// Where a document stands, and in which version.
#[derive(Debug, Clone)]
pub struct Place {
    /// The key of its `_id`.
    pub id: Vec<u8>,
    /// Another one after each write.
    pub version: i64,
}

/// A walk along rows, as far as it has come.
pub struct Walk {
    namespace: String,
    path: Path,
    /// The ids that are left; along values, all those to be had.
    ids: Range,
    descending: bool,
}

/// Along what it goes.
enum Path {
    /// Along ids.
    Ids,
    /// Along the ids of documents with any of these values of a field.
    Equal(&'static str, Vec<String>),
    /// Along the ids of documents with a value of a field in a range, all of which are looked through each time.
    Within(&'static str, Text),
    /// Along the ids of documents whose texts hold parts, as an expression of full-text search, all of which are looked through each
    /// time.
    Holding(String),
    /// Along the values of a field, and ids where those are the same, from a position on.
    Values(&'static str, Text, (String, Vec<u8>)),
}

/// A range of keys as they stand in the index.
struct Text {
    from: String,
    to: String,
}

impl Text {
    fn of(range: &Range) -> Self {
        Self {
            from: hex::encode(&range.from),
            to: hex::encode(&range.to),
        }
    }
}

impl Walk {
    /// Along ids.
    pub fn ids(namespace: &str, ids: Range, descending: bool) -> Self {
        Self {
            namespace: namespace.to_owned(),
            path: Path::Ids,
            ids,
            descending,
        }
    }

    /// Along the ids of documents with any of these values of a field. Each is given once.
    pub fn equal(
        namespace: &str,
        field: &'static str,
        values: &[Vec<u8>],
        ids: Range,
        descending: bool,
    ) -> Self {
        let values = values.iter().map(hex::encode).collect();
        Self {
            path: Path::Equal(field, values),
            ..Self::ids(namespace, ids, descending)
        }
    }

    /// Along the ids of documents with a value of a field in a range. Of an array, each value in the range counts.
    pub fn within(
        namespace: &str,
        field: &'static str,
        values: &Range,
        ids: Range,
        descending: bool,
    ) -> Self {
        Self {
            path: Path::Within(field, Text::of(values)),
            ..Self::ids(namespace, ids, descending)
        }
    }

    /// Along the ids of documents that hold a part in a text.
    pub fn holding(namespace: &str, holding: &Holding, ids: Range, descending: bool) -> Self {
        Self {
            path: Path::Holding(expression(holding)),
            ..Self::ids(namespace, ids, descending)
        }
    }

    /// Along the values of a field in a range.
    pub fn values(
        namespace: &str,
        field: &'static str,
        values: &Range,
        ids: Range,
        descending: bool,
    ) -> Self {
        let values = Text::of(values);
        let start = if descending { &values.to } else { &values.from };
        let position = (start.clone(), Vec::new());
        Self {
            path: Path::Values(field, values, position),
            ..Self::ids(namespace, ids, descending)
        }
    }

    /// What is left of the ids.
    pub fn left(&self) -> Range {
        self.ids.clone()
    }

    /// Whether it comes by a document more than once, where that has an array.
    pub fn repeats(&self) -> bool {
        matches!(self.path, Path::Within(..) | Path::Values(..))
    }

    /// Goes on from a row.
    pub fn pass(&mut self, row: &Row, value: Option<String>) {
        if let (Path::Values(_, _, position), Some(value)) = (&mut self.path, value) {
            *position = (value, row.place.id.clone());
        } else if self.descending {
            self.ids.to.clone_from(&row.place.id);
        } else {
            self.ids.from = [&row.place.id, &[0][..]].concat();
        }
    }

    /// The statement for the next rows, and its parameters.
    pub fn statement(&self, batch: usize) -> (String, Vec<Value>) {
        let mut parameters = vec![
            Value::Text(self.namespace.clone()),
            Value::Blob(self.ids.from.clone()),
            Value::Blob(self.ids.to.clone()),
            Value::Integer(batch as i64),
        ];
        let mut give = |texts: &[&str]| {
            parameters.extend(texts.iter().map(|text| Value::Text((*text).to_owned())));
        };
        let direction = if self.descending { "DESC" } else { "ASC" };
        let index = schema::index();
        let statement = match &self.path {
            Path::Ids => format!(
                "SELECT id, version, body FROM documents
                 WHERE namespace = ?1 AND id >= ?2 AND id < ?3 ORDER BY id {direction} LIMIT ?4"
            ),
            Path::Equal(field, values) if values.len() == 1 => {
                give(&[field, &values[0]]);
                format!(
                    "SELECT documents.id, version, body FROM {index} AS entry CROSS JOIN documents
                     ON documents.namespace = entry.namespace AND documents.id = entry.id
                     WHERE entry.namespace = ?1 AND field = ?5 AND value = ?6 AND entry.id >= ?2 AND entry.id < ?3
                     ORDER BY entry.id {direction} LIMIT ?4"
                )
            }
            Path::Equal(field, values) => {
                give(&[field]);
                values.iter().for_each(|value| give(&[value]));
                // SQLite walks along several at once in order of id, and gives an id that more than one of them has only once.
                let searches = (0..values.len())
                    .map(|value| among(index, &format!("value = ?{}", value + 6)))
                    .collect::<Vec<_>>();
                joined(&searches.join(" UNION "), direction)
            }
            Path::Within(field, values) => {
                give(&[field, &values.from, &values.to]);
                joined(&among(index, "value >= ?6 AND value < ?7"), direction)
            }
            Path::Holding(expression) => {
                give(&[expression]);
                let found = holding(5, 1);
                joined(
                    &format!("SELECT found.id FROM {found} AND found.id >= ?2 AND found.id < ?3"),
                    direction,
                )
            }
            Path::Values(field, values, (value, id)) => {
                let (after, end, bound) = if self.descending {
                    ("<", "value >= ?7", &values.from)
                } else {
                    (">", "value < ?7", &values.to)
                };
                give(&[field, value, bound]);
                parameters.push(Value::Blob(id.clone()));
                format!(
                    "SELECT documents.id, version, body, value FROM {index} AS entry CROSS JOIN documents
                     ON documents.namespace = entry.namespace AND documents.id = entry.id
                     WHERE entry.namespace = ?1 AND field = ?5 AND (value, entry.id) {after} (?6, ?8) AND {end}
                     AND entry.id >= ?2 AND entry.id < ?3
                     ORDER BY value {direction}, entry.id {direction} LIMIT ?4"
                )
            }
        };
        (statement, parameters)
    }
}

/// The documents, as `found`, that meet the expression of full-text search of one parameter in the namespace of another.
pub fn holding(expression: usize, namespace: usize) -> String {
    let numbers = schema::numbers();
    format!(
        "parts CROSS JOIN {numbers} AS found ON found.number = parts.rowid
         WHERE parts MATCH ?{expression} AND found.namespace = ?{namespace}"
    )
}

/// An expression of full-text search for texts that hold all of some parts.
pub fn expression(holding: &Holding) -> String {
    let quoted = |part: &String| format!("\"{}\"", part.replace('"', "\"\""));
    let parts: Vec<_> = holding.parts.iter().map(quoted).collect();
    format!("{} : ({})", holding.field, parts.join(" AND "))
}

/// The ids whose entry meets a condition.
fn among(index: &str, condition: &str) -> String {
    format!(
        "SELECT id FROM {index} WHERE namespace = ?1 AND field = ?5 AND {condition} AND id >= ?2 AND id < ?3"
    )
}

/// The rows of the first of some ids.
fn joined(ids: &str, direction: &str) -> String {
    format!(
        "WITH found AS ({ids} ORDER BY id {direction} LIMIT ?4)
         SELECT documents.id, version, body FROM found CROSS JOIN documents
         ON documents.namespace = ?1 AND documents.id = found.id ORDER BY documents.id {direction}"
    )
}
