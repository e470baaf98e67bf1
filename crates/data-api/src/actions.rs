//! What each action does. Each is atomic on its own, as [`Documents`] says.

use std::collections::HashMap;

use bson::{DateTime, Document, RawArrayBuf, RawBson, RawDocumentBuf, doc, rawdoc};
use mql::{Filter, Sort, Update};

use crate::{
    Action, Body, Documents, Failure, Found, Query,
    id::with_id,
    request::{Aggregate, Change, Delete, Find, Insert},
};

/// How often an action begins again. Each time another one succeeded, so only a great crowd on one document comes to this.
const ATTEMPTS: usize = 1000;

/// The most documents that one action changes, for SQLite takes no more parameters than 32,766.
const MOST_CHANGED: usize = 6500;

/// The status of an answer, and its body.
pub(crate) type Answer = Result<(u16, RawDocumentBuf), Failure>;

/// Carries out the action that a body is for.
pub(crate) fn run<D: Documents>(body: Body, documents: &D) -> Answer {
    match body.action {
        Action::FindOne => {
            let document = find(documents, &body.find()?)?.pop();
            let document = document.map_or(RawBson::Null, RawBson::Document);
            Ok((200, rawdoc! {"document": document}))
        }
        Action::Find => found(find(documents, &body.find()?)?),
        Action::InsertOne => {
            let ids = insert(documents, &body.insert()?)?;
            Ok((201, raw(&doc! {"insertedId": ids.into_iter().next()})?))
        }
        Action::InsertMany => {
            let ids = insert(documents, &body.insert()?)?;
            Ok((201, raw(&doc! {"insertedIds": ids})?))
        }
        Action::UpdateOne => update(documents, &body.update()?, 1),
        Action::UpdateMany => update(documents, &body.update()?, usize::MAX),
        Action::DeleteOne => delete(documents, &body.delete()?, 1),
        Action::DeleteMany => delete(documents, &body.delete()?, usize::MAX),
        Action::Aggregate => aggregate(documents, &body.aggregate()?),
    }
}

fn found(documents: impl IntoIterator<Item = RawDocumentBuf>) -> Answer {
    let documents = RawArrayBuf::from_iter(documents);
    Ok((200, rawdoc! {"documents": documents}))
}

/// The documents a query means, in its order, and only the fields it wants.
fn find<D: Documents>(documents: &D, find: &Find) -> Result<Vec<RawDocumentBuf>, Failure> {
    let query = Query::new(&find.filter, &find.sort, find.skip, find.limit);
    let found = documents.find(&find.namespace, &query)?.into_iter();
    let Some(projection) = &find.projection else {
        return Ok(found.map(|found| found.body).collect());
    };
    found
        .map(|found| raw(&projection.apply(&found.document()?)))
        .collect()
}

/// Those of a filter's matches that come first, in any order.
fn matches<D: Documents>(
    documents: &D,
    namespace: &str,
    filter: &Filter,
    most: usize,
) -> Result<Vec<Found<D::Place>>, Failure> {
    let any = Sort::parse(&Document::new())?;
    documents.find(namespace, &Query::new(filter, &any, 0, most))
}

fn raw(document: &Document) -> Result<RawDocumentBuf, Failure> {
    RawDocumentBuf::try_from(document)
        .map_err(|error| Failure::bad_value(format!("the document is no BSON: {error}")))
}

fn insert<D: Documents>(documents: &D, insert: &Insert) -> Result<Vec<bson::Bson>, Failure> {
    bounded(insert.documents.len())?;
    documents.insert(&insert.namespace, &insert.documents)?;
    let ids = insert.documents.iter();
    Ok(ids
        .filter_map(|document| document.get("_id").cloned())
        .collect())
}

/// Reads and writes until nothing has changed in between: at first as if nobody else were about to, and then in turn, where each
/// would else undo what all others have begun.
fn settled<D: Documents>(
    documents: &D,
    attempt: impl Fn() -> Result<Option<Document>, Failure>,
) -> Answer {
    let mut done = attempt()?;
    for _ in 1..ATTEMPTS {
        match done {
            Some(answer) => return Ok((200, raw(&answer)?)),
            None => done = documents.in_turn(&attempt)?,
        }
    }
    Err(crowded())
}

fn update<D: Documents>(documents: &D, change: &Change, most: usize) -> Answer {
    let Change {
        namespace,
        filter,
        update,
        upsert,
    } = change;
    settled(documents, || {
        let now = DateTime::now();
        let found = matches(documents, namespace, filter, most)?;
        if found.is_empty() && *upsert {
            let document = with_id(update.upsert(filter, now)?)?;
            let id = document.get("_id").cloned();
            return match documents.insert(namespace, &[document]) {
                Ok(()) => {
                    let mut answer = updated(0, 0);
                    answer.insert("upsertedId", id);
                    Ok(Some(answer))
                }
                // Somebody else has just put one there that the filter may mean.
                Err(failure)
                    if failure.code == "DuplicateKey"
                        && !matches(documents, namespace, filter, 1)?.is_empty() =>
                {
                    Ok(None)
                }
                Err(failure) => Err(failure),
            };
        }
        let matched = found.len();
        let changes = changes(found, update, now)?;
        bounded(changes.len())?;
        let is_done = changes.is_empty() || documents.replace(namespace, &changes)?;
        Ok(is_done.then(|| updated(matched, changes.len())))
    })
}

/// What an update makes of documents, without those it leaves as they are.
fn changes<P>(
    found: Vec<Found<P>>,
    update: &Update,
    now: DateTime,
) -> Result<Vec<(Found<P>, Document)>, Failure> {
    let mut changes = Vec::with_capacity(found.len());
    for found in found {
        let mut document = found.document()?;
        if update.apply(&mut document, now)? {
            changes.push((found, document));
        }
    }
    Ok(changes)
}

fn updated(matched: usize, modified: usize) -> Document {
    doc! {"matchedCount": count(matched), "modifiedCount": count(modified)}
}

fn delete<D: Documents>(documents: &D, delete: &Delete, most: usize) -> Answer {
    settled(documents, || {
        let found = matches(documents, &delete.namespace, &delete.filter, most)?;
        bounded(found.len())?;
        let is_done = found.is_empty() || documents.remove(&delete.namespace, &found)?;
        Ok(is_done.then(|| doc! {"deletedCount": count(found.len())}))
    })
}

fn aggregate<D: Documents>(documents: &D, aggregate: &Aggregate) -> Answer {
    let pipeline = &aggregate.pipeline;
    let everything = Filter::parse(&Document::new())?;
    let all = |namespace: &str, filter: &Filter| -> Result<Vec<Document>, Failure> {
        let found = matches(documents, namespace, filter, usize::MAX)?;
        found.iter().map(Found::document).collect()
    };
    let mut joined = HashMap::new();
    for collection in pipeline.collections() {
        let namespace = format!("{}.{collection}", aggregate.database);
        joined.insert(collection, all(&namespace, &everything)?);
    }
    let filter = pipeline.leading_match().unwrap_or(&everything);
    let made = pipeline.run(all(&aggregate.namespace, filter)?, &mut |name| {
        Ok(joined.get(name).cloned().unwrap_or_default())
    })?;
    let made: Vec<_> = made.iter().map(raw).collect::<Result<_, _>>()?;
    found(made)
}

fn bounded(count: usize) -> Result<(), Failure> {
    if count > MOST_CHANGED {
        let message = format!(
            "{count} documents are more than one action can change at once, {MOST_CHANGED}"
        );
        return Err(Failure::bad_value(message));
    }
    Ok(())
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn crowded() -> Failure {
    Failure::new(
        500,
        "WriteConflict",
        "others changed the same documents again and again",
    )
}
