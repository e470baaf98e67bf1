//! The one place in a document that a dotted path of an update names.

use bson::{Bson, Document};

use crate::{Code, Error, Result, path::index};

/// The furthest past its end that a path may write into an array, as MongoDB has it.
const MOST_PADDING: usize = 1_500_000;

/// Whether the way to a path leads through an array.
pub fn is_within_array(document: &Document, path: &[String]) -> bool {
    (1..path.len()).any(|length| matches!(get(document, &path[..length]), Some(Bson::Array(_))))
}

/// The value at a path, arrays by index only.
pub fn get<'a>(document: &'a Document, path: &[String]) -> Option<&'a Bson> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(document.get(first)?, |value, part| match value {
            Bson::Document(document) => document.get(part),
            Bson::Array(items) => items.get(index(part)?),
            _ => None,
        })
}

/// The value at a path through documents only, no indexes.
pub fn get_field_mut<'a>(document: &'a mut Document, path: &[String]) -> Option<&'a mut Bson> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(document.get_mut(first)?, |value, part| {
            value.as_document_mut()?.get_mut(part)
        })
}

/// Puts a value at a path, making the documents on the way that are missing.
///
/// # Errors
/// Something on the way that has no such field.
pub fn set(document: &mut Document, path: &[String], value: Bson) -> Result<()> {
    let Some((first, rest)) = path.split_first() else {
        return Ok(());
    };
    if rest.is_empty() {
        document.insert(first.clone(), value);
        return Ok(());
    }
    let inner = document
        .entry(first.clone())
        .or_insert_with(|| Bson::Document(Document::new()));
    set_within(inner, rest, value, first)
}

fn set_within(place: &mut Bson, path: &[String], value: Bson, name: &str) -> Result<()> {
    match place {
        Bson::Document(document) => set(document, path, value),
        Bson::Array(items) => {
            let Some((first, rest)) = path.split_first() else {
                return Ok(());
            };
            let index = index(first).ok_or_else(|| not_viable(first, name))?;
            if index > items.len() + MOST_PADDING {
                return Err(Error::bad_value(format!(
                    "index {index} is too far past the end of array '{name}'"
                )));
            }
            if index >= items.len() {
                items.resize(index, Bson::Null);
                items.push(if rest.is_empty() {
                    Bson::Null
                } else {
                    Bson::Document(Document::new())
                });
            }
            if rest.is_empty() {
                items[index] = value;
                return Ok(());
            }
            set_within(&mut items[index], rest, value, first)
        }
        _ => Err(not_viable(path.first().map_or("", String::as_str), name)),
    }
}

/// Takes what stands at a path away and gives it; an array keeps its length, with null in its place.
pub fn unset(document: &mut Document, path: &[String]) -> Option<Bson> {
    let (last, way) = path.split_last()?;
    let Some((first, rest)) = way.split_first() else {
        return document.remove(last);
    };
    let holder = rest
        .iter()
        .try_fold(document.get_mut(first)?, |value, part| match value {
            Bson::Document(document) => document.get_mut(part),
            Bson::Array(items) => items.get_mut(index(part)?),
            _ => None,
        })?;
    match holder {
        Bson::Document(document) => document.remove(last),
        Bson::Array(items) => items
            .get_mut(index(last)?)
            .map(|item| std::mem::replace(item, Bson::Null)),
        _ => None,
    }
}

fn not_viable(field: &str, name: &str) -> Error {
    Error {
        code: Code::PathNotViable,
        message: format!("cannot create field '{field}' in element '{name}'"),
    }
}
