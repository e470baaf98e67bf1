//! Documents in the tables: read along a plan, written in one statement each.

use std::collections::BTreeSet;

use bson::{Bson, Document, RawDocumentBuf};
use mql::Filter;

use crate::{
    database::{Database, SqlError, Value},
    key,
    plan::{Plan, Range},
    protocol::{Failure, damaged},
    schema::{self, INDEXED},
};

/// The fewest and the most rows that are read at once.
const BATCH: std::ops::RangeInclusive<usize> = 8..=1000;

/// The largest document, in bytes of BSON, as MongoDB has it.
const LARGEST: usize = 16 * 1024 * 1024;

/// A stored document.
#[derive(Debug, Clone)]
pub struct Row {
    id: Vec<u8>,
    version: i64,
    /// What is stored.
    pub body: RawDocumentBuf,
}

/// What a filter asks of a row: only the fields it looks at are read, since most rows are passed on as they are.
struct Match<'a> {
    filter: &'a Filter,
    fields: BTreeSet<&'a str>,
}

impl<'a> Match<'a> {
    fn new(filter: &'a Filter) -> Self {
        Self {
            filter,
            fields: filter.fields(),
        }
    }

    fn takes(&self, row: &Row) -> Result<bool, Failure> {
        let mut looked_at = Document::new();
        for field in &row.body {
            let (name, value) = field.map_err(damaged)?;
            if self.fields.contains(name.as_str()) {
                looked_at.insert(name.as_str(), Bson::try_from(value).map_err(damaged)?);
            }
        }
        Ok(self.filter.matches(&looked_at))
    }
}

/// The documents of a database.
pub struct Store<D> {
    database: D,
}

impl<D: Database> Store<D> {
    /// The documents in a database.
    pub fn new(database: D) -> Self {
        Self { database }
    }

    /// The matches of a filter in order of `_id`, after the first `skip`, at most `limit`.
    pub fn find(
        &self,
        namespace: &str,
        filter: &Filter,
        descending: bool,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Row>, Failure> {
        let mut found = Vec::new();
        let mut left = skip;
        if limit == 0 {
            return Ok(found);
        }
        self.scan(
            namespace,
            filter,
            descending,
            skip.saturating_add(limit),
            |row| {
                if left > 0 {
                    left -= 1;
                } else {
                    found.push(row);
                }
                found.len() < limit
            },
        )?;
        Ok(found)
    }

    /// Shows each match in order of `_id`, for as long as `visit` wants more. `wanted` is a guess of how many that will be.
    fn scan(
        &self,
        namespace: &str,
        filter: &Filter,
        descending: bool,
        wanted: usize,
        mut visit: impl FnMut(Row) -> bool,
    ) -> Result<(), Failure> {
        let plan = Plan::of(filter);
        let wanting = Match::new(filter);
        if let Plan::Ids(ids) = &plan {
            let mut rows = self.by_ids(namespace, ids)?;
            if descending {
                rows.reverse();
            }
            for row in rows {
                if wanting.takes(&row)? && !visit(row) {
                    break;
                }
            }
            return Ok(());
        }
        let mut range = plan.range();
        let mut batch = wanted.clamp(*BATCH.start(), *BATCH.end());
        loop {
            let (statement, parameters) = plan.statement(namespace, &range, descending, batch);
            let rows = self.execute(&statement, parameters)?;
            let last = rows.len() < batch;
            for row in rows {
                let row = self::row(row)?;
                advance(&mut range, &row.id, descending);
                if wanting.takes(&row)? && !visit(row) {
                    return Ok(());
                }
            }
            if last {
                return Ok(());
            }
            batch = (batch * 2).min(*BATCH.end());
        }
    }

    fn by_ids(&self, namespace: &str, ids: &[Vec<u8>]) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::with_capacity(ids.len());
        for ids in ids.chunks(*BATCH.end()) {
            // Few different statements, so that prepared ones serve again: the last id stands in for those that are missing.
            let places = ids.len().next_power_of_two();
            let mut parameters = vec![Value::Text(namespace.to_owned())];
            let padded = ids
                .iter()
                .chain(std::iter::repeat_n(&ids[ids.len() - 1], places - ids.len()));
            parameters.extend(padded.map(|id| Value::Blob(id.clone())));
            let marks = vec!["?"; places].join(",");
            let statement = format!(
                "SELECT id, version, body FROM documents WHERE namespace = ? AND id IN ({marks}) ORDER BY id"
            );
            for row in self.execute(&statement, parameters)? {
                rows.push(self::row(row)?);
            }
        }
        Ok(rows)
    }

    /// Adds documents, all or none of them.
    pub fn insert(&self, namespace: &str, documents: &[Document]) -> Result<(), Failure> {
        if documents.is_empty() {
            return Ok(());
        }
        let mut parameters = Vec::with_capacity(documents.len() * 4);
        for document in documents {
            let id = document.get("_id").unwrap_or(&Bson::Null);
            parameters.push(Value::Text(namespace.to_owned()));
            parameters.push(Value::Blob(key::of(id)));
            parameters.push(Value::Blob(body(document)?));
            parameters.push(Value::Text(keys(document)));
        }
        let places = vec!["(?, ?, random(), ?, ?)"; documents.len()].join(",");
        let statement =
            format!("INSERT INTO documents (namespace, id, version, body, keys) VALUES {places}");
        match self.try_execute(&statement, parameters) {
            Ok(_) => Ok(()),
            Err(error) if error.is_duplicate() => Err(Failure::duplicate(namespace)),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts other documents in the place of rows, all or none of them; says whether it did. It does not where one of the rows is
    /// no longer as it was read.
    pub fn replace(&self, namespace: &str, changes: &[(Row, Document)]) -> Result<bool, Failure> {
        if let [(row, document)] = changes {
            let parameters = vec![
                Value::Blob(body(document)?),
                Value::Text(keys(document)),
                Value::Text(namespace.to_owned()),
                Value::Blob(row.id.clone()),
                Value::Integer(row.version),
            ];
            let statement = "UPDATE documents SET body = ?1, keys = ?2, version = random()
                WHERE namespace = ?3 AND id = ?4 AND version = ?5 RETURNING 1";
            return Ok(self.execute(statement, parameters)?.len() == 1);
        }
        let mut parameters = Vec::with_capacity(changes.len() * 4 + 4);
        for (row, document) in changes {
            parameters.push(Value::Blob(row.id.clone()));
            parameters.push(Value::Integer(row.version));
            parameters.push(Value::Blob(body(document)?));
            parameters.push(Value::Text(keys(document)));
        }
        let places = vec!["(?, ?, ?, ?)"; changes.len()].join(",");
        let statement = format!(
            "WITH new (id, version, body, keys) AS (VALUES {places})
             UPDATE documents SET body = new.body, keys = new.keys, version = random() FROM new
             WHERE documents.namespace = ? AND documents.id = new.id AND {UNCHANGED} RETURNING 1"
        );
        self.guarded(&statement, parameters, namespace, changes.len())
    }

    /// Removes rows, all or none of them; says whether it did, as [`Store::replace`].
    pub fn remove(&self, namespace: &str, rows: &[Row]) -> Result<bool, Failure> {
        let mut parameters = Vec::with_capacity(rows.len() * 2 + 4);
        for row in rows {
            parameters.push(Value::Blob(row.id.clone()));
            parameters.push(Value::Integer(row.version));
        }
        let places = vec!["(?, ?)"; rows.len()].join(",");
        let statement = format!(
            "WITH new (id, version) AS (VALUES {places})
             DELETE FROM documents WHERE namespace = ? AND id IN (SELECT id FROM new) AND {UNCHANGED} RETURNING 1"
        );
        self.guarded(&statement, parameters, namespace, rows.len())
    }

    fn guarded(
        &self,
        statement: &str,
        mut parameters: Vec<Value>,
        namespace: &str,
        count: usize,
    ) -> Result<bool, Failure> {
        parameters.push(Value::Text(namespace.to_owned()));
        parameters.push(Value::Text(namespace.to_owned()));
        parameters.push(Value::Integer(count as i64));
        Ok(self.execute(statement, parameters)?.len() == count)
    }

    fn execute(&self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Vec<Value>>, Failure> {
        Ok(self.try_execute(statement, parameters)?)
    }

    fn try_execute(
        &self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, SqlError> {
        match self.database.execute(statement, parameters.clone()) {
            Err(error) if error.is_missing_table() => {
                schema::create(&self.database)?;
                self.database.execute(statement, parameters)
            }
            result => result,
        }
    }
}

/// Whether all of the rows in `new` are still there in the version that was read: one look, before the first is written.
const UNCHANGED: &str = "(SELECT count(*) FROM new AS read CROSS JOIN documents AS now
    ON now.namespace = ? AND now.id = read.id AND now.version = read.version) = ?";

/// What is left of a range after a row.
fn advance(range: &mut Range, id: &[u8], descending: bool) {
    if descending {
        range.to = id.to_vec();
    } else {
        range.from = [id, &[0]].concat();
    }
}

fn row(columns: Vec<Value>) -> Result<Row, Failure> {
    match <[Value; 3]>::try_from(columns) {
        Ok([Value::Blob(id), Value::Integer(version), Value::Blob(body)]) => {
            let body = RawDocumentBuf::from_bytes(body).map_err(damaged)?;
            Ok(Row { id, version, body })
        }
        _ => Err(Failure::internal("a row has other columns than it should")),
    }
}

fn body(document: &Document) -> Result<Vec<u8>, Failure> {
    let bytes = document
        .to_vec()
        .map_err(|error| Failure::bad_value(format!("the document is no BSON: {error}")))?;
    if bytes.len() > LARGEST {
        return Err(Failure::new(
            400,
            "BSONObjectTooLarge",
            format!("a document is larger than {LARGEST} bytes"),
        ));
    }
    Ok(bytes)
}

/// The document's entries of the index: each value of an indexed field, and each element where it is an array.
fn keys(document: &Document) -> String {
    let mut entries = Vec::new();
    for field in INDEXED {
        let Some(value) = document.get(field) else {
            continue;
        };
        let mut add = |value: &Bson| {
            entries.push(format!("[\"{field}\",\"{}\"]", hex::encode(key::of(value))))
        };
        add(value);
        if let Bson::Array(items) = value {
            items.iter().for_each(add);
        }
    }
    format!("[{}]", entries.join(","))
}
