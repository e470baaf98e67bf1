//! What of a document a query asks for.

mod parse;
#[cfg(test)]
mod tests;

use bson::{Bson, Document};

use crate::{Error, Result, depth, filter, path};

/// A parsed projection: fields to keep, or fields to leave out.
#[derive(Debug, Clone)]
pub struct Projection {
    tree: Tree,
    keep: bool,
    id: bool,
}

/// What is asked of a field.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Keep,
    Drop,
    /// The part of an array that begins at an index, counted from the end where it is negative, and has so many elements.
    Slice(i64, usize),
    /// The first element of an array that matches.
    ElementMatch(filter::ElementMatch),
    /// A value that takes the field's place later.
    Computed,
}

/// The named fields, each with what is asked of it or of the fields within it.
#[derive(Debug, Clone, Default)]
struct Tree {
    branches: Vec<(String, Branch)>,
    /// Whether a field somewhere within is computed, for which even a value without fields has to make place.
    computed: bool,
}

#[derive(Debug, Clone)]
enum Branch {
    Leaf(Ask),
    Within(Tree),
}

impl Projection {
    /// Parses `{field: 1, …}` or `{field: 0, …}`, with `$slice` and `$elemMatch`; `_id` is kept unless it is left out by name. Where
    /// no other field says so, `$slice` keeps all others, and `$elemMatch` none.
    ///
    /// # Errors
    /// Both kinds at once, a path and a part of it at once, or another operator.
    pub fn parse(document: &Document) -> Result<Self> {
        depth::check(document)?;
        Self::of(parse::asks(document)?)
    }

    /// The projection that asks so of each path.
    pub(crate) fn of(asks: Vec<(String, Ask)>) -> Result<Self> {
        let mut projection = Self {
            tree: Tree::default(),
            keep: false,
            id: true,
        };
        let (mut kind, mut id, mut sliced, mut matched) = (None, None, false, false);
        for (path, ask) in asks {
            let keep = match &ask {
                Ask::Keep | Ask::Computed => Some(true),
                Ask::Drop => Some(false),
                Ask::Slice(..) | Ask::ElementMatch(_) => None,
            };
            sliced |= matches!(ask, Ask::Slice(..));
            matched |= matches!(ask, Ask::ElementMatch(_));
            if path == "_id" && matches!(ask, Ask::Keep | Ask::Drop) {
                id = keep;
                continue;
            }
            if keep.is_some_and(|keep| *kind.get_or_insert(keep) != keep) {
                return Err(Error::bad_value(format!(
                    "projection: {path} cannot be kept and others left out, or the reverse"
                )));
            }
            // The old `_id` keeps the place for one that is computed.
            if path != "_id" || !matches!(ask, Ask::Computed) {
                projection.tree.insert(&path, ask)?;
            }
        }
        projection.id = id.unwrap_or(true);
        projection.keep = kind.unwrap_or(id == Some(true) || (matched && !sliced));
        Ok(projection)
    }

    /// The document with only what was asked for.
    pub fn apply(&self, document: &Document) -> Document {
        let mut picked = Document::new();
        for (name, value) in document {
            let kept = match (name.as_str(), self.tree.branch(name)) {
                ("_id", _) if !self.id => None,
                ("_id", None) => Some(value.clone()),
                (_, branch) => pick(branch, value, self.keep),
            };
            if let Some(value) = kept {
                picked.insert(name.clone(), value);
            }
        }
        picked
    }
}

impl Tree {
    fn branch(&self, name: &str) -> Option<&Branch> {
        self.branches
            .iter()
            .find(|(branch, _)| branch == name)
            .map(|(_, branch)| branch)
    }

    fn insert(&mut self, path: &str, ask: Ask) -> Result<()> {
        let collision = || Error::bad_value(format!("projection: path collision at {path}"));
        let parts = path::fields(path)?;
        let mut tree = self;
        let Some((last, way)) = parts.split_last() else {
            return Ok(());
        };
        let computed = matches!(ask, Ask::Computed);
        for part in way {
            tree.computed |= computed;
            let index = match tree.branches.iter().position(|(name, _)| name == part) {
                Some(index) => index,
                None => {
                    let branch = Branch::Within(Self::default());
                    tree.branches.push((part.clone(), branch));
                    tree.branches.len() - 1
                }
            };
            match &mut tree.branches[index].1 {
                Branch::Within(inner) => tree = inner,
                Branch::Leaf(_) => return Err(collision()),
            }
        }
        if tree.branch(last).is_some() {
            return Err(collision());
        }
        tree.computed |= computed;
        tree.branches.push((last.clone(), Branch::Leaf(ask)));
        Ok(())
    }
}

/// What is left of a field's value; `keep` says whether only what is named is kept, or all but that.
fn pick(branch: Option<&Branch>, value: &Bson, keep: bool) -> Option<Bson> {
    match branch {
        None => (!keep).then(|| value.clone()),
        Some(Branch::Leaf(Ask::Keep)) => Some(value.clone()),
        Some(Branch::Leaf(Ask::Drop | Ask::Computed)) => None,
        Some(Branch::Leaf(Ask::Slice(from, length))) => Some(slice(value, *from, *length)),
        Some(Branch::Leaf(Ask::ElementMatch(wanted))) => {
            let first = value.as_array()?.iter().find(|item| wanted.takes(item));
            first.map(|item| Bson::Array(vec![item.clone()]))
        }
        Some(Branch::Within(tree)) => within(tree, value, keep),
    }
}

fn within(tree: &Tree, value: &Bson, keep: bool) -> Option<Bson> {
    match value {
        Bson::Document(document) => {
            let picked = document.iter().filter_map(|(name, value)| {
                let kept = pick(tree.branch(name), value, keep)?;
                Some((name.clone(), kept))
            });
            Some(Bson::Document(picked.collect()))
        }
        Bson::Array(items) => {
            let picked = items.iter().filter_map(|item| within(tree, item, keep));
            Some(Bson::Array(picked.collect()))
        }
        _ => (!keep || tree.computed).then(|| value.clone()),
    }
}

fn slice(value: &Bson, from: i64, length: usize) -> Bson {
    let Bson::Array(items) = value else {
        return value.clone();
    };
    let distance = usize::try_from(from.unsigned_abs()).unwrap_or(usize::MAX);
    let start = if from < 0 {
        items.len().saturating_sub(distance)
    } else {
        distance
    };
    items
        .iter()
        .skip(start)
        .take(length)
        .cloned()
        .collect::<Vec<_>>()
        .into()
}
