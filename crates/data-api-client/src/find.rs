//! What to look for, and how much of it.

use bson::{Bson, Document};

/// The most documents that are asked for at once: some servers give the first batch of a cursor and no more.
pub const PAGE: u32 = 100;

/// A question to a collection: a filter, and optionally an order, a part, and the fields wanted.
///
/// ```
/// use data_api_client::{Find, bson::doc};
/// let best = Find::filter(doc! {"rating": {"$gte": 8}}).sort(doc! {"rating": -1}).limit(10);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Find {
    pub(crate) filter: Document,
    pub(crate) sort: Option<Document>,
    pub(crate) limit: Option<u32>,
    pub(crate) skip: Option<u32>,
    pub(crate) projection: Option<Document>,
}

impl Find {
    /// Documents that match `filter`; an empty one matches all.
    pub fn filter(filter: Document) -> Self {
        Self {
            filter,
            ..Self::default()
        }
    }

    /// In this order: field names to `1` (ascending) or `-1` (descending), the first counting most.
    pub fn sort(mut self, sort: Document) -> Self {
        self.sort = Some(sort);
        self
    }

    /// At most so many: [`PAGE`] when not said, and never more than that.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Without the first so many.
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = Some(skip);
        self
    }

    /// With these fields only, or without those.
    pub fn projection(mut self, projection: Document) -> Self {
        self.projection = Some(projection);
        self
    }
}

/// A document of those fields that are given: a filter of what is asked for, an update of what is to change.
pub fn given<const N: usize>(fields: [(&str, Option<Bson>); N]) -> Document {
    let fields = fields.into_iter();
    fields
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}
