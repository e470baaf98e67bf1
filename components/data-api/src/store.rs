//! Documents in the tables, written in one statement each; how they are read is another matter, of `find`.

use std::cell::Cell;

use bson::{Bson, Document};
use data_api_protocol::{
    Documents, Failure, Query,
    index::{Order, Plan, key},
};

use crate::{
    database::{Database, SqlError, Value},
    schema::{self, keys, texts},
    walk::{Place, Row},
};

/// The largest document, in bytes of BSON, as MongoDB has it.
const LARGEST: usize = 16 * 1024 * 1024;

/// See [`Store::searched`].
const SEARCHED: usize = 100_000;

/// The documents of a database.
pub struct Store<D> {
    database: D,
    /// So many documents are looked through for a page of a search that no index answers.
    pub(crate) searched: usize,
    /// Whether the index lacks entries, so that only a scan finds all there is.
    unfinished: Cell<bool>,
}

impl<D: Database> Documents for Store<D> {
    type Place = Place;

    fn find(&self, namespace: &str, query: &Query) -> Result<Vec<Row>, Failure> {
        if query.limit == 0 {
            return Ok(Vec::new());
        }
        let plan = Plan::of(namespace, query.filter, Order::of(query.sort));
        match self.by_plan(namespace, plan, query) {
            Err(_) if self.unfinished.get() => {
                self.by_plan(namespace, Plan::scan(query.filter), query)
            }
            result => result,
        }
    }

    fn insert(&self, namespace: &str, documents: &[Document]) -> Result<(), Failure> {
        let mut parameters = Vec::with_capacity(documents.len() * 5);
        for document in documents {
            let id = document.get("_id").unwrap_or(&Bson::Null);
            parameters.push(Value::Text(namespace.to_owned()));
            parameters.push(Value::Blob(key::of(id)));
            parameters.push(Value::Blob(body(document)?));
            parameters.push(Value::Text(keys(namespace, document)));
            parameters.push(Value::Text(texts(document)));
        }
        let places = vec!["(?, ?, random(), ?, ?, ?)"; documents.len()].join(",");
        let statement = format!(
            "INSERT INTO documents (namespace, id, version, body, keys, texts) VALUES {places}"
        );
        match self.try_execute(&statement, parameters)? {
            Ok(_) => Ok(()),
            Err(error) if error.is_duplicate() => Err(Failure::duplicate(namespace)),
            Err(error) => Err(error.into()),
        }
    }

    fn replace(&self, namespace: &str, changes: &[(Row, Document)]) -> Result<bool, Failure> {
        if let [(row, document)] = changes {
            let parameters = vec![
                Value::Blob(body(document)?),
                Value::Text(keys(namespace, document)),
                Value::Text(texts(document)),
                Value::Text(namespace.to_owned()),
                Value::Blob(row.place.id.clone()),
                Value::Integer(row.place.version),
            ];
            let statement =
                "UPDATE documents SET body = ?1, keys = ?2, texts = ?3, version = random()
                WHERE namespace = ?4 AND id = ?5 AND version = ?6 RETURNING 1";
            return Ok(self.execute(statement, parameters)?.len() == 1);
        }
        let mut parameters = Vec::with_capacity(changes.len() * 5 + 4);
        for (row, document) in changes {
            parameters.push(Value::Blob(row.place.id.clone()));
            parameters.push(Value::Integer(row.place.version));
            parameters.push(Value::Blob(body(document)?));
            parameters.push(Value::Text(keys(namespace, document)));
            parameters.push(Value::Text(texts(document)));
        }
        let places = vec!["(?, ?, ?, ?, ?)"; changes.len()].join(",");
        let statement = format!(
            "WITH new (id, version, body, keys, texts) AS (VALUES {places})
             UPDATE documents SET body = new.body, keys = new.keys, texts = new.texts, version = random() FROM new
             WHERE documents.namespace = ? AND documents.id = new.id AND {UNCHANGED} RETURNING 1"
        );
        self.guarded(&statement, parameters, namespace, changes.len())
    }

    fn remove(&self, namespace: &str, rows: &[Row]) -> Result<bool, Failure> {
        let mut parameters = Vec::with_capacity(rows.len() * 2 + 4);
        for row in rows {
            parameters.push(Value::Blob(row.place.id.clone()));
            parameters.push(Value::Integer(row.place.version));
        }
        let places = vec!["(?, ?)"; rows.len()].join(",");
        let statement = format!(
            "WITH new (id, version) AS (VALUES {places})
             DELETE FROM documents WHERE namespace = ? AND id IN (SELECT id FROM new) AND {UNCHANGED} RETURNING 1"
        );
        self.guarded(&statement, parameters, namespace, rows.len())
    }

    fn in_turn<T>(&self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        self.execute("BEGIN IMMEDIATE", Vec::new())?;
        let result = work();
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        match self.execute(end, Vec::new()) {
            Ok(_) => result,
            Err(failure) => {
                self.database.give_up();
                result.and(Err(failure))
            }
        }
    }
}

impl<D: Database> Store<D> {
    /// The documents in a database.
    pub fn new(database: D) -> Self {
        Self {
            database,
            searched: SEARCHED,
            unfinished: Cell::new(false),
        }
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

    pub(crate) fn execute(
        &self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, Failure> {
        Ok(self.try_execute(statement, parameters)??)
    }

    /// The rows, or what SQLite said; a schema that is missing is made.
    fn try_execute(
        &self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Result<Vec<Vec<Value>>, SqlError>, Failure> {
        match self.database.execute(statement, parameters.clone()) {
            Err(error) if error.is_missing() => {
                self.unfinished.set(!schema::create(&self.database)?);
                Ok(self.database.execute(statement, parameters))
            }
            result => Ok(result),
        }
    }
}

/// Whether all of the rows in `new` are still there in the version that was read: one look, before the first is written.
const UNCHANGED: &str = "(SELECT count(*) FROM new AS read CROSS JOIN documents AS now
    ON now.namespace = ? AND now.id = read.id AND now.version = read.version) = ?";

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
