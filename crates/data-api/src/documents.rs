//! What a store has to offer for the actions to be carried out over it.

use std::collections::BTreeSet;

use bson::{Bson, Document, RawDocumentBuf};
use mql::{Filter, Sort};

use crate::Failure;

/// Documents by namespace (`database.collection`). Each call is atomic. An action reads, works out what is to change, and writes
/// in one call that does nothing where anything it read has changed meanwhile; then it begins again, in its turn.
pub trait Documents {
    /// Where a document stands, and in which version.
    type Place;

    /// The documents that a query means, in its order, without those it skips and those after its limit.
    fn find(&self, namespace: &str, query: &Query) -> Result<Vec<Found<Self::Place>>, Failure>;

    /// Adds documents, all or none of them. Each has an `_id`.
    ///
    /// # Errors
    /// [`Failure::duplicate`] where an `_id` is taken; a store that fails.
    fn insert(&self, namespace: &str, documents: &[Document]) -> Result<(), Failure>;

    /// Puts other documents in the place of found ones, all or none of them; says whether it did. It does not where one of them is
    /// no longer as it was found.
    fn replace(
        &self,
        namespace: &str,
        changes: &[(Found<Self::Place>, Document)],
    ) -> Result<bool, Failure>;

    /// Removes found documents, all or none of them; says whether it did, as [`Documents::replace`].
    fn remove(&self, namespace: &str, found: &[Found<Self::Place>]) -> Result<bool, Failure>;

    /// Does some of these together, while nobody else writes, where a store can have others wait. All is undone where it fails.
    fn in_turn<T>(&self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        work()
    }
}

/// A document as it was found.
#[derive(Debug, Clone)]
pub struct Found<P> {
    /// Where it stands, and in which version.
    pub place: P,
    /// What it is.
    pub body: RawDocumentBuf,
}

impl<P> Found<P> {
    /// The document, all of it.
    pub fn document(&self) -> Result<Document, Failure> {
        Document::try_from(&*self.body).map_err(Failure::damaged)
    }
}

/// Which documents are wanted.
pub struct Query<'a> {
    /// What they meet.
    pub filter: &'a Filter,
    /// Their order; where it has no fields, any.
    pub sort: &'a Sort,
    /// How many of them to leave out, from the first on.
    pub skip: usize,
    /// The most to give.
    pub limit: usize,
    /// The fields that the filter looks at: only those are read, since most documents are passed on as they are.
    fields: BTreeSet<&'a str>,
}

impl<'a> Query<'a> {
    /// A query for a part of what a filter means, in some order.
    pub fn new(filter: &'a Filter, sort: &'a Sort, skip: usize, limit: usize) -> Self {
        Self {
            filter,
            sort,
            skip,
            limit,
            fields: filter.fields(),
        }
    }

    /// How many documents have to be found for it.
    pub fn wanted(&self) -> usize {
        self.skip.saturating_add(self.limit)
    }

    /// Whether its filter means a document.
    pub fn takes<P>(&self, found: &Found<P>) -> Result<bool, Failure> {
        let mut looked_at = Document::new();
        for field in &found.body {
            let (name, value) = field.map_err(Failure::damaged)?;
            if self.fields.contains(name.as_str()) {
                let value = Bson::try_from(value).map_err(Failure::damaged)?;
                looked_at.insert(name.as_str(), value);
            }
        }
        Ok(self.filter.matches(&looked_at))
    }

    /// All that its filter means, put in its order, and of these its part.
    pub fn sorted<P>(&self, found: Vec<Found<P>>) -> Result<Vec<Found<P>>, Failure> {
        if found.len() < 2 || self.sort.fields().next().is_none() {
            return Ok(self.part(found));
        }
        let mut found = found
            .into_iter()
            .map(|found| Ok((found.document()?, found)))
            .collect::<Result<Vec<_>, Failure>>()?;
        found.sort_by(|(left, _), (right, _)| self.sort.compare(left, right));
        Ok(self.part(found.into_iter().map(|(_, found)| found)))
    }

    /// Its part of documents that are in its order.
    pub fn part<T>(&self, found: impl IntoIterator<Item = T>) -> Vec<T> {
        let found = found.into_iter().skip(self.skip);
        found.take(self.limit).collect()
    }
}
