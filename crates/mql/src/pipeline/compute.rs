//! Fields that are calculated.

use bson::{Bson, Document};

use crate::{Error, Result, expression::Expression, path};

/// Calculated fields, each with its expression or with the calculated fields within it.
#[derive(Debug, Clone, Default)]
pub struct Computed {
    fields: Vec<(String, Field)>,
}

#[derive(Debug, Clone)]
enum Field {
    Value(Expression),
    Within(Computed),
}

impl Computed {
    /// Adds a field at a dotted path.
    ///
    /// # Errors
    /// A path that is another's, or a part of it.
    pub fn insert(&mut self, path: &str, expression: Expression) -> Result<()> {
        let collision = || Error::bad_value(format!("path collision at {path}"));
        let parts = path::fields(path)?;
        let Some((last, way)) = parts.split_last() else {
            return Ok(());
        };
        let mut place = self;
        for part in way {
            let index = match place.position(part) {
                Some(index) => index,
                None => {
                    place
                        .fields
                        .push((part.clone(), Field::Within(Self::default())));
                    place.fields.len() - 1
                }
            };
            match &mut place.fields[index].1 {
                Field::Within(inner) => place = inner,
                Field::Value(_) => return Err(collision()),
            }
        }
        if place.position(last).is_some() {
            return Err(collision());
        }
        place.fields.push((last.clone(), Field::Value(expression)));
        Ok(())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|(field, _)| field == name)
    }

    /// Puts every field in its place, calculated from `root`. An expression that gives nothing takes its field away.
    pub fn apply(&self, document: &mut Document, root: &Document) -> Result<()> {
        for (name, field) in &self.fields {
            match field {
                Field::Value(expression) => match expression.evaluate(root)? {
                    Some(value) => {
                        document.insert(name.clone(), value.into_owned());
                    }
                    None => {
                        document.remove(name);
                    }
                },
                Field::Within(inner) => {
                    let place = document
                        .entry(name.clone())
                        .or_insert_with(|| Document::new().into());
                    inner.apply_within(place, root)?;
                }
            }
        }
        Ok(())
    }

    /// Each element of an array has the fields put in it; what can have no fields makes way for a document that has.
    fn apply_within(&self, place: &mut Bson, root: &Document) -> Result<()> {
        match place {
            Bson::Document(document) => self.apply(document, root),
            Bson::Array(items) => items
                .iter_mut()
                .try_for_each(|item| self.apply_within(item, root)),
            _ => {
                let mut document = Document::new();
                self.apply(&mut document, root)?;
                *place = document.into();
                Ok(())
            }
        }
    }
}
