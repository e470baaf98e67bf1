//! Documents in the tables: read along a plan, written in one statement each.

use std::collections::HashSet;

use bson::{Bson, Document, RawDocumentBuf};
use data_api_protocol::{
    Documents, Failure, Query,
    index::{self, Between, Holding, Order, Plan, Range, key},
};

use crate::{
    database::{Database, SqlError, Value},
    schema::{self, keys, texts},
    walk::{self, Place, Row, Walk},
};

/// The fewest and the most rows that are read at once.
const BATCH: std::ops::RangeInclusive<usize> = 8..=1000;

/// The largest document, in bytes of BSON, as MongoDB has it.
const LARGEST: usize = 16 * 1024 * 1024;

/// So few entries of the index are looked through for the first of their ids without a second thought.
const FEW: i64 = 2000;

/// Where more entries than those meet a range, so do many rows, and so many of these are tried before the entries are.
const TRIED: usize = 300;

/// See [`Store::searched`].
const SEARCHED: usize = 100_000;

/// The documents of a database.
pub struct Store<D> {
    database: D,
    /// So many documents are looked through for a page of a search that no index answers.
    pub(crate) searched: usize,
}

impl<D: Database> Documents for Store<D> {
    type Place = Place;

    fn find(&self, namespace: &str, query: &Query) -> Result<Vec<Row>, Failure> {
        match query.limit {
            0 => Ok(Vec::new()),
            _ => self.by_plan(
                namespace,
                Plan::of(query.filter, Order::of(query.sort)),
                query,
            ),
        }
    }

    fn insert(&self, namespace: &str, documents: &[Document]) -> Result<(), Failure> {
        let mut parameters = Vec::with_capacity(documents.len() * 5);
        for document in documents {
            let id = document.get("_id").unwrap_or(&Bson::Null);
            parameters.push(Value::Text(namespace.to_owned()));
            parameters.push(Value::Blob(key::of(id)));
            parameters.push(Value::Blob(body(document)?));
            parameters.push(Value::Text(keys(document)));
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
                Value::Text(keys(document)),
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
            parameters.push(Value::Text(keys(document)));
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
}

impl<D: Database> Store<D> {
    /// The documents in a database.
    pub fn new(database: D) -> Self {
        Self {
            database,
            searched: SEARCHED,
        }
    }

    /// The documents that a query means, had by a plan.
    fn by_plan(&self, namespace: &str, plan: Plan, query: &Query) -> Result<Vec<Row>, Failure> {
        let order = Order::of(query.sort);
        let descending = matches!(order, Order::Id(true) | Order::Field(_, true));
        let along_ids = matches!(order, Order::Any | Order::Id(_));
        match plan {
            Plan::Ids(ids) => {
                let mut found = Vec::with_capacity(ids.len());
                for row in self.by_ids(namespace, &ids)? {
                    if query.takes(&row)? {
                        found.push(row);
                    }
                }
                query.sorted(found)
            }
            Plan::Equal(field, values, ids) => {
                let walk = Walk::equal(namespace, field, &values, ids, descending && along_ids);
                self.along(walk, along_ids, query)
            }
            Plan::All(ids) => {
                let walk = Walk::ids(namespace, ids, descending && along_ids);
                self.along(walk, along_ids, query)
            }
            Plan::Between(field, between, ids) => {
                self.between(namespace, field, &between, ids, query)
            }
            Plan::Holding(holding, ids, otherwise) => {
                self.holding(namespace, &holding, ids, *otherwise, query)
            }
        }
    }

    /// The part of a query's matches that a walk comes by: in its order, or in another in which they have to be sorted.
    fn along(&self, mut walk: Walk, in_order: bool, query: &Query) -> Result<Vec<Row>, Failure> {
        let wanted = if in_order { query.wanted() } else { usize::MAX };
        let is_search = query.wanted() <= *BATCH.end() && index::is_search(query.filter);
        let most = if is_search { self.searched } else { usize::MAX };
        let mut found = Vec::new();
        if !self.go(&mut walk, query, wanted, most, &mut found)? {
            return Err(Failure::too_wide(most));
        }
        if in_order {
            Ok(query.part(found))
        } else {
            query.sorted(found)
        }
    }

    /// The part of a query whose matches have a value of a field in a range.
    fn between(
        &self,
        namespace: &str,
        field: &'static str,
        between: &Between,
        ids: Range,
        query: &Query,
    ) -> Result<Vec<Row>, Failure> {
        let arrays = self.has_arrays(namespace, field)?;
        let values = if arrays {
            &between.elements
        } else {
            &between.values
        };
        match Order::of(query.sort) {
            Order::Id(descending) if query.wanted() <= *BATCH.end() => {
                let few = self.are_few(namespace, field, values)?;
                let walk = |ids| Walk::within(namespace, field, values, ids, descending);
                self.first(namespace, ids, descending, few, walk, query)
            }
            order => {
                let in_order = order == Order::Any
                    || !arrays && matches!(order, Order::Field(name, _) if name == field);
                let descending = in_order && matches!(order, Order::Field(_, true));
                let walk = Walk::values(namespace, field, values, ids, descending);
                self.along(walk, in_order, query)
            }
        }
    }

    /// The part of a query whose matches hold a part of a text.
    fn holding(
        &self,
        namespace: &str,
        holding: &Holding,
        ids: Range,
        otherwise: Plan,
        query: &Query,
    ) -> Result<Vec<Row>, Failure> {
        let few = self.are_few_holding(namespace, holding)?;
        let order = Order::of(query.sort);
        let along_ids = matches!(order, Order::Any | Order::Id(_));
        let descending = matches!(order, Order::Id(true));
        let walk = |ids| Walk::holding(namespace, holding, ids, descending);
        if along_ids && query.wanted() <= *BATCH.end() {
            self.first(namespace, ids, descending, few, walk, query)
        } else if few {
            self.along(walk(ids), along_ids, query)
        } else {
            self.by_plan(namespace, otherwise, query)
        }
    }

    /// The part of a query in order of id, along a walk that has to look through all its ids for the first: a few, or many, of which
    /// the first are tried before.
    fn first(
        &self,
        namespace: &str,
        mut ids: Range,
        descending: bool,
        few: bool,
        walk: impl Fn(Range) -> Walk,
        query: &Query,
    ) -> Result<Vec<Row>, Failure> {
        let mut found = Vec::new();
        if !few {
            let mut plain = Walk::ids(namespace, ids, descending);
            if self.go(&mut plain, query, query.wanted(), TRIED, &mut found)? {
                return Ok(query.part(found));
            }
            ids = plain.left();
        }
        self.go(
            &mut walk(ids),
            query,
            query.wanted(),
            usize::MAX,
            &mut found,
        )?;
        Ok(query.part(found))
    }

    /// Collects matches along a walk until there are so many, in all of which each is once, or so many rows are tried. Says whether
    /// there is no need to go on.
    fn go(
        &self,
        walk: &mut Walk,
        query: &Query,
        wanted: usize,
        tried: usize,
        found: &mut Vec<Row>,
    ) -> Result<bool, Failure> {
        let mut seen = HashSet::new();
        let mut left = tried;
        let mut batch = wanted.clamp(*BATCH.start(), *BATCH.end()).min(tried);
        while left > 0 {
            let (statement, parameters) = walk.statement(batch);
            let rows = self.execute(&statement, parameters)?;
            let last = rows.len() < batch;
            left -= rows.len().min(left);
            for columns in rows {
                let (row, value) = row(columns)?;
                walk.pass(&row, value);
                if walk.repeats() && !seen.insert(row.place.id.clone()) {
                    continue;
                }
                if query.takes(&row)? {
                    found.push(row);
                    if found.len() == wanted {
                        return Ok(true);
                    }
                }
            }
            if last {
                return Ok(true);
            }
            batch = (batch * 2).min(*BATCH.end()).min(left);
        }
        Ok(false)
    }

    /// Whether any document has an array in a field. Each such has the array itself among its entries.
    fn has_arrays(&self, namespace: &str, field: &str) -> Result<bool, Failure> {
        let (from, to) = key::class_range(&Bson::Array(Vec::new()));
        Ok(self.count(namespace, field, &Range { from, to }, 1)? > 0)
    }

    fn are_few(&self, namespace: &str, field: &str, values: &Range) -> Result<bool, Failure> {
        Ok(self.count(namespace, field, values, FEW)? < FEW)
    }

    fn are_few_holding(&self, namespace: &str, holding: &Holding) -> Result<bool, Failure> {
        let statement = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} LIMIT ?3)",
            walk::holding(2, 1)
        );
        let parameters = vec![
            Value::Text(namespace.to_owned()),
            Value::Text(walk::expression(holding)),
            Value::Integer(FEW),
        ];
        Ok(self.number(&statement, parameters)? < FEW)
    }

    /// How many entries there are in a range, as far as it matters.
    fn count(
        &self,
        namespace: &str,
        field: &str,
        values: &Range,
        most: i64,
    ) -> Result<i64, Failure> {
        let statement = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} WHERE namespace = ?1 AND field = ?2 AND value >= ?3 AND value < ?4 LIMIT ?5)",
            schema::index()
        );
        let parameters = vec![
            Value::Text(namespace.to_owned()),
            Value::Text(field.to_owned()),
            Value::Text(hex::encode(&values.from)),
            Value::Text(hex::encode(&values.to)),
            Value::Integer(most),
        ];
        self.number(&statement, parameters)
    }

    fn number(&self, statement: &str, parameters: Vec<Value>) -> Result<i64, Failure> {
        match self.execute(statement, parameters)?.as_slice() {
            [row] if let [Value::Integer(count)] = row.as_slice() => Ok(*count),
            _ => Err(Failure::internal("a count is no number")),
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
                rows.push(self::row(row)?.0);
            }
        }
        Ok(rows)
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
                schema::create(&self.database)?;
                Ok(self.database.execute(statement, parameters))
            }
            result => Ok(result),
        }
    }
}

/// Whether all of the rows in `new` are still there in the version that was read: one look, before the first is written.
const UNCHANGED: &str = "(SELECT count(*) FROM new AS read CROSS JOIN documents AS now
    ON now.namespace = ? AND now.id = read.id AND now.version = read.version) = ?";

/// A row, and the value by which it was found, where that is told.
fn row(mut columns: Vec<Value>) -> Result<(Row, Option<String>), Failure> {
    let value = match columns.len() {
        4 => columns.pop(),
        _ => None,
    };
    match (<[Value; 3]>::try_from(columns), value) {
        (
            Ok([Value::Blob(id), Value::Integer(version), Value::Blob(body)]),
            value @ (None | Some(Value::Text(_))),
        ) => {
            let body = RawDocumentBuf::from_bytes(body).map_err(Failure::damaged)?;
            let place = Place { id, version };
            let value = match value {
                Some(Value::Text(value)) => Some(value),
                _ => None,
            };
            Ok((Row { place, body }, value))
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
