//! Documents stored anew.

use bson::{Bson, Document, doc, oid::ObjectId};
use door::Transport;

use crate::client::Outcome;
use crate::documents::expect;
use crate::find::PAGE;
use crate::{Collection, Documents, Error, Find, Stored};
use data_api_protocol::Action;

/// How often a place is tried that others fill and empty in between.
const ROUNDS: usize = 4;

/// What is known of an insert by its answer.
#[derive(PartialEq)]
enum Told {
    Stored,
    Taken,
    /// Ours or another's: what stands there tells.
    Unclear,
}

impl<T: Transport, D: Stored> Collection<T, D> {
    /// Stores a document, and gives its `_id`: that its own, or one made here.
    /// [`Error::DuplicateKey`] says that another document has this `_id`.
    pub async fn insert_one(&self, document: &D) -> Result<Bson, Error> {
        self.insert(self.written(document)?).await
    }

    /// Stores a document where nothing stands under its `_id`. Where something does, nothing is changed, and that is given.
    pub async fn insert_if_absent(&self, document: &D) -> Result<Option<D>, Error> {
        let standing = self.insert_or_give(self.written(document)?).await?;
        standing.map(|standing| self.read(standing)).transpose()
    }

    /// Stores documents in one request, and gives their `_id`s.
    /// [`Error::DuplicateKey`] says that another document has one of these `_id`s; some of those before it may then be stored.
    pub async fn insert_many(&self, documents: &[D]) -> Result<Vec<Bson>, Error> {
        let written = documents.iter().map(|document| self.written(document));
        self.insert_all(written.collect::<Result<_, _>>()?).await
    }
}

impl<T: Transport> Documents<T> {
    async fn insert(&self, document: Document) -> Result<Bson, Error> {
        let (id, document) = with_id(document);
        match self.try_insert(&document, is_natural_key(&id)).await? {
            Told::Stored => return Ok(id),
            Told::Taken => return Err(Error::DuplicateKey),
            Told::Unclear => {}
        }
        match self.find_document(doc! {"_id": id.clone()}).await? {
            Some(stored) if same_document(&stored, &document) => Ok(id),
            _ => Err(Error::DuplicateKey),
        }
    }

    async fn insert_or_give(&self, document: Document) -> Result<Option<Document>, Error> {
        let (id, document) = with_id(document);
        for _ in 0..ROUNDS {
            let told = self.try_insert(&document, true).await?;
            if told == Told::Stored {
                return Ok(None);
            }
            match self.find_document(doc! {"_id": id.clone()}).await? {
                Some(standing) if told == Told::Unclear && same_document(&standing, &document) => {
                    return Ok(None);
                }
                Some(standing) => return Ok(Some(standing)),
                // Removed in between: the place is free again.
                None => {}
            }
        }
        Err(Error::Busy)
    }

    /// A plain insert is the one thing that every server does for one of many alone: of an upsert DocumentDB tells several at once that
    /// theirs was the first, and keeps the last. FerretDB 2.7's own Data API calls an insert a success whatever came of it, but with 200
    /// for the 201 of all others.
    async fn try_insert(&self, document: &Document, may_be_taken: bool) -> Result<Told, Error> {
        let arguments = doc! {"document": document.clone()};
        let Outcome { result, repeated } = self.call(Action::InsertOne, arguments, true).await;
        match result {
            Ok(mut answer) => {
                let sure = answer.created || !may_be_taken;
                expect(Action::InsertOne, answer.required("insertedId"))?;
                Ok(if sure { Told::Stored } else { Told::Unclear })
            }
            // Perhaps an earlier try went through, and only its answer was lost.
            Err(Error::DuplicateKey) if repeated => Ok(Told::Unclear),
            Err(Error::DuplicateKey) => Ok(Told::Taken),
            Err(error) => Err(error),
        }
    }

    async fn insert_all(&self, documents: Vec<Document>) -> Result<Vec<Bson>, Error> {
        let (ids, mut missing): (Vec<_>, Vec<_>) = documents.into_iter().map(with_id).unzip();
        // Each round stores at least one document more, or ends.
        while !missing.is_empty() {
            let arguments = doc! {"documents": missing.clone()};
            let outcome = self.call(Action::InsertMany, arguments, true).await;
            match outcome.result {
                Ok(mut answer) => {
                    expect(Action::InsertMany, answer.required("insertedIds"))?;
                    break;
                }
                // Perhaps an earlier try stored all of them, or the first few.
                Err(Error::DuplicateKey) if outcome.repeated => {
                    let left = self.not_stored(&missing).await?;
                    if left.len() == missing.len() {
                        return Err(Error::DuplicateKey);
                    }
                    missing = left;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(ids)
    }

    /// Those of our own `documents` that are not stored.
    async fn not_stored(&self, documents: &[Document]) -> Result<Vec<Document>, Error> {
        let mut left = Vec::new();
        for page in documents.chunks(PAGE as usize) {
            let ids: Vec<Bson> = page
                .iter()
                .filter_map(|document| document.get("_id").cloned())
                .collect();
            let stored = self
                .find_documents(Find::filter(doc! {"_id": {"$in": ids}}))
                .await?;
            for document in page {
                match stored
                    .iter()
                    .find(|stored| stored.get("_id") == document.get("_id"))
                {
                    None => left.push(document.clone()),
                    Some(stored) if same_document(stored, document) => {}
                    Some(_) => return Err(Error::DuplicateKey),
                }
            }
        }
        Ok(left)
    }
}

/// The document with its `_id`, in front as servers keep it.
fn with_id(document: Document) -> (Bson, Document) {
    if let Some(id) = document.get("_id") {
        return (id.clone(), document);
    }
    let id = Bson::ObjectId(ObjectId::new());
    let mut whole = doc! {"_id": id.clone()};
    whole.extend(document);
    (id, whole)
}

/// Whether an `_id` is one that another document may well have, and not one made for this document alone.
fn is_natural_key(id: &Bson) -> bool {
    !matches!(id, Bson::ObjectId(_))
}

/// Whether two documents are the same but for the order of their fields and the types of their numbers, which a server
/// or Extended JSON may have changed.
fn same_document(one: &Document, other: &Document) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|(key, value)| other.get(key).is_some_and(|found| same(value, found)))
}

fn same(one: &Bson, other: &Bson) -> bool {
    match (one, other) {
        (Bson::Document(one), Bson::Document(other)) => same_document(one, other),
        (Bson::Array(one), Bson::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => match (whole_or_double(one), whole_or_double(other)) {
            (Some(one), Some(other)) => one == other || (one.is_nan() && other.is_nan()),
            _ => one == other,
        },
    }
}

/// A number's value, where a double holds it.
fn whole_or_double(value: &Bson) -> Option<f64> {
    match value {
        Bson::Int32(number) => Some(f64::from(*number)),
        Bson::Int64(number) if number.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS => {
            Some(*number as f64)
        }
        Bson::Double(number) => Some(*number),
        _ => None,
    }
}
