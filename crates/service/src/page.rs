//! Lists, a page at a time.

use bson::{Document, doc, oid::ObjectId};
use data_api_client::{Collection, Error, Find, PAGE, Stored};
use door::Transport;

/// How many things a page has when nobody says.
pub(crate) const DEFAULT_LIMIT: u32 = 50;

/// The most that a page may have.
pub const MOST: u32 = 100;

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// How many things at the most, 1 to 100.
    pub limit: u32,
    /// The last thing already seen.
    pub after: Option<ObjectId>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            after: None,
        }
    }
}

impl PageRequest {
    /// This page of what `filter` means. It goes along `_id`, so that what is written meanwhile moves nothing. Documents of other
    /// programs whose `_id` is no ObjectId have no place in a list of ids.
    ///
    /// # Errors
    /// Storage's.
    pub async fn fetch<T: Transport, D: Stored>(
        &self,
        collection: &Collection<T, D>,
        filter: Document,
        id: impl Fn(&D) -> ObjectId,
    ) -> Result<Page<D>, Error> {
        let limit = self.limit as usize;
        // One more than asked for tells whether another page follows, where storage may be asked for so many at once.
        let mut items = collection
            .find(find(&filter, self.after, self.limit + 1))
            .await?;
        let more = if items.len() == limit && self.limit + 1 > PAGE {
            let last = items.last().map(&id);
            !collection.find(find(&filter, last, 1)).await?.is_empty()
        } else {
            items.len() > limit
        };
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(&id);
        Ok(Page { items, next })
    }

    /// This page of those of what `filter` means that `keep` takes, for what storage itself can't tell apart.
    ///
    /// # Errors
    /// Storage's.
    pub async fn fetch_where<T: Transport, D: Stored>(
        &self,
        collection: &Collection<T, D>,
        filter: Document,
        id: impl Fn(&D) -> ObjectId,
        keep: impl Fn(&D) -> bool,
    ) -> Result<Page<D>, Error> {
        let limit = self.limit as usize;
        let mut from = Self {
            limit: PAGE,
            ..*self
        };
        let mut items = Vec::new();
        loop {
            let found = from.fetch(collection, filter.clone(), &id).await?;
            items.extend(found.items.into_iter().filter(&keep));
            from.after = found.next;
            if from.after.is_none() || items.len() > limit {
                break;
            }
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(&id);
        Ok(Page { items, next })
    }
}

fn find(filter: &Document, after: Option<ObjectId>, limit: u32) -> Find {
    let id = after.map_or_else(|| doc! {"$type": "objectId"}, |after| doc! {"$gt": after});
    let filter = if filter.is_empty() {
        doc! {"_id": id}
    } else {
        doc! {"$and": [{"_id": id}, filter.clone()]}
    };
    Find::filter(filter).sort(doc! {"_id": 1}).limit(limit)
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The id after which the next page begins; none on the last.
    pub next: Option<ObjectId>,
}

impl<T> Page<T> {
    /// The same page of other things.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            next: self.next,
        }
    }
}
