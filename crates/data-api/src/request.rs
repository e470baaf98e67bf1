//! What an action asks for, read by the rules of the query language.

use bson::Document;
use mql::{Filter, Pipeline, Projection, Sort, Update};

use crate::{Action, Body, Failure};

/// Which documents to give, and what of them.
pub(crate) struct Find {
    pub namespace: String,
    pub filter: Filter,
    pub projection: Option<Projection>,
    pub sort: Sort,
    pub skip: usize,
    pub limit: usize,
}

/// Documents to add. Each has an `_id`, in front.
pub(crate) struct Insert {
    pub namespace: String,
    pub documents: Vec<Document>,
}

/// What to change, and how.
pub(crate) struct Change {
    pub namespace: String,
    pub filter: Filter,
    pub update: Update,
    pub upsert: bool,
}

/// What to remove.
pub(crate) struct Delete {
    pub namespace: String,
    pub filter: Filter,
}

/// What to make of a collection's documents.
pub(crate) struct Aggregate {
    pub database: String,
    pub namespace: String,
    pub pipeline: Pipeline,
}

impl Body {
    /// The query of `find`, or of `findOne`, which gives one document at the most.
    pub(crate) fn find(mut self) -> Result<Find, Failure> {
        let projection = self.document("projection")?.unwrap_or_default();
        let projection = (!projection.is_empty()).then(|| Projection::parse(&projection));
        Ok(Find {
            namespace: self.namespace()?.to_string(),
            filter: Filter::parse(&self.document("filter")?.unwrap_or_default())?,
            projection: projection.transpose()?,
            sort: Sort::parse(&self.document("sort")?.unwrap_or_default())?,
            skip: self.number("skip")?.unwrap_or(0),
            limit: match self.action {
                Action::FindOne => 1,
                // A limit of zero is none, as in MongoDB.
                _ => self
                    .number("limit")?
                    .filter(|limit| *limit > 0)
                    .unwrap_or(usize::MAX),
            },
        })
    }

    /// The one document of `insertOne`, or the several of `insertMany`.
    pub(crate) fn insert(mut self) -> Result<Insert, Failure> {
        Ok(Insert {
            namespace: self.namespace()?.to_string(),
            documents: self.inserted()?,
        })
    }

    /// The update of `updateOne` and `updateMany`.
    pub(crate) fn update(mut self) -> Result<Change, Failure> {
        Ok(Change {
            namespace: self.namespace()?.to_string(),
            filter: Filter::parse(&self.required("filter")?)?,
            update: Update::parse(&self.required("update")?)?,
            upsert: self.flag("upsert")?.unwrap_or(false),
        })
    }

    /// The filter of `deleteOne` and `deleteMany`.
    pub(crate) fn delete(mut self) -> Result<Delete, Failure> {
        Ok(Delete {
            namespace: self.namespace()?.to_string(),
            filter: Filter::parse(&self.required("filter")?)?,
        })
    }

    /// The pipeline of `aggregate`.
    pub(crate) fn aggregate(mut self) -> Result<Aggregate, Failure> {
        let namespace = self.namespace()?;
        let pipeline = Pipeline::parse(&self.documents("pipeline")?)?;
        Ok(Aggregate {
            namespace: namespace.to_string(),
            database: namespace.database,
            pipeline,
        })
    }
}
