//! `$unwind`.

use bson::{Bson, Document};

use crate::{Error, Result, path, place};

/// A parsed `$unwind`: the array to take apart, one document for each element.
#[derive(Debug, Clone)]
pub struct Unwind {
    path: Vec<String>,
    index: Option<Vec<String>>,
    keep_empty: bool,
}

impl Unwind {
    /// Parses `'$path'` or `{path, includeArrayIndex, preserveNullAndEmptyArrays}`.
    ///
    /// # Errors
    /// A path without `$`, an option that is unknown or of the wrong type.
    pub fn parse(value: &Bson) -> Result<Self> {
        let wrong = |message: &str| Error::failed_to_parse(format!("$unwind: {message}"));
        let mut unwind = Self {
            path: Vec::new(),
            index: None,
            keep_empty: false,
        };
        let mut path = None;
        match value {
            Bson::String(text) => path = Some(text.as_str()),
            Bson::Document(options) => {
                for (name, value) in options {
                    match (name.as_str(), value) {
                        ("path", Bson::String(text)) => path = Some(text.as_str()),
                        ("includeArrayIndex", Bson::String(name)) => {
                            unwind.index = Some(path::fields(name)?);
                        }
                        ("preserveNullAndEmptyArrays", Bson::Boolean(keep)) => {
                            unwind.keep_empty = *keep;
                        }
                        ("path" | "includeArrayIndex", _) => {
                            return Err(wrong(&format!("{name} has to be a string")));
                        }
                        ("preserveNullAndEmptyArrays", _) => {
                            return Err(wrong(&format!("{name} has to be true or false")));
                        }
                        _ => return Err(wrong(&format!("unknown option '{name}'"))),
                    }
                }
            }
            _ => return Err(wrong("takes a path or a document of options")),
        }
        let path = path
            .and_then(|path| path.strip_prefix('$'))
            .ok_or_else(|| wrong("the path has to begin with '$'"))?;
        unwind.path = path::fields(path)?;
        Ok(unwind)
    }

    /// A document for each element of each array; what is no array counts as its only element.
    pub fn run(&self, documents: Vec<Document>) -> Result<Vec<Document>> {
        let mut unwound = Vec::with_capacity(documents.len());
        for mut document in documents {
            match place::get_field_mut(&mut document, &self.path) {
                Some(Bson::Array(items)) if !items.is_empty() => {
                    let items = std::mem::take(items);
                    for (index, item) in (0_i64..).zip(items) {
                        let mut one = document.clone();
                        place::set(&mut one, &self.path, item)?;
                        self.number(&mut one, Bson::Int64(index))?;
                        unwound.push(one);
                    }
                    continue;
                }
                None | Some(Bson::Null | Bson::Undefined) if !self.keep_empty => continue,
                Some(Bson::Array(_)) if !self.keep_empty => continue,
                Some(Bson::Array(_)) => {
                    place::unset(&mut document, &self.path);
                }
                _ => {}
            }
            self.number(&mut document, Bson::Null)?;
            unwound.push(document);
        }
        Ok(unwound)
    }

    fn number(&self, document: &mut Document, index: Bson) -> Result<()> {
        match &self.index {
            None => Ok(()),
            Some(path) => place::set(document, path, index),
        }
    }
}
