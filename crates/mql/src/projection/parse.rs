//! From a projection document to what it asks of each path.

use bson::{Bson, Document};

use super::Ask;
use crate::{Error, Result, filter::ElementMatch, number::Number, truth::truthy};

/// Each named path with what is asked of it; nested documents are paths written another way.
pub fn asks(document: &Document) -> Result<Vec<(String, Ask)>> {
    let mut asks = Vec::new();
    gather("", document, &mut asks)?;
    Ok(asks)
}

fn gather(prefix: &str, document: &Document, asks: &mut Vec<(String, Ask)>) -> Result<()> {
    for (name, value) in document {
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Bson::Document(inner) => match inner.iter().next() {
                None => {
                    return Err(Error::bad_value(format!(
                        "projection: the document for {path} is empty"
                    )));
                }
                Some((operator, argument)) if operator.starts_with('$') => {
                    if inner.len() > 1 {
                        return Err(Error::bad_value(format!(
                            "projection: {path} can have one operator only"
                        )));
                    }
                    let ask = operation(operator, argument)?;
                    if matches!(ask, Ask::ElementMatch(_)) && path.contains('.') {
                        return Err(Error::bad_value(format!(
                            "projection: no $elemMatch on a nested field, like {path}"
                        )));
                    }
                    asks.push((path, ask));
                }
                Some(_) => gather(&path, inner, asks)?,
            },
            _ => asks.push((path.clone(), flag(&path, value)?)),
        }
    }
    Ok(())
}

fn flag(path: &str, value: &Bson) -> Result<Ask> {
    match value {
        Bson::Boolean(_)
        | Bson::Int32(_)
        | Bson::Int64(_)
        | Bson::Double(_)
        | Bson::Decimal128(_) => Ok(if truthy(value) { Ask::Keep } else { Ask::Drop }),
        _ => Err(Error::bad_value(format!(
            "projection: {path} has to be 1 or 0"
        ))),
    }
}

fn operation(operator: &str, argument: &Bson) -> Result<Ask> {
    match operator {
        "$slice" => slice(argument),
        "$elemMatch" => Ok(Ask::ElementMatch(ElementMatch::parse(argument)?)),
        _ => Err(Error::bad_value(format!(
            "projection: unknown operator: {operator}"
        ))),
    }
}

/// A number of elements, from the end where it is negative; or an index and a number.
fn slice(argument: &Bson) -> Result<Ask> {
    let wrong = || {
        Error::bad_value(
            "projection: $slice takes a number, or [skip, limit] with a positive limit",
        )
    };
    let whole = |value: &Bson| Number::of(value).and_then(Number::as_i64).ok_or_else(wrong);
    match argument {
        Bson::Array(items) => match items.as_slice() {
            [skip, limit] => {
                let limit = usize::try_from(whole(limit)?).map_err(|_| wrong())?;
                if limit == 0 {
                    return Err(wrong());
                }
                Ok(Ask::Slice(whole(skip)?, limit))
            }
            _ => Err(wrong()),
        },
        _ => {
            let number = whole(argument)?;
            let length = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
            Ok(Ask::Slice(number.min(0), length))
        }
    }
}
