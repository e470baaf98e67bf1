//! What an update does to a document.

mod array;
mod parse;
mod place;
#[cfg(test)]
mod tests;

use bson::{Bson, DateTime, Document, Timestamp};

use crate::{Code, Error, Filter, Result, depth, number::Number, order};
use array::{Pull, Push};

/// A parsed update: operators, or a document to put in the old one's place.
#[derive(Debug, Clone)]
pub struct Update {
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Replace(Document),
    Change(Vec<Step>),
}

/// One operator at one path.
#[derive(Debug, Clone)]
struct Step {
    path: Vec<String>,
    operation: Operation,
}

#[derive(Debug, Clone)]
enum Operation {
    Set(Bson),
    SetOnInsert(Bson),
    Unset,
    Increment(Number),
    Multiply(Number),
    Min(Bson),
    Max(Bson),
    Rename(Vec<String>),
    CurrentDate,
    CurrentTimestamp,
    Push(Push),
    AddToSet(Vec<Bson>),
    Pull(Pull),
    PopFirst,
    PopLast,
}

impl Update {
    /// Parses an update.
    ///
    /// # Errors
    /// An operator that is unknown, or given what it does not take; two that write the same place.
    pub fn parse(update: &Document) -> Result<Self> {
        depth::check(update)?;
        let operators = update.keys().filter(|name| name.starts_with('$')).count();
        let kind = match operators {
            0 => Kind::Replace(update.clone()),
            _ if operators == update.len() => Kind::Change(parse::steps(update)?),
            _ => {
                return Err(Error::failed_to_parse(
                    "an update holds operators only, or fields only",
                ));
            }
        };
        Ok(Self { kind })
    }

    /// Whether this is a whole document to put in the old one's place.
    pub fn is_replacement(&self) -> bool {
        matches!(self.kind, Kind::Replace(_))
    }

    /// Changes a document; says whether anything is different afterwards.
    ///
    /// # Errors
    /// A stored value an operator does not work on, or a change of `_id`; the document is then as it was.
    pub fn apply(&self, document: &mut Document, now: DateTime) -> Result<bool> {
        let changed = self.changed(document, now, false)?;
        // Compared to the letter: 1 and 1.0 are equal to a query, but not the same document.
        let modified = changed != *document;
        *document = changed;
        Ok(modified)
    }

    /// The document that an upsert inserts where nothing matched: what the filter demands by equality, then the update. It has
    /// an `_id` only if one of the two gives it.
    ///
    /// # Errors
    /// As [`Update::apply`].
    pub fn upsert(&self, filter: &Filter, now: DateTime) -> Result<Document> {
        let mut document = Document::new();
        for (path, value) in filter.equalities() {
            if !self.is_replacement() || path == "_id" {
                place::set(
                    &mut document,
                    &path.split('.').map(str::to_owned).collect::<Vec<_>>(),
                    value.clone(),
                )?;
            }
        }
        self.changed(&document, now, true)
    }

    fn changed(&self, document: &Document, now: DateTime, inserting: bool) -> Result<Document> {
        let id = document.get("_id");
        let mut changed = match &self.kind {
            Kind::Replace(new) => replaced(id, new),
            Kind::Change(steps) => {
                let mut changed = document.clone();
                for step in steps {
                    step.apply(&mut changed, now, inserting)?;
                }
                changed
            }
        };
        match (id, changed.get("_id")) {
            (None, _) => {}
            (Some(old), Some(new)) if order::equal(old, new) => {
                changed.insert("_id", old.clone());
            }
            (Some(_), _) => {
                return Err(Error {
                    code: Code::ImmutableField,
                    message: "the immutable field '_id' cannot be changed".into(),
                });
            }
        }
        depth::check(&changed)?;
        Ok(changed)
    }
}

/// The new document, under the old one's `_id` where it has none.
fn replaced(id: Option<&Bson>, new: &Document) -> Document {
    let mut document = Document::new();
    if let Some(id) = id.filter(|_| !new.contains_key("_id")) {
        document.insert("_id", id.clone());
    }
    document.extend(new.clone());
    document
}

impl Step {
    fn apply(&self, document: &mut Document, now: DateTime, inserting: bool) -> Result<()> {
        let path = &self.path;
        match &self.operation {
            Operation::Set(value) => place::set(document, path, value.clone()),
            Operation::SetOnInsert(value) if inserting => place::set(document, path, value.clone()),
            Operation::SetOnInsert(_) => Ok(()),
            Operation::Unset => {
                place::unset(document, path);
                Ok(())
            }
            Operation::Increment(by) => {
                let value = self
                    .number(document, "$inc")?
                    .map_or(*by, |old| old.add(*by));
                place::set(document, path, value.into())
            }
            Operation::Multiply(by) => {
                let old = self.number(document, "$mul")?.unwrap_or(Number::Int32(0));
                place::set(document, path, old.multiply(*by).into())
            }
            Operation::Min(value) => {
                self.replace_if(document, value, |new, old| order::compare(new, old).is_lt())
            }
            Operation::Max(value) => {
                self.replace_if(document, value, |new, old| order::compare(new, old).is_gt())
            }
            Operation::Rename(to) => match place::unset(document, path) {
                None => Ok(()),
                Some(value) => place::set(document, to, value),
            },
            Operation::CurrentDate => place::set(document, path, now.into()),
            Operation::CurrentTimestamp => {
                let time = u32::try_from(now.timestamp_millis() / 1000).unwrap_or_default();
                place::set(document, path, Timestamp { time, increment: 1 }.into())
            }
            Operation::Push(push) => {
                let mut items = self.items(document, "$push")?.unwrap_or_default();
                push.apply(&mut items);
                place::set(document, path, items.into())
            }
            Operation::AddToSet(values) => {
                let mut items = self.items(document, "$addToSet")?.unwrap_or_default();
                for value in values {
                    if !items.iter().any(|item| order::equal(item, value)) {
                        items.push(value.clone());
                    }
                }
                place::set(document, path, items.into())
            }
            Operation::Pull(pull) => self.shrink(document, "$pull", |items| pull.apply(items)),
            Operation::PopFirst => self.shrink(document, "$pop", |items| {
                if !items.is_empty() {
                    items.remove(0);
                }
            }),
            Operation::PopLast => self.shrink(document, "$pop", |items| {
                items.pop();
            }),
        }
    }

    fn replace_if(
        &self,
        document: &mut Document,
        value: &Bson,
        better: fn(&Bson, &Bson) -> bool,
    ) -> Result<()> {
        match place::get(document, &self.path) {
            Some(old) if !better(value, old) => Ok(()),
            _ => place::set(document, &self.path, value.clone()),
        }
    }

    /// Takes from an array that may not be there.
    fn shrink(
        &self,
        document: &mut Document,
        name: &str,
        take: impl FnOnce(&mut Vec<Bson>),
    ) -> Result<()> {
        match self.items(document, name)? {
            None => Ok(()),
            Some(mut items) => {
                take(&mut items);
                place::set(document, &self.path, items.into())
            }
        }
    }

    fn number(&self, document: &Document, name: &str) -> Result<Option<Number>> {
        let Some(value) = place::get(document, &self.path) else {
            return Ok(None);
        };
        Number::of(value).map(Some).ok_or_else(|| {
            Error::type_mismatch(format!(
                "cannot apply {name} to {}, which is not a number",
                self.path.join(".")
            ))
        })
    }

    fn items(&self, document: &Document, name: &str) -> Result<Option<Vec<Bson>>> {
        match place::get(document, &self.path) {
            None => Ok(None),
            Some(Bson::Array(items)) => Ok(Some(items.clone())),
            Some(_) => Err(Error::bad_value(format!(
                "cannot apply {name} to {}, which is not an array",
                self.path.join(".")
            ))),
        }
    }
}
