//! Dotted paths, with arrays walked through as MongoDB does.

use std::borrow::Cow;

use bson::{Bson, Document};

use crate::{Error, Result, depth::DEEPEST};

/// A parsed dotted path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    text: String,
    parts: Vec<String>,
}

impl Path {
    /// Takes a dotted path apart.
    ///
    /// # Errors
    /// A path into more levels than a document has.
    pub fn new(text: &str) -> Result<Self> {
        Ok(Self {
            text: text.to_owned(),
            parts: split(text)?,
        })
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names along the path.
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// Whether `accept` takes any value the path leads to; a place where it leads to nothing is shown as `None`. The flag says
    /// that the path ends in an index, and that an array there counts as a whole, not element by element.
    ///
    /// Arrays on the way are walked through both ways that MongoDB has: by a number in the path as an index, and element by element.
    pub fn any<'a>(
        &self,
        document: &'a Document,
        accept: &mut dyn FnMut(Option<&'a Bson>, bool) -> bool,
    ) -> bool {
        match self.parts.split_first() {
            None => false,
            Some((first, rest)) => step(document.get(first), rest, accept),
        }
    }

    /// Shows `visit` every value that the document can be sorted by at the path, as MongoDB's indexes have them: null where it
    /// leads to nothing, the elements of an array for the array, and of an array with an element at an index only that element.
    pub fn each_key<'a>(&self, document: &'a Document, visit: &mut dyn FnMut(&'a Bson)) {
        if let Some((first, rest)) = self.parts.split_first() {
            keys(document.get(first), rest, visit);
        }
    }

    /// The value at the path for an expression: an array on the way gives the array of what the documents in it give; a number
    /// in the path is no index.
    pub fn value<'a>(&self, document: &'a Document) -> Option<Cow<'a, Bson>> {
        let (first, rest) = self.parts.split_first()?;
        gather(document.get(first)?, rest)
    }
}

/// The names along a dotted path.
///
/// # Errors
/// More of them than a document has levels.
pub fn split(text: &str) -> Result<Vec<String>> {
    let parts: Vec<_> = text.split('.').map(str::to_owned).collect();
    if parts.len() > DEEPEST {
        return Err(Error::bad_value(format!(
            "a path of more than {DEEPEST} levels"
        )));
    }
    Ok(parts)
}

/// The names along a path that a field can be put at, which are not empty and no operators.
///
/// # Errors
/// Others, or too many.
pub fn fields(text: &str) -> Result<Vec<String>> {
    let parts = split(text)?;
    match parts
        .iter()
        .find(|part| part.is_empty() || part.starts_with('$'))
    {
        None => Ok(parts),
        Some(part) if part.is_empty() => Err(Error::bad_value(format!(
            "the path '{text}' has an empty field name"
        ))),
        Some(part) => Err(Error::bad_value(format!(
            "the path '{text}' holds '{part}', which is no field name; positional paths are not supported"
        ))),
    }
}

/// The index a name in a path stands for, as MongoDB reads one: digits only, none of them a leading zero.
pub fn index(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (name == "0" || !name.starts_with('0'));
    plain.then(|| name.parse().ok()).flatten()
}

fn step<'a>(
    value: Option<&'a Bson>,
    rest: &[String],
    accept: &mut dyn FnMut(Option<&'a Bson>, bool) -> bool,
) -> bool {
    let Some((next, after)) = rest.split_first() else {
        return accept(value, false);
    };
    match value {
        Some(Bson::Document(document)) => step(document.get(next), after, accept),
        Some(Bson::Array(items)) => {
            let found = match index(next).and_then(|index| items.get(index)) {
                Some(item) if after.is_empty() => accept(Some(item), true),
                Some(item @ (Bson::Document(_) | Bson::Array(_))) => {
                    step(Some(item), after, accept)
                }
                _ => false,
            };
            if found {
                return true;
            }
            items
                .iter()
                .filter_map(Bson::as_document)
                .any(|document| step(document.get(next), after, accept))
        }
        _ => accept(None, false),
    }
}

fn keys<'a>(value: Option<&'a Bson>, rest: &[String], visit: &mut dyn FnMut(&'a Bson)) {
    match (value, rest.split_first()) {
        (None, _) => visit(&Bson::Null),
        // An array of nothing sorts below null.
        (Some(Bson::Array(items)), None) if items.is_empty() => visit(&Bson::Undefined),
        (Some(Bson::Array(items)), None) => items.iter().for_each(visit),
        (Some(value), None) => visit(value),
        (Some(Bson::Document(document)), Some((next, after))) => {
            keys(document.get(next), after, visit);
        }
        (Some(Bson::Array(items)), Some((next, after))) => {
            match index(next).and_then(|index| items.get(index)) {
                Some(item) if after.is_empty() => visit(item),
                Some(item) => keys(Some(item), after, visit),
                None if items.is_empty() => visit(&Bson::Null),
                None => {
                    for item in items {
                        let field = item.as_document().and_then(|document| document.get(next));
                        keys(field, after, visit);
                    }
                }
            }
        }
        (Some(_), Some(_)) => visit(&Bson::Null),
    }
}

fn gather<'a>(value: &'a Bson, rest: &[String]) -> Option<Cow<'a, Bson>> {
    let Some((next, after)) = rest.split_first() else {
        return Some(Cow::Borrowed(value));
    };
    match value {
        Bson::Document(document) => gather(document.get(next)?, after),
        Bson::Array(items) => {
            let found = items
                .iter()
                .filter_map(Bson::as_document)
                .filter_map(|document| gather(document.get(next)?, after))
                .map(Cow::into_owned);
            Some(Cow::Owned(Bson::Array(found.collect())))
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::doc;

    use super::*;

    fn found(path: &str, document: &Document) -> Vec<Option<Bson>> {
        let mut found = Vec::new();
        Path::new(path).unwrap().any(document, &mut |value, _| {
            found.push(value.cloned());
            false
        });
        found
    }

    #[test]
    fn arrays_are_walked_by_index_and_by_element() {
        let document = doc! {"a": [{"b": 1}, {"b": 2}, 3, {"0": 4}]};
        assert_eq!(
            found("a.b", &document),
            [Some(1.into()), Some(2.into()), None]
        );
        assert_eq!(found("a.2", &document), [Some(3.into()), None, None, None]);
        assert_eq!(
            found("a.1.b", &document),
            [Some(2.into()), None, None, None]
        );
    }

    #[test]
    fn what_is_not_there_is_missing() {
        assert_eq!(found("a", &doc! {}), [None]);
        assert_eq!(found("a.b", &doc! {"a": 1}), [None]);
        assert_eq!(
            found("a.b", &doc! {"a": [1]}),
            [],
            "as MongoDB has it: an array of no documents has no place where b could be"
        );
    }

    #[test]
    fn an_expression_gathers_along_arrays() {
        let document = doc! {"a": [{"b": 1}, {"c": 2}, [{"b": 0}], {"b": 3}]};
        let value = |path| {
            Path::new(path)
                .unwrap()
                .value(&document)
                .map(Cow::into_owned)
        };
        assert_eq!(value("a.b"), Some(bson::bson!([1, 3])));
        assert_eq!(value("a.x"), Some(bson::bson!([])));
        assert_eq!(value("a.0"), Some(bson::bson!([])));
        assert_eq!(value("x"), None);
    }
}
