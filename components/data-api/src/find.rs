//! Documents read along a plan.

use std::collections::HashSet;

use bson::{Bson, RawDocumentBuf};
use data_api_protocol::{
    Failure, Query,
    index::{self, Between, Holding, Order, Plan, Range, key},
};

use crate::{
    database::{Database, Value},
    schema,
    store::Store,
    walk::{self, Row, Walk},
};

/// The fewest and the most rows that are read at once.
const BATCH: std::ops::RangeInclusive<usize> = 8..=1000;

/// So few entries of the index are looked through for the first of their ids without a second thought.
const FEW: i64 = 2000;

/// Where more entries than those meet a range, so do many rows, and so many of these are tried before the entries are.
const TRIED: usize = 300;

impl<D: Database> Store<D> {
    /// The documents that a query means, had by a plan.
    pub(crate) fn by_plan(
        &self,
        namespace: &str,
        plan: Plan,
        query: &Query,
    ) -> Result<Vec<Row>, Failure> {
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
}

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
            let place = walk::Place { id, version };
            let value = match value {
                Some(Value::Text(value)) => Some(value),
                _ => None,
            };
            Ok((Row { place, body }, value))
        }
        _ => Err(Failure::internal("a row has other columns than it should")),
    }
}
