//! Documents in memory, for native tests: they run in milliseconds, and see what a real server would have stored.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use bson::{Bson, Document, RawDocumentBuf};

use crate::{Documents, Failure, Found, Query, index};

/// Documents by namespace, in the order in which they were stored.
#[derive(Default)]
pub struct Memory {
    namespaces: RefCell<BTreeMap<String, BTreeMap<u64, Stored>>>,
    /// The number of the last write.
    writes: Cell<u64>,
    scans: Cell<usize>,
}

struct Stored {
    version: u64,
    document: Document,
}

impl Memory {
    /// Stores a document, whatever it holds.
    pub fn put(&self, namespace: &str, document: Document) {
        let version = self.next();
        let mut namespaces = self.namespaces.borrow_mut();
        let stored = namespaces.entry(namespace.to_owned()).or_default();
        stored.insert(version, Stored { version, document });
    }

    /// Every document, in the order in which they were stored.
    pub fn all(&self, namespace: &str) -> Vec<Document> {
        let namespaces = self.namespaces.borrow();
        let stored = namespaces.get(namespace).into_iter().flatten();
        stored.map(|(_, stored)| stored.document.clone()).collect()
    }

    /// How many queries there were that no index answers, as [`index::scans`] says.
    pub fn scans(&self) -> usize {
        self.scans.get()
    }

    fn next(&self) -> u64 {
        self.writes.set(self.writes.get() + 1);
        self.writes.get()
    }

    /// Does something with the documents of a namespace, where those that were found are still as they were.
    fn guarded<'a>(
        &self,
        namespace: &str,
        mut found: impl Iterator<Item = &'a Found<(u64, u64)>>,
        write: impl FnOnce(&mut BTreeMap<u64, Stored>),
    ) -> bool {
        let mut namespaces = self.namespaces.borrow_mut();
        let stored = namespaces.entry(namespace.to_owned()).or_default();
        let unchanged = found.all(|found| {
            let (number, version) = found.place;
            stored
                .get(&number)
                .is_some_and(|stored| stored.version == version)
        });
        if unchanged {
            write(stored);
        }
        unchanged
    }
}

impl Documents for &Memory {
    /// The document's number, and that of the write that made it what it is.
    type Place = (u64, u64);

    fn find(&self, namespace: &str, query: &Query) -> Result<Vec<Found<Self::Place>>, Failure> {
        if index::scans(namespace, query.filter, query.sort) {
            self.scans.set(self.scans.get() + 1);
        }
        let namespaces = self.namespaces.borrow();
        let mut matches = Vec::new();
        for (number, stored) in namespaces.get(namespace).into_iter().flatten() {
            if query.filter.matches(&stored.document) {
                matches.push(Found {
                    place: (*number, stored.version),
                    body: RawDocumentBuf::try_from(&stored.document).map_err(Failure::damaged)?,
                });
            }
        }
        query.sorted(matches)
    }

    fn insert(&self, namespace: &str, documents: &[Document]) -> Result<(), Failure> {
        let id = |document: &Document| document.get("_id").cloned().unwrap_or(Bson::Null);
        let stored = self.all(namespace);
        for (index, document) in documents.iter().enumerate() {
            let mut taken = stored.iter().chain(&documents[..index]);
            if taken.any(|other| mql::compare(&id(other), &id(document)).is_eq()) {
                return Err(Failure::duplicate(namespace));
            }
        }
        for document in documents {
            self.put(namespace, document.clone());
        }
        Ok(())
    }

    fn replace(
        &self,
        namespace: &str,
        changes: &[(Found<Self::Place>, Document)],
    ) -> Result<bool, Failure> {
        let found = changes.iter().map(|(found, _)| found);
        Ok(self.guarded(namespace, found, |stored| {
            for (found, document) in changes {
                let version = self.next();
                let document = document.clone();
                stored.insert(found.place.0, Stored { version, document });
            }
        }))
    }

    fn remove(&self, namespace: &str, found: &[Found<Self::Place>]) -> Result<bool, Failure> {
        Ok(self.guarded(namespace, found.iter(), |stored| {
            for found in found {
                stored.remove(&found.place.0);
            }
        }))
    }
}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    use super::*;

    #[test]
    fn it_answers_as_everybody_does() {
        let memory = Memory::default();
        crate::conformance::check(&|request| {
            crate::answer(&request, || Ok(&memory)).unwrap_or_else(|failure| failure.response())
        });
    }
}
