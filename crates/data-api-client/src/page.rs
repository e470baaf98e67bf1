//! Lists, a page at a time.

use bson::{Document, doc};
use door::Transport;

use crate::documents::both;
use crate::{Collection, Documents, Error, Find, Id, PAGE, Stored};

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// How many at the most, 1 to 100.
    pub limit: u32,
    /// The last one already seen.
    pub after: Option<Id>,
    /// Whether the list goes down along the ids, so that the newest come first.
    pub newest_first: bool,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<D> {
    /// What is on it.
    pub items: Vec<D>,
    /// The id after which the next page begins; none on the last.
    pub next: Option<Id>,
}

impl PageRequest {
    /// How many a page has when nobody says.
    pub const DEFAULT: u32 = 50;

    /// The most that a page may have.
    pub const MOST: u32 = PAGE;
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: Self::DEFAULT,
            after: None,
            newest_first: false,
        }
    }
}

impl<D> Page<D> {
    /// The same page of other things.
    pub fn map<U>(self, change: impl FnMut(D) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            next: self.next,
        }
    }
}

impl<T: Transport, D: Stored> Collection<T, D> {
    /// A page of what matches. It goes along `_id`, so that what is written meanwhile moves nothing. Documents whose `_id` is no
    /// ObjectId have no place in a list of ids.
    pub async fn page(&self, filter: Document, page: PageRequest) -> Result<Page<D>, Error> {
        let Page { items, next } = self.page_of_documents(filter, page).await?;
        let items = self.readable(items);
        Ok(Page { items, next })
    }
}

impl<T: Transport> Documents<T> {
    async fn page_of_documents(
        &self,
        filter: Document,
        page: PageRequest,
    ) -> Result<Page<Document>, Error> {
        let limit = page.limit.min(PAGE);
        let (beyond, first, direction) = match page.newest_first {
            false => ("$gt", Id::LEAST, 1),
            true => ("$lt", Id::GREATEST, -1),
        };
        let from = |after: Id, limit| {
            let find = Find::filter(both(&filter, doc! {"_id": {beyond: after}}));
            find.sort(doc! {"_id": direction}).limit(limit)
        };
        // One more than asked for tells whether another page follows, where storage may be asked for so many at once.
        let asked = (limit + 1).min(PAGE);
        let mut found = self
            .find_documents(from(page.after.unwrap_or(first), asked))
            .await?;
        let mut more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let last = found.last().and_then(|last| last.get_object_id("_id").ok());
        let next = last.map(Id::from);
        if let (Some(last), true) = (next, asked == limit && found.len() == limit as usize) {
            more = !self.find_documents(from(last, 1)).await?.is_empty();
        }
        Ok(Page {
            items: found,
            next: next.filter(|_| more),
        })
    }
}
