//! What can be asked of a collection whatever its documents are read as.
//!
//! It stands apart from [`crate::Collection`] because a component carries what is generic anew for each type.

use bson::{Bson, Document, doc};
use data_api_protocol::Action;

use crate::client::{Outcome, malformed};
use crate::find::PAGE;
use crate::{Client, Error, Find, Misfit};
use door::Transport;

/// The documents of a collection, as they stand.
pub struct Documents<T> {
    pub(crate) client: Client<T>,
    pub(crate) name: &'static str,
    pub(crate) idempotent: bool,
}

impl<T> Clone for Documents<T> {
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

impl<T: Transport> Documents<T> {
    pub(crate) fn idempotent(&self) -> Self {
        Self {
            idempotent: true,
            ..self.clone()
        }
    }

    /// What is wrong with the shape of a document.
    pub(crate) fn misfit(&self, id: Option<Bson>, misfit: &Misfit) -> Error {
        Error::Shape {
            collection: self.name,
            id: match id {
                Some(Bson::ObjectId(id)) => id.to_hex(),
                Some(id) => id.to_string(),
                None => String::new(),
            },
            reason: misfit.to_string(),
        }
    }

    /// Changes one document that matches. `update` holds operators (`$set`, …), or is a document to take its place.
    pub async fn update_one(&self, filter: Document, update: Document) -> Result<Updated, Error> {
        let arguments = doc! {"filter": filter, "update": update};
        self.update(Action::UpdateOne, arguments).await
    }

    /// The same, and where no document matches, one is inserted: the filter's equalities, with the update applied.
    /// [`Error::DuplicateKey`] says that another call inserted it meanwhile.
    pub async fn update_one_upsert(
        &self,
        filter: Document,
        update: Document,
    ) -> Result<Updated, Error> {
        let arguments = doc! {"filter": filter, "update": update, "upsert": true};
        self.update(Action::UpdateOne, arguments).await
    }

    /// Changes every document that matches, by operators.
    pub async fn update_many(&self, filter: Document, update: Document) -> Result<Updated, Error> {
        let arguments = doc! {"filter": filter, "update": update};
        self.update(Action::UpdateMany, arguments).await
    }

    async fn update(&self, action: Action, arguments: Document) -> Result<Updated, Error> {
        let mut answer = self.call(action, arguments, self.idempotent).await.result?;
        Ok(Updated {
            matched: expect(action, answer.count("matchedCount"))?,
            modified: expect(action, answer.count("modifiedCount"))?,
            upserted: answer.optional("upsertedId"),
        })
    }

    /// Deletes one document that matches, and says how many it were: none or one.
    pub async fn delete_one(&self, filter: Document) -> Result<u64, Error> {
        self.delete(Action::DeleteOne, filter).await
    }

    /// Deletes every document that matches, and says how many it were.
    pub async fn delete_many(&self, filter: Document) -> Result<u64, Error> {
        self.delete(Action::DeleteMany, filter).await
    }

    async fn delete(&self, action: Action, filter: Document) -> Result<u64, Error> {
        let arguments = doc! {"filter": filter};
        let mut answer = self.call(action, arguments, self.idempotent).await.result?;
        expect(action, answer.count("deletedCount"))
    }

    /// Runs a pipeline over the collection. It counts as a read: do not give it `$out` or `$merge`. Let it end in a
    /// `$limit` of at most [`PAGE`], or in few documents of another kind: some servers give no more.
    pub async fn aggregate(&self, pipeline: Vec<Document>) -> Result<Vec<Document>, Error> {
        let arguments = doc! {"pipeline": pipeline};
        let answer = self.call(Action::Aggregate, arguments, true).await.result?;
        expect(Action::Aggregate, answer.documents())
    }

    pub(crate) async fn find_document(&self, filter: Document) -> Result<Option<Document>, Error> {
        let answer = self
            .call(Action::FindOne, doc! {"filter": filter}, true)
            .await
            .result?;
        expect(Action::FindOne, answer.document())
    }

    /// Up to [`PAGE`] documents as they stand, whatever their shape.
    pub async fn find_documents(&self, find: Find) -> Result<Vec<Document>, Error> {
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
        expect(Action::Find, answer.documents())
    }

    /// Every document that matches, page by page.
    pub(crate) async fn find_every(&self, filter: Document) -> Result<Vec<Document>, Error> {
        let mut all = Vec::new();
        let mut page = filter.clone();
        loop {
            let find = Find::filter(page).sort(doc! {"_id": 1}).limit(PAGE);
            let found = self.find_documents(find).await?;
            let full = found.len() >= PAGE as usize;
            let last = found
                .last()
                .and_then(|document| document.get("_id").cloned());
            all.extend(found);
            match last {
                Some(last) if full => page = both(&filter, after(last)),
                _ => return Ok(all),
            }
        }
    }

    pub(crate) async fn call(&self, action: Action, arguments: Document, repeat: bool) -> Outcome {
        self.client
            .call(action, self.name, &arguments, repeat)
            .await
    }
}

pub(crate) fn expect<V>(action: Action, value: Result<V, String>) -> Result<V, Error> {
    value.map_err(|what| malformed(action, &what))
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
pub(crate) fn both(one: &Document, other: Document) -> Document {
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
