//! Places that can be void: under an id stands a document, or a tombstone, which says that nothing may be written there any more.
//!
//! Storage takes one document under an id, the first. So whoever needs to know that something was not written, and will not be
//! however late the request arrives, writes a tombstone in its place ([`Collection::insert_if_absent`]); and what is removed so that
//! nobody writes it anew leaves one behind ([`Collection::bury`]).

use bson::{Bson, Document, doc};

use door::Transport;

use crate::{Collection, Error, Misfit, Stored};

/// The field that marks a document as a tombstone: since when it is one.
pub const VOIDED: &str = "voided";

/// What stands under an id: a document, or a tombstone, which has a field [`VOIDED`].
#[derive(Debug, Clone, PartialEq)]
pub enum Place<D, V> {
    /// A document that counts.
    Living(D),
    /// A tombstone.
    Void(V),
}

impl<D, V> Place<D, V> {
    /// The document that counts, if it is one.
    pub fn living(self) -> Option<D> {
        match self {
            Self::Living(document) => Some(document),
            Self::Void(_) => None,
        }
    }
}

/// Of what the filter matches, what counts.
pub fn living(mut filter: Document) -> Document {
    filter.insert(VOIDED, doc! {"$exists": false});
    filter
}

impl<D: Stored, V: Stored> Stored for Place<D, V> {
    fn from_document(document: Document) -> Result<Self, Misfit> {
        if document.contains_key(VOIDED) {
            V::from_document(document).map(Self::Void)
        } else {
            D::from_document(document).map(Self::Living)
        }
    }

    fn to_document(&self) -> Result<Document, Misfit> {
        match self {
            Self::Living(document) => document.to_document(),
            Self::Void(tombstone) => tombstone.to_document(),
        }
    }
}

impl<T: Transport, D: Stored, V: Stored> Collection<T, Place<D, V>> {
    /// Puts a tombstone in the place of a document that counts. False where none counts there any more.
    ///
    /// `ours` tells by a tombstone that stands there whether it is this one, so that a call whose answer was lost knows its own work.
    pub async fn bury(
        &self,
        document: &D,
        tombstone: &V,
        still: Document,
        ours: impl FnOnce(&V) -> bool,
    ) -> Result<bool, Error> {
        let mut old = self.written(document)?;
        let mut new = self.written(tombstone)?;
        let id = new
            .remove("_id")
            .or(old.remove("_id"))
            .unwrap_or(Bson::Null);
        let gone = old.keys().filter(|key| !new.contains_key(key.as_str()));
        let gone: Document = gone.map(|key| (key.clone(), Bson::from(""))).collect();
        let mut update = doc! {"$set": new};
        if !gone.is_empty() {
            update.insert("$unset", gone);
        }
        let mut standing = living(still);
        standing.insert("_id", id.clone());
        let buried = self.update_one(standing, update);
        if buried.await?.matched > 0 {
            return Ok(true);
        }
        match self.find_one(doc! {"_id": id}).await? {
            Some(Place::Void(standing)) => Ok(ours(&standing)),
            _ => Ok(false),
        }
    }
}
