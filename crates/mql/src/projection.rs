//! What of a document a query asks for.

use bson::{Bson, Document};

use crate::{Error, Result, depth, number::Number};

/// A parsed projection: fields to keep, or fields to leave out.
#[derive(Debug, Clone)]
pub struct Projection {
    tree: Tree,
    keep: bool,
    id: bool,
}

/// The named fields; a leaf has no branches.
#[derive(Debug, Clone, Default)]
struct Tree {
    branches: Vec<(String, Tree)>,
}

impl Projection {
    /// Parses `{field: 1, …}` or `{field: 0, …}`; `_id` is kept unless it is left out by name.
    ///
    /// # Errors
    /// Both kinds at once, a path and a part of it at once, or an operator.
    pub fn parse(document: &Document) -> Result<Self> {
        depth::check(document)?;
        let mut projection = Self {
            tree: Tree::default(),
            keep: false,
            id: true,
        };
        let mut kind = None;
        let mut flags = Vec::new();
        flatten("", document, &mut flags)?;
        for (path, keep) in flags {
            if path == "_id" {
                projection.id = keep;
                if keep && document.len() > 1 || !keep {
                    continue;
                }
            }
            if *kind.get_or_insert(keep) != keep {
                return Err(Error::bad_value(format!(
                    "projection: {path} cannot be kept and others left out, or the reverse"
                )));
            }
            projection.tree.insert(&path)?;
        }
        projection.keep = kind.unwrap_or(false);
        Ok(projection)
    }

    /// The document with only what was asked for.
    pub fn apply(&self, document: &Document) -> Document {
        let mut picked = Document::new();
        for (name, value) in document {
            let branch = self.tree.branch(name);
            let kept = match (name == "_id", branch) {
                (true, None) => self.id.then(|| value.clone()),
                (true, Some(_)) if !self.id => None,
                (_, None) => (!self.keep).then(|| value.clone()),
                (_, Some(tree)) => tree.pick(value, self.keep),
            };
            if let Some(value) = kept {
                picked.insert(name.clone(), value);
            }
        }
        picked
    }
}

impl Tree {
    fn branch(&self, name: &str) -> Option<&Self> {
        self.branches
            .iter()
            .find(|(branch, _)| branch == name)
            .map(|(_, tree)| tree)
    }

    fn insert(&mut self, path: &str) -> Result<()> {
        let collision = || Error::bad_value(format!("projection: path collision at {path}"));
        let mut tree = self;
        let mut parts = path.split('.').peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let index = match tree.branches.iter().position(|(branch, _)| branch == part) {
                Some(index) if last || tree.branches[index].1.branches.is_empty() => {
                    return Err(collision());
                }
                Some(index) => index,
                None => {
                    tree.branches.push((part.to_owned(), Self::default()));
                    tree.branches.len() - 1
                }
            };
            tree = &mut tree.branches[index].1;
        }
        Ok(())
    }

    fn pick(&self, value: &Bson, keep: bool) -> Option<Bson> {
        if self.branches.is_empty() {
            return keep.then(|| value.clone());
        }
        match value {
            Bson::Document(document) => {
                let picked = document.iter().filter_map(|(name, value)| {
                    let kept = match self.branch(name) {
                        None => (!keep).then(|| value.clone()),
                        Some(tree) => tree.pick(value, keep),
                    };
                    kept.map(|kept| (name.clone(), kept))
                });
                Some(Bson::Document(picked.collect()))
            }
            Bson::Array(items) => {
                let picked = items.iter().filter_map(|item| match item {
                    Bson::Document(_) | Bson::Array(_) => self.pick(item, keep),
                    _ => (!keep).then(|| item.clone()),
                });
                Some(Bson::Array(picked.collect()))
            }
            _ => (!keep).then(|| value.clone()),
        }
    }
}

/// Each named path with its flag; nested documents are paths written another way.
fn flatten(prefix: &str, document: &Document, flags: &mut Vec<(String, bool)>) -> Result<()> {
    for (name, value) in document {
        if name.starts_with('$') {
            return Err(Error::bad_value(format!(
                "projection: unknown operator: {name}"
            )));
        }
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Bson::Boolean(keep) => flags.push((path, *keep)),
            Bson::Document(inner) if !inner.is_empty() => flatten(&path, inner, flags)?,
            _ => match Number::of(value) {
                Some(number) => flags.push((path, number.as_f64() != 0.0)),
                None => {
                    return Err(Error::bad_value(format!(
                        "projection: {path} has to be 1 or 0"
                    )));
                }
            },
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::doc;

    use super::*;

    fn project(projection: Document) -> Document {
        let document = doc! {"_id": 1, "a": 2, "b": {"c": 3, "d": 4}, "e": [{"f": 5, "g": 6}, 7]};
        Projection::parse(&projection).unwrap().apply(&document)
    }

    #[test]
    fn fields_are_kept_or_left_out() {
        assert_eq!(project(doc! {"a": 1}), doc! {"_id": 1, "a": 2});
        assert_eq!(project(doc! {"a": 1, "_id": 0}), doc! {"a": 2});
        assert_eq!(project(doc! {"_id": 1}), doc! {"_id": 1});
        assert_eq!(project(doc! {"_id": 1, "a": true}), doc! {"_id": 1, "a": 2});
        assert_eq!(
            project(doc! {"a": 0, "e": 0}),
            doc! {"_id": 1, "b": {"c": 3, "d": 4}}
        );
        assert_eq!(
            project(doc! {"_id": 0, "a": 0, "e": 0}),
            doc! {"b": {"c": 3, "d": 4}}
        );
        assert_eq!(project(doc! {"b.c": 1}), doc! {"_id": 1, "b": {"c": 3}});
        assert_eq!(
            project(doc! {"b": {"c": 1}}),
            doc! {"_id": 1, "b": {"c": 3}}
        );
        assert_eq!(project(doc! {"e.f": 1}), doc! {"_id": 1, "e": [{"f": 5}]});
        assert_eq!(
            project(doc! {"e.f": 0, "a": 0, "b": 0}),
            doc! {"_id": 1, "e": [{"g": 6}, 7]}
        );
        assert_eq!(project(doc! {"a.x": 1}), doc! {"_id": 1});
    }

    #[test]
    fn mixtures_collisions_and_operators_are_refused() {
        for projection in [
            doc! {"a": 1, "b": 0},
            doc! {"b": 1, "b.c": 1},
            doc! {"b.c": 1, "b": 1},
            doc! {"a": {"$slice": 1}},
            doc! {"a": "x"},
        ] {
            assert!(Projection::parse(&projection).is_err(), "{projection}");
        }
    }
}
