//! `$group`.

use std::{borrow::Cow, collections::BTreeMap};

use bson::{Bson, Document};

use crate::{
    Error, Result,
    expression::{Accumulator, Expression},
    order::Ordered,
};

/// A parsed `$group`: what the groups are by, and what is gathered over each.
#[derive(Debug, Clone)]
pub struct Group {
    id: Expression,
    fields: Vec<(String, Accumulator, Expression)>,
}

impl Group {
    /// Parses `{_id: expression, field: {accumulator: expression}, …}`.
    ///
    /// # Errors
    /// No `_id`, a field that is no accumulator, or an accumulator that is unknown.
    pub fn parse(document: &Document) -> Result<Self> {
        let id = document
            .get("_id")
            .ok_or_else(|| Error::bad_value("$group needs an _id: null, where all is one group"))?;
        let fields = document
            .iter()
            .filter(|(name, _)| *name != "_id")
            .map(|(name, value)| field(name, value));
        Ok(Self {
            id: Expression::parse(id)?,
            fields: fields.collect::<Result<_>>()?,
        })
    }

    /// The groups, in the order that their first documents come in.
    pub fn run(&self, documents: &[Document]) -> Result<Vec<Document>> {
        let mut places: BTreeMap<Ordered, usize> = BTreeMap::new();
        let mut groups: Vec<(Bson, Vec<Accumulator>)> = Vec::new();
        for document in documents {
            let id = self.id.evaluate(document)?;
            let id = id.map_or(Bson::Null, Cow::into_owned);
            let place = *places.entry(Ordered(id.clone())).or_insert_with(|| {
                let empty = self.fields.iter().map(|(_, empty, _)| empty.clone());
                groups.push((id, empty.collect()));
                groups.len() - 1
            });
            let totals = &mut groups[place].1;
            for (total, (_, _, expression)) in totals.iter_mut().zip(&self.fields) {
                total.add(expression.evaluate(document)?);
            }
        }
        Ok(groups
            .into_iter()
            .map(|(id, totals)| {
                let mut group = Document::new();
                group.insert("_id", id);
                for ((name, _, _), total) in self.fields.iter().zip(totals) {
                    group.insert(name.clone(), total.finish());
                }
                group
            })
            .collect())
    }
}

fn field(name: &str, value: &Bson) -> Result<(String, Accumulator, Expression)> {
    let accumulator = value
        .as_document()
        .filter(|document| document.len() == 1)
        .and_then(|document| document.iter().next());
    let Some((operator, argument)) = accumulator else {
        return Err(Error::bad_value(format!(
            "$group: the field '{name}' has to be an accumulator, like {{$sum: 1}}"
        )));
    };
    if name.contains('.') || name.starts_with('$') {
        return Err(Error::bad_value(format!(
            "$group: a field cannot be named '{name}'"
        )));
    }
    let accumulator = Accumulator::named(operator)
        .ok_or_else(|| Error::bad_value(format!("$group: unknown group operator '{operator}'")))?;
    Ok((name.to_owned(), accumulator, Expression::parse(argument)?))
}
