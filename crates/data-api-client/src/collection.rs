//! A collection of one type of document, and what can be asked of it.

use std::{marker::PhantomData, ops::Deref};

use bson::Document;

use crate::documents::Documents;
use crate::{Client, Error, Find, Stored};
use door::Transport;

/// The documents of one kind; what does not depend on the kind is [`Documents`]'. Reads and inserts are tried again when storage
/// falters: at most three times, within five seconds. Updates and deletes are so only on [`Collection::idempotent`].
pub struct Collection<T, D> {
    documents: Documents<T>,
    of: PhantomData<fn() -> D>,
}

impl<T, D> Deref for Collection<T, D> {
    type Target = Documents<T>;

    fn deref(&self) -> &Documents<T> {
        &self.documents
    }
}

impl<T: Transport> Client<T> {
    /// The collection `name`, of documents of type `D`.
    pub fn collection<D: Stored>(&self, name: &'static str) -> Collection<T, D> {
        let documents = Documents {
            client: self.clone(),
            name,
            idempotent: false,
        };
        Collection {
            documents,
            of: PhantomData,
        }
    }
}

impl<T: Transport, D: Stored> Collection<T, D> {
    /// The same collection, whose updates and deletes may be sent again when an answer does not come, because doing them
    /// twice is as good as once. The counts in the answer are then those of the last try.
    #[must_use]
    pub fn idempotent(&self) -> Self {
        Self {
            documents: self.documents.idempotent(),
            of: PhantomData,
        }
    }

    /// A document that matches, or `None`. [`Error::Shape`] says that it is not in the shape that is read here.
    pub async fn find_one(&self, filter: Document) -> Result<Option<D>, Error> {
        let found = self.find_document(filter).await?;
        found.map(|document| self.read(document)).transpose()
    }

    /// Up to [`crate::PAGE`] documents. Those that are not in the shape are left out, as in every list, and the log says which.
    pub async fn find(&self, find: Find) -> Result<Vec<D>, Error> {
        let found = self.find_documents(find).await?;
        Ok(self.readable(found))
    }

    /// Every document that matches, in the order of `_id`, read page by page: what is there throughout is in it, and once.
    /// [`Error::Shape`] where one is not in the shape: they are all there, or none.
    pub async fn find_all(&self, filter: Document) -> Result<Vec<D>, Error> {
        let all = self.find_every(filter).await?.into_iter();
        all.map(|document| self.read(document)).collect()
    }

    /// The same without those that are not in the shape, as lists have them.
    pub async fn find_each(&self, filter: Document) -> Result<Vec<D>, Error> {
        Ok(self.readable(self.find_every(filter).await?))
    }

    /// A document as it is read here.
    pub(crate) fn read(&self, document: Document) -> Result<D, Error> {
        let id = document.get("_id").cloned();
        D::from_document(document).map_err(|misfit| self.misfit(id, &misfit))
    }

    /// Those documents that are in the shape; the log says which are not.
    pub fn readable(&self, documents: Vec<Document>) -> Vec<D> {
        let read = documents.into_iter().map(|document| self.read(document));
        let note = |error: &Error| door::log::warn(&format!("left out of a list: {error}"));
        read.filter_map(|read| read.inspect_err(note).ok())
            .collect()
    }

    /// A value as it is stored here, in a document or as a part of one.
    pub fn written<V: Stored>(&self, value: &V) -> Result<Document, Error> {
        let written = value.to_document();
        written.map_err(|misfit| self.misfit(None, &misfit))
    }
}
