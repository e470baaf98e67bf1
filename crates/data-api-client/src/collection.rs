//! A collection of one type of document, and what can be asked of it.

use std::marker::PhantomData;

use bson::{Bson, Document, doc, oid::ObjectId};
use data_api_protocol::Action;

use crate::client::{Outcome, malformed};
use crate::find::PAGE;
use crate::{Client, Error, Find, Stored};
use door::Transport;

/// The documents of one kind. Reads and inserts are tried again when storage falters: at most three times, within five
/// seconds. Updates and deletes are so only on [`Collection::idempotent`].
pub struct Collection<T, D> {
    client: Client<T>,
    name: &'static str,
    idempotent: bool,
    of: PhantomData<fn() -> D>,
}

impl<T, D> Clone for Collection<T, D> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            ..*self
        }
    }
}

/// What an update did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Updated {
    /// How many documents the filter found.
    pub matched: u64,
    /// How many of them are now different.
    pub modified: u64,
    /// The `_id` of the document that was inserted, when none was found and the call was to upsert. Some servers give it
    /// as text.
    pub upserted: Option<Bson>,
}

impl<T: Transport, D: Stored> Collection<T, D> {
    pub(crate) fn new(client: Client<T>, name: &'static str) -> Self {
        Self {
            client,
            name,
            idempotent: false,
            of: PhantomData,
        }
    }

    /// The same collection, whose updates and deletes may be sent again when an answer does not come, because doing them
    /// twice is as good as once. The counts in the answer are then those of the last try.
    #[must_use]
    pub fn idempotent(&self) -> Self {
        Self {
            idempotent: true,
            ..self.clone()
        }
    }

    /// A document that matches, or `None`.
    ///
    /// # Errors
    /// Storage's, as for every call here: see [`Error`].
    pub async fn find_one(&self, filter: Document) -> Result<Option<D>, Error> {
        let found = self.find_document(filter).await?;
        Ok(found.map(D::from_document))
    }

    /// Up to [`PAGE`] documents.
    ///
    /// # Errors
    /// Storage's.
    pub async fn find(&self, find: Find) -> Result<Vec<D>, Error> {
        let found = self.find_documents(find).await?;
        Ok(found.into_iter().map(D::from_document).collect())
    }

    /// Every document that matches, in the order of `_id`, read page by page: what is there throughout is in it, and once.
    ///
    /// # Errors
    /// Storage's.
    pub async fn find_all(&self, filter: Document) -> Result<Vec<D>, Error> {
        let mut all = Vec::new();
        let mut page = filter.clone();
        loop {
            let find = Find::filter(page).sort(doc! {"_id": 1}).limit(PAGE);
            let found = self.find_documents(find).await?;
            let full = found.len() >= PAGE as usize;
            let last = found
                .last()
                .and_then(|document| document.get("_id").cloned());
            all.extend(found.into_iter().map(D::from_document));
            match last {
                Some(last) if full => page = both(&filter, after(last)),
                _ => return Ok(all),
            }
        }
    }

    /// Stores a document, and gives its `_id`: that of [`Stored::to_document`], or one made here.
    ///
    /// # Errors
    /// [`Error::DuplicateKey`] when another document with this `_id` is there; else storage's.
    pub async fn insert_one(&self, document: &D) -> Result<Bson, Error> {
        let (id, document) = with_id(document.to_document());
        let (stored, repeated) = if is_natural_key(&id) && can_be_set(&document) {
            self.insert_or_find(&id, &document).await
        } else {
            self.insert_plainly(&document).await
        };
        match stored {
            Ok(()) => Ok(id),
            // Perhaps an earlier try went through, and only its answer was lost.
            Err(Error::DuplicateKey) if repeated => {
                match self.find_document(doc! {"_id": id.clone()}).await? {
                    Some(stored) if same_document(&stored, &document) => Ok(id),
                    _ => Err(Error::DuplicateKey),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn insert_plainly(&self, document: &Document) -> (Result<(), Error>, bool) {
        let arguments = doc! {"document": document.clone()};
        let Outcome { result, repeated } = self.call(Action::InsertOne, arguments, true).await;
        let inserted = result.and_then(|mut answer| {
            read(Action::InsertOne, answer.required("insertedId")).map(drop)
        });
        (inserted, repeated)
    }

    /// Inserts by an upsert that changes nothing where it finds something. FerretDB 2.7 answers a plain insert with
    /// success even when the key is there already, and this too tells what happened on every server.
    async fn insert_or_find(&self, id: &Bson, document: &Document) -> (Result<(), Error>, bool) {
        let mut fields = document.clone();
        fields.remove("_id");
        let arguments = doc! {
            "filter": {"_id": id.clone()},
            "update": {"$setOnInsert": fields},
            "upsert": true,
        };
        let Outcome { result, repeated } = self.call(Action::UpdateOne, arguments, true).await;
        let inserted = result.and_then(|mut answer| {
            read(Action::UpdateOne, answer.count("matchedCount"))?;
            answer
                .optional("upsertedId")
                .map(drop)
                .ok_or(Error::DuplicateKey)
        });
        (inserted, repeated)
    }

    /// Stores documents in one request, and gives their `_id`s.
    ///
    /// # Errors
    /// [`Error::DuplicateKey`] when another document with one of these `_id`s is there, and some of those before it may
    /// then be stored; else storage's.
    pub async fn insert_many(&self, documents: &[D]) -> Result<Vec<Bson>, Error> {
        let (ids, mut missing): (Vec<_>, Vec<_>) = documents
            .iter()
            .map(|document| with_id(document.to_document()))
            .unzip();
        // Each round stores at least one document more, or ends.
        while !missing.is_empty() {
            let arguments = doc! {"documents": missing.clone()};
            let outcome = self.call(Action::InsertMany, arguments, true).await;
            match outcome.result {
                Ok(mut answer) => {
                    read(Action::InsertMany, answer.required("insertedIds"))?;
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

    /// Changes one document that matches. `update` holds operators (`$set`, …), or is a document to take its place.
    ///
    /// # Errors
    /// Storage's.
    pub async fn update_one(&self, filter: Document, update: Document) -> Result<Updated, Error> {
        let arguments = doc! {"filter": filter, "update": update};
        self.update(Action::UpdateOne, arguments).await
    }

    /// The same, and where no document matches, one is inserted: the filter's equalities, with the update applied.
    ///
    /// # Errors
    /// [`Error::DuplicateKey`] when another call inserted it meanwhile; else storage's.
    pub async fn update_one_upsert(
        &self,
        filter: Document,
        update: Document,
    ) -> Result<Updated, Error> {
        let arguments = doc! {"filter": filter, "update": update, "upsert": true};
        self.update(Action::UpdateOne, arguments).await
    }

    /// Changes every document that matches, by operators.
    ///
    /// # Errors
    /// Storage's.
    pub async fn update_many(&self, filter: Document, update: Document) -> Result<Updated, Error> {
        let arguments = doc! {"filter": filter, "update": update};
        self.update(Action::UpdateMany, arguments).await
    }

    async fn update(&self, action: Action, arguments: Document) -> Result<Updated, Error> {
        let mut answer = self.call(action, arguments, self.idempotent).await.result?;
        Ok(Updated {
            matched: read(action, answer.count("matchedCount"))?,
            modified: read(action, answer.count("modifiedCount"))?,
            upserted: answer.optional("upsertedId"),
        })
    }

    /// Deletes one document that matches, and says how many it were: none or one.
    ///
    /// # Errors
    /// Storage's.
    pub async fn delete_one(&self, filter: Document) -> Result<u64, Error> {
        self.delete(Action::DeleteOne, filter).await
    }

    /// Deletes every document that matches, and says how many it were.
    ///
    /// # Errors
    /// Storage's.
    pub async fn delete_many(&self, filter: Document) -> Result<u64, Error> {
        self.delete(Action::DeleteMany, filter).await
    }

    async fn delete(&self, action: Action, filter: Document) -> Result<u64, Error> {
        let arguments = doc! {"filter": filter};
        let mut answer = self.call(action, arguments, self.idempotent).await.result?;
        read(action, answer.count("deletedCount"))
    }

    /// Runs a pipeline over the collection. It counts as a read: do not give it `$out` or `$merge`. Let it end in a
    /// `$limit` of at most [`PAGE`], or in few documents of another kind: some servers give no more.
    ///
    /// # Errors
    /// Storage's.
    pub async fn aggregate(&self, pipeline: Vec<Document>) -> Result<Vec<Document>, Error> {
        let arguments = doc! {"pipeline": pipeline};
        let answer = self.call(Action::Aggregate, arguments, true).await.result?;
        read(Action::Aggregate, answer.documents())
    }

    async fn find_document(&self, filter: Document) -> Result<Option<Document>, Error> {
        let answer = self
            .call(Action::FindOne, doc! {"filter": filter}, true)
            .await
            .result?;
        read(Action::FindOne, answer.document())
    }

    async fn find_documents(&self, find: Find) -> Result<Vec<Document>, Error> {
        let limit = find.limit.unwrap_or(PAGE).min(PAGE);
        // To the protocol a limit of 0 is none at all.
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut arguments = doc! {"filter": find.filter, "limit": limit};
        if let Some(sort) = find.sort {
            arguments.insert("sort", sort);
        }
        if let Some(skip) = find.skip {
            arguments.insert("skip", skip);
        }
        if let Some(projection) = find.projection {
            arguments.insert("projection", projection);
        }
        let answer = self.call(Action::Find, arguments, true).await.result?;
        read(Action::Find, answer.documents())
    }

    async fn call(&self, action: Action, arguments: Document, repeat: bool) -> Outcome {
        self.client
            .call(action, self.name, &arguments, repeat)
            .await
    }
}

fn read<V>(action: Action, value: Result<V, String>) -> Result<V, Error> {
    value.map_err(|what| malformed(action, &what))
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

/// Whether `$setOnInsert` can store these fields: to it a dot is a path, and a dollar an operator.
fn can_be_set(document: &Document) -> bool {
    document.len() > 1
        && document
            .keys()
            .all(|key| !key.is_empty() && !key.contains('.') && !key.starts_with('$'))
}

/// The filter for what comes after `id` in the order of ids. `$gt` compares within one type of value, so after an id
/// that is no ObjectId (another program's), those of the later types are asked for as well.
fn after(id: Bson) -> Document {
    let later: &[&str] = match id {
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_) => {
            &["string", "object", "binData", "objectId"]
        }
        Bson::String(_) => &["object", "binData", "objectId"],
        Bson::Document(_) => &["binData", "objectId"],
        Bson::Binary(_) => &["objectId"],
        _ => return doc! {"_id": {"$gt": id}},
    };
    doc! {"$or": [{"_id": {"$gt": id}}, {"_id": {"$type": later.to_vec()}}]}
}

/// The filter for what matches both.
fn both(one: &Document, other: Document) -> Document {
    if one.is_empty() {
        return other;
    }
    // One flat document where the fields allow it: the plainer a filter, the more surely a server finds an index for it.
    if other.keys().all(|key| !one.contains_key(key)) {
        let mut whole = one.clone();
        whole.extend(other);
        return whole;
    }
    doc! {"$and": [one.clone(), other]}
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
