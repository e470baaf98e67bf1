//! What an update does to a document.

mod array;
mod parse;
#[cfg(test)]
mod tests;

use bson::{Bson, DateTime, Document, Timestamp};

use crate::{
    Code, Error, Filter, Result, depth,
    number::{Arithmetic, Number},
    order, path, place,
};
use array::{Pull, Push};

/// A parsed update.
#[derive(Debug, Clone)]
pub struct Update {
    steps: Vec<Step>,
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
        if update.is_empty() || !update.keys().all(|name| name.starts_with('$')) {
            return Err(Error::failed_to_parse(
                "an update holds operators, such as $set, and nothing else",
            ));
        }
        let steps = parse::steps(update)?;
        Ok(Self { steps })
    }

    /// Changes a document; says whether anything is different afterwards.
    ///
    /// # Errors
    /// A stored value an operator does not work on, or a change of `_id`; the document is then as it was.
    pub fn apply(&self, document: &mut Document, now: DateTime) -> Result<bool> {
        let changed = self.changed(document, now, false)?;
        let modified = !order::identical_documents(&changed, document);
        *document = changed;
        Ok(modified)
    }

    /// The document that an upsert inserts where nothing matched: what the filter demands by equality, then the update. It has
    /// an `_id` only if one of the two gives it.
    pub fn upsert(&self, filter: &Filter, now: DateTime) -> Result<Document> {
        let mut document = Document::new();
        let mut seen: Vec<Vec<String>> = Vec::new();
        for (path, value) in filter.singles() {
            let parts = path::split(path)?;
            if seen.iter().any(|other| overlap(other, &parts)) {
                return Err(Error {
                    code: Code::NotSingleValueField,
                    message: format!(
                        "cannot infer query fields to set, path '{path}' is matched twice"
                    ),
                });
            }
            place::set(&mut document, &parts, value.clone())?;
            seen.push(parts);
        }
        self.changed(&document, now, true)
    }

    fn changed(&self, document: &Document, now: DateTime, inserting: bool) -> Result<Document> {
        let id = document.get("_id");
        let mut changed = document.clone();
        for step in &self.steps {
            step.apply(&mut changed, now, inserting)?;
        }
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

/// Whether one path is the other or leads to it.
fn overlap(left: &[String], right: &[String]) -> bool {
    left.starts_with(right) || right.starts_with(left)
}

impl Step {
    /// The path this writes.
    fn written(&self) -> &[String] {
        match &self.operation {
            Operation::Rename(to) => to,
            _ => &self.path,
        }
    }

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
                let value = match self.number(document, "$inc")? {
                    None => *by,
                    Some(old) => old
                        .calculate_exactly(Arithmetic::Add, *by)
                        .ok_or_else(|| self.overflow("$inc"))?,
                };
                place::set(document, path, value.into())
            }
            Operation::Multiply(by) => {
                let old = self.number(document, "$mul")?.unwrap_or(Number::Int32(0));
                let value = old
                    .calculate_exactly(Arithmetic::Multiply, *by)
                    .ok_or_else(|| self.overflow("$mul"))?;
                place::set(document, path, value.into())
            }
            Operation::Min(value) => {
                self.replace_if(document, value, |new, old| order::compare(new, old).is_lt())
            }
            Operation::Max(value) => {
                self.replace_if(document, value, |new, old| order::compare(new, old).is_gt())
            }
            Operation::Rename(to) => self.rename(document, to),
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

    fn rename(&self, document: &mut Document, to: &[String]) -> Result<()> {
        if place::get(document, &self.path).is_none() {
            return Ok(());
        }
        for (end, path) in [("source", self.path.as_slice()), ("target", to)] {
            if place::is_within_array(document, path) {
                return Err(Error::bad_value(format!(
                    "the {end} of $rename, '{}', cannot be within an array",
                    path.join(".")
                )));
            }
        }
        match place::unset(document, &self.path) {
            None => Ok(()),
            Some(value) => place::set(document, to, value),
        }
    }

    fn overflow(&self, name: &str) -> Error {
        Error::bad_value(format!(
            "{name} at {} overflows a 64-bit integer",
            self.path.join(".")
        ))
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
