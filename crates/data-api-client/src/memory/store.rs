//! The documents, and what each action does with them.

use std::collections::BTreeMap;

use bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use http::StatusCode;
use mql::{Filter, Pipeline, Projection, Sort, Update};
use serde_json::Value;

use crate::protocol::{from_json, to_json};

/// Collections by name.
#[derive(Default)]
pub(super) struct Store {
    collections: BTreeMap<String, Vec<Document>>,
}

/// A failure as the protocol says it.
struct Fault {
    code: &'static str,
    message: String,
}

impl From<mql::Error> for Fault {
    fn from(error: mql::Error) -> Self {
        Self {
            code: error.code.name(),
            message: error.to_string(),
        }
    }
}

fn bad(message: impl Into<String>) -> Fault {
    Fault {
        code: "InvalidParameter",
        message: message.into(),
    }
}

/// The action and the collection of a request.
pub(super) fn describe(path: &str, body: &[u8]) -> (String, String) {
    let collection = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|body| Some(body.get("collection")?.as_str()?.to_owned()))
        .unwrap_or_default();
    (action(path).unwrap_or_default().to_owned(), collection)
}

fn action(path: &str) -> Option<&str> {
    let (front, name) = path.rsplit_once('/')?;
    front.ends_with("/action").then_some(name)
}

impl Store {
    pub(super) fn put(&mut self, collection: &str, document: Document) {
        self.collections
            .entry(collection.to_owned())
            .or_default()
            .push(document);
    }

    pub(super) fn documents(&self, collection: &str) -> Vec<Document> {
        self.collections
            .get(collection)
            .cloned()
            .unwrap_or_default()
    }

    pub(super) fn answer(&mut self, path: &str, body: &[u8]) -> (StatusCode, String) {
        let Some(action) = action(path) else {
            let body = doc! {"error": "no such path", "error_code": "NotFound"};
            return (StatusCode::NOT_FOUND, to_json(body).to_string());
        };
        let body = match serde_json::from_slice(body).map(from_json) {
            Ok(Bson::Document(body)) => body,
            _ => {
                let body =
                    doc! {"error": "the body is no JSON object", "error_code": "InvalidParameter"};
                return (StatusCode::BAD_REQUEST, to_json(body).to_string());
            }
        };
        let (status, answer) = match self.act(action, &body) {
            Ok(answer) if action.starts_with("insert") => (StatusCode::CREATED, answer),
            Ok(answer) => (StatusCode::OK, answer),
            Err(fault) => (
                StatusCode::BAD_REQUEST,
                doc! {"error": fault.message, "error_code": fault.code},
            ),
        };
        (status, to_json(answer).to_string())
    }

    fn act(&mut self, action: &str, body: &Document) -> Result<Document, Fault> {
        for name in ["dataSource", "database"] {
            body.get_str(name)
                .map_err(|_| bad(format!("no `{name}`")))?;
        }
        let name = body
            .get_str("collection")
            .map_err(|_| bad("no `collection`"))?;
        match action {
            "findOne" => {
                let found = self.find(name, body, 1)?.pop();
                Ok(doc! {"document": found.map_or(Bson::Null, Bson::Document)})
            }
            "find" => {
                let limit = body
                    .get("limit")
                    .map_or(Some(0), as_count)
                    .ok_or_else(|| bad("`limit` is no count"))?;
                Ok(doc! {"documents": self.find(name, body, limit)?})
            }
            "insertOne" => {
                let ids = self.insert(name, vec![document(body, "document")?])?;
                Ok(doc! {"insertedId": ids.into_iter().next()})
            }
            "insertMany" => {
                let documents = documents(body, "documents")?;
                Ok(doc! {"insertedIds": self.insert(name, documents)?})
            }
            "updateOne" => self.update(name, body, false),
            "updateMany" => self.update(name, body, true),
            "deleteOne" => self.delete(name, body, 1),
            "deleteMany" => self.delete(name, body, usize::MAX),
            "aggregate" => {
                let pipeline = Pipeline::parse(&documents(body, "pipeline")?)?;
                let found =
                    pipeline.run(self.documents(name), &mut |from| Ok(self.documents(from)))?;
                Ok(doc! {"documents": found})
            }
            _ => Err(bad(format!("no such action: {action}"))),
        }
    }

    fn find(&self, name: &str, body: &Document, limit: usize) -> Result<Vec<Document>, Fault> {
        let filter = filter(body)?;
        let mut found = self.documents(name);
        found.retain(|document| filter.matches(document));
        if let Ok(sort) = body.get_document("sort") {
            let sort = Sort::parse(sort)?;
            found.sort_by(|one, other| sort.compare(one, other));
        }
        let skip = body
            .get("skip")
            .map_or(Some(0), as_count)
            .ok_or_else(|| bad("`skip` is no count"))?;
        let limit = if limit == 0 { usize::MAX } else { limit };
        let found = found.into_iter().skip(skip).take(limit);
        match body.get_document("projection") {
            Ok(projection) => {
                let projection = Projection::parse(projection)?;
                Ok(found.map(|document| projection.apply(&document)).collect())
            }
            Err(_) => Ok(found.collect()),
        }
    }

    fn insert(&mut self, name: &str, documents: Vec<Document>) -> Result<Vec<Bson>, Fault> {
        let stored = self.collections.entry(name.to_owned()).or_default();
        let mut ids = Vec::new();
        for document in documents {
            let (id, document) = with_id(document);
            if stored.iter().any(|other| is_id(other, &id)) {
                return Err(duplicate(name, &id));
            }
            stored.push(document);
            ids.push(id);
        }
        Ok(ids)
    }

    fn update(&mut self, name: &str, body: &Document, many: bool) -> Result<Document, Fault> {
        let filter = filter(body)?;
        let update = Update::parse(&document(body, "update")?)?;
        let now = DateTime::now();
        let mut documents = self.documents(name);
        let (mut matched, mut modified) = (0i64, 0i64);
        for document in documents
            .iter_mut()
            .filter(|document| filter.matches(document))
        {
            matched += 1;
            modified += i64::from(update.apply(document, now)?);
            if !many {
                break;
            }
        }
        let mut answer = doc! {"matchedCount": matched, "modifiedCount": modified};
        if matched == 0 && body.get_bool("upsert").unwrap_or(false) {
            let (id, document) = with_id(update.upsert(&filter, now)?);
            if documents.iter().any(|other| is_id(other, &id)) {
                return Err(duplicate(name, &id));
            }
            documents.push(document);
            answer.insert("upsertedId", id);
        }
        self.collections.insert(name.to_owned(), documents);
        Ok(answer)
    }

    fn delete(&mut self, name: &str, body: &Document, most: usize) -> Result<Document, Fault> {
        let filter = filter(body)?;
        let stored = self.collections.entry(name.to_owned()).or_default();
        let mut deleted = 0;
        stored.retain(|document| {
            let goes = deleted < most && filter.matches(document);
            deleted += usize::from(goes);
            !goes
        });
        Ok(doc! {"deletedCount": i64::try_from(deleted).unwrap_or(i64::MAX)})
    }
}

fn filter(body: &Document) -> Result<Filter, Fault> {
    let filter = match body.get("filter") {
        None => Document::new(),
        Some(_) => document(body, "filter")?,
    };
    Ok(Filter::parse(&filter)?)
}

fn document(body: &Document, name: &str) -> Result<Document, Fault> {
    body.get_document(name)
        .cloned()
        .map_err(|_| bad(format!("`{name}` is no document")))
}

fn documents(body: &Document, name: &str) -> Result<Vec<Document>, Fault> {
    body.get_array(name)
        .ok()
        .and_then(|values| {
            values
                .iter()
                .map(|value| value.as_document().cloned())
                .collect()
        })
        .ok_or_else(|| bad(format!("`{name}` is no array of documents")))
}

fn as_count(value: &Bson) -> Option<usize> {
    match value {
        Bson::Int32(count) => usize::try_from(*count).ok(),
        Bson::Int64(count) => usize::try_from(*count).ok(),
        _ => None,
    }
}

fn with_id(document: Document) -> (Bson, Document) {
    if let Some(id) = document.get("_id") {
        return (id.clone(), document);
    }
    let id = Bson::ObjectId(ObjectId::new());
    let mut whole = doc! {"_id": id.clone()};
    whole.extend(document);
    (id, whole)
}

fn is_id(document: &Document, id: &Bson) -> bool {
    document
        .get("_id")
        .is_some_and(|other| mql::compare(other, id).is_eq())
}

fn duplicate(collection: &str, id: &Bson) -> Fault {
    Fault {
        code: "DuplicateKey",
        message: format!(
            "E11000 duplicate key error collection: {collection} index: _id_ dup key: {id}"
        ),
    }
}
