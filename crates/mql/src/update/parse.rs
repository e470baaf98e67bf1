//! From an update document to its steps.

use std::cmp::Ordering;

use bson::{Bson, Document, doc};

use super::{
    Operation, Step,
    array::{Order, Pull, Push},
    overlap,
};
use crate::{
    Code, Error, Filter, Result, Sort,
    filter::{Condition, is_query},
    number::Number,
    path::{self, index},
};

/// Every operator at every path.
///
/// # Errors
/// An unknown operator, a value it does not take, or two that write the same place.
pub fn steps(update: &Document) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (name, fields) in update {
        let fields = fields
            .as_document()
            .ok_or_else(|| Error::failed_to_parse(format!("{name} takes a document of fields")))?;
        for (path, value) in fields {
            let operation = operation(name, path, value)?;
            steps.push(Step {
                path: path::fields(path)?,
                operation,
            });
        }
        if fields.is_empty() {
            // Still refuse what is unknown.
            operation(name, "", &Bson::Null).or_else(known_but_wrong)?;
        }
    }
    conflicts(&steps)?;
    steps.sort_by(|left, right| by_path(left.written(), right.written()));
    Ok(steps)
}

/// MongoDB's order of an update's paths, which is the order that new fields come in: by name, indexes by number.
fn by_path(left: &[String], right: &[String]) -> Ordering {
    left.iter()
        .zip(right)
        .map(|(left, right)| match (index(left), index(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.cmp(right),
        })
        .find(|order| order.is_ne())
        .unwrap_or_else(|| left.len().cmp(&right.len()))
}

fn known_but_wrong(error: Error) -> Result<Operation> {
    if error.code == Code::FailedToParse && error.message.starts_with("unknown modifier") {
        Err(error)
    } else {
        Ok(Operation::Unset)
    }
}

fn operation(name: &str, path: &str, value: &Bson) -> Result<Operation> {
    let number = || {
        Number::of(value).ok_or_else(|| {
            Error::type_mismatch(format!(
                "cannot apply {name} with a value that is not a number, at {path}"
            ))
        })
    };
    Ok(match name {
        "$set" => Operation::Set(value.clone()),
        "$setOnInsert" => Operation::SetOnInsert(value.clone()),
        "$unset" => Operation::Unset,
        "$inc" => Operation::Increment(number()?),
        "$mul" => Operation::Multiply(number()?),
        "$min" => Operation::Min(value.clone()),
        "$max" => Operation::Max(value.clone()),
        "$rename" => rename(path, value)?,
        "$currentDate" => current_date(value)?,
        "$push" => Operation::Push(push(value)?),
        "$addToSet" => Operation::AddToSet(add_to_set(value)?),
        "$pull" => Operation::Pull(pull(value)?),
        "$pop" => match Number::of(value).and_then(Number::as_i64) {
            Some(1) => Operation::PopLast,
            Some(-1) => Operation::PopFirst,
            _ => return Err(Error::failed_to_parse("$pop expects 1 or -1")),
        },
        _ => return Err(Error::failed_to_parse(format!("unknown modifier: {name}"))),
    })
}

fn rename(path: &str, value: &Bson) -> Result<Operation> {
    let to = value
        .as_str()
        .ok_or_else(|| Error::bad_value("the 'to' field of $rename must be a string"))?;
    if to == path {
        return Err(Error::bad_value(format!(
            "$rename: the source and the target '{to}' must differ"
        )));
    }
    Ok(Operation::Rename(path::fields(to)?))
}

fn current_date(value: &Bson) -> Result<Operation> {
    match value {
        Bson::Boolean(_) => Ok(Operation::CurrentDate),
        Bson::Document(document) if document.len() == 1 => match document.get_str("$type") {
            Ok("date") => Ok(Operation::CurrentDate),
            Ok("timestamp") => Ok(Operation::CurrentTimestamp),
            _ => Err(Error::bad_value(
                "the '$type' of $currentDate must be 'date' or 'timestamp'",
            )),
        },
        _ => Err(Error::bad_value(
            "$currentDate takes true or {$type: 'date' or 'timestamp'}",
        )),
    }
}

/// The values of `$each`, where the operator is given so.
fn each(name: &str, value: &Bson) -> Result<Option<Vec<Bson>>> {
    let Some(values) = value
        .as_document()
        .and_then(|document| document.get("$each"))
    else {
        return Ok(None);
    };
    match values {
        Bson::Array(values) => Ok(Some(values.clone())),
        _ => Err(Error::type_mismatch(format!(
            "the argument to $each in {name} must be an array"
        ))),
    }
}

fn add_to_set(value: &Bson) -> Result<Vec<Bson>> {
    let Some(values) = each("$addToSet", value)? else {
        return Ok(vec![value.clone()]);
    };
    match value
        .as_document()
        .and_then(|document| document.keys().find(|name| *name != "$each"))
    {
        None => Ok(values),
        Some(name) => Err(Error::bad_value(format!(
            "unrecognized clause in $addToSet: {name}"
        ))),
    }
}

fn push(value: &Bson) -> Result<Push> {
    let (Some(values), Some(modifiers)) = (each("$push", value)?, value.as_document()) else {
        return Ok(Push {
            values: vec![value.clone()],
            ..Push::default()
        });
    };
    let mut push = Push {
        values,
        ..Push::default()
    };
    for (name, value) in modifiers {
        let whole = || {
            Number::of(value).and_then(Number::as_i64).ok_or_else(|| {
                Error::bad_value(format!("the value for {name} must be a whole number"))
            })
        };
        match name.as_str() {
            "$each" => {}
            "$position" => push.position = Some(whole()?),
            "$slice" => push.slice = Some(whole()?),
            "$sort" => {
                push.sort = Some(match value {
                    Bson::Document(fields) => Order::Fields(Sort::parse(fields)?),
                    _ => match whole()? {
                        direction @ (1 | -1) => Order::Whole {
                            ascending: direction == 1,
                        },
                        _ => {
                            return Err(Error::bad_value(
                                "the $sort of $push must be 1, -1 or a document",
                            ));
                        }
                    },
                });
            }
            _ => {
                return Err(Error::bad_value(format!(
                    "unrecognized clause in $push: {name}"
                )));
            }
        }
    }
    Ok(push)
}

fn pull(value: &Bson) -> Result<Pull> {
    Ok(match value {
        Bson::Document(condition) if is_query(condition) => {
            Pull::Matching(Filter::parse(condition)?)
        }
        Bson::Document(condition) => Pull::Meeting(Condition::parse(condition)?),
        Bson::RegularExpression(_) => {
            Pull::Meeting(Condition::parse(&doc! {"$regex": value.clone()})?)
        }
        _ => Pull::Equal(value.clone()),
    })
}

/// Refuses two steps of which one writes where, above or below where the other does.
fn conflicts(steps: &[Step]) -> Result<()> {
    let mut written: Vec<&[String]> = Vec::with_capacity(steps.len());
    for step in steps {
        let target = match &step.operation {
            Operation::Rename(to) => Some(to.as_slice()),
            _ => None,
        };
        for path in std::iter::once(step.path.as_slice()).chain(target) {
            if let Some(other) = written.iter().find(|other| overlap(other, path)) {
                return Err(Error {
                    code: Code::ConflictingUpdateOperators,
                    message: format!(
                        "updating the path '{}' would create a conflict at '{}'",
                        path.join("."),
                        other.join(".")
                    ),
                });
            }
            written.push(path);
        }
    }
    Ok(())
}
