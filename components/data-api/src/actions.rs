//! The actions of the protocol, a function each. Each is atomic on its own: it reads, works out what is to change, and writes
//! in one statement that does nothing where anything it read has changed meanwhile; then it begins again.

use bson::{DateTime, Document, RawArrayBuf, RawBson, RawDocumentBuf, doc, rawdoc};
use mql::{Filter, Pipeline, Projection, Sort, Update};

use crate::{
    database::Database,
    protocol::{Body, Failure, whole, with_id},
    store::{Row, Store},
};

/// How often an action begins again. Each time another one succeeded, so only a great crowd on one document comes to this.
const ATTEMPTS: usize = 1000;

/// The most documents that one action changes, for SQLite takes no more parameters than 32,766.
const MOST_CHANGED: usize = 8000;

/// The status of an answer, and its body.
pub type Answer = Result<(u16, RawDocumentBuf), Failure>;

/// Carries out the action of this name.
///
/// # Errors
/// 404 for an action there is not, 400 for a request that makes no sense.
pub fn run<D: Database>(name: &str, body: &Body, store: &Store<D>) -> Answer {
    match name {
        "findOne" => find_one(body, store),
        "find" => find(body, store),
        "insertOne" => insert_one(body, store),
        "insertMany" => insert_many(body, store),
        "updateOne" => update(body, store, 1),
        "updateMany" => update(body, store, usize::MAX),
        "deleteOne" => delete(body, store, 1),
        "deleteMany" => delete(body, store, usize::MAX),
        "aggregate" => aggregate(body, store),
        _ => Err(Failure::new(
            404,
            "InvalidAction",
            format!("there is no action {name}"),
        )),
    }
}

fn find_one<D: Database>(body: &Body, store: &Store<D>) -> Answer {
    let document = select(body, store, Some(1))?.pop();
    let document = document.map_or(RawBson::Null, RawBson::Document);
    Ok((200, rawdoc! {"document": document}))
}

fn find<D: Database>(body: &Body, store: &Store<D>) -> Answer {
    // A limit of zero is none, as in MongoDB.
    let limit = body.number("limit")?.filter(|limit| *limit > 0);
    found(select(body, store, limit)?)
}

fn found(documents: impl IntoIterator<Item = RawDocumentBuf>) -> Answer {
    let documents = RawArrayBuf::from_iter(documents);
    Ok((200, rawdoc! {"documents": documents}))
}

/// The documents a query means, in its order, and only the fields it wants.
fn select<D: Database>(
    body: &Body,
    store: &Store<D>,
    limit: Option<usize>,
) -> Result<Vec<RawDocumentBuf>, Failure> {
    let namespace = body.namespace()?;
    let filter = Filter::parse(&body.document("filter")?)?;
    let projection = body.document("projection")?;
    let projection = (!projection.is_empty())
        .then(|| Projection::parse(&projection))
        .transpose()?;
    let sort = Sort::parse(&body.document("sort")?)?;
    let skip = body.number("skip")?.unwrap_or(0);
    let limit = limit.unwrap_or(usize::MAX);
    let rows = match natural(&sort) {
        Some(descending) => store.find(&namespace, &filter, descending, skip, limit)?,
        None => {
            let rows = store.find(&namespace, &filter, false, 0, usize::MAX)?;
            sorted(rows, &sort)?.skip(skip).take(limit).collect()
        }
    };
    let documents = rows.into_iter().map(|row| row.body);
    let Some(projection) = projection else {
        return Ok(documents.collect());
    };
    documents
        .map(|document| raw(&projection.apply(&whole(&document)?)))
        .collect()
}

fn sorted(rows: Vec<Row>, sort: &Sort) -> Result<impl Iterator<Item = Row>, Failure> {
    let mut rows = rows
        .into_iter()
        .map(|row| Ok((whole(&row.body)?, row)))
        .collect::<Result<Vec<_>, Failure>>()?;
    rows.sort_by(|(left, _), (right, _)| sort.compare(left, right));
    Ok(rows.into_iter().map(|(_, row)| row))
}

fn raw(document: &Document) -> Result<RawDocumentBuf, Failure> {
    RawDocumentBuf::try_from(document)
        .map_err(|error| Failure::bad_value(format!("the document is no BSON: {error}")))
}

/// Whether a sort is along `_id`, in which the rows are read anyhow, and in which direction.
fn natural(sort: &Sort) -> Option<bool> {
    match sort.fields().collect::<Vec<_>>().as_slice() {
        [] => Some(false),
        [("_id", ascending), ..] => Some(!ascending),
        _ => None,
    }
}

fn insert_one<D: Database>(body: &Body, store: &Store<D>) -> Answer {
    let document = with_id(body.required_document("document")?)?;
    let answer = doc! {"insertedId": document.get("_id").cloned()};
    store.insert(&body.namespace()?, &[document])?;
    Ok((201, raw(&answer)?))
}

fn insert_many<D: Database>(body: &Body, store: &Store<D>) -> Answer {
    let documents = body.documents("documents")?;
    if documents.is_empty() {
        return Err(Failure::new(
            400,
            "InvalidParameter",
            "documents: give at least one",
        ));
    }
    bounded(documents.len())?;
    let documents = documents
        .into_iter()
        .map(with_id)
        .collect::<Result<Vec<_>, _>>()?;
    store.insert(&body.namespace()?, &documents)?;
    let ids: Vec<_> = documents
        .iter()
        .filter_map(|document| document.get("_id").cloned())
        .collect();
    Ok((201, raw(&doc! {"insertedIds": ids})?))
}

fn update<D: Database>(body: &Body, store: &Store<D>, most: usize) -> Answer {
    let namespace = body.namespace()?;
    let filter = Filter::parse(&body.required_document("filter")?)?;
    let update = Update::parse(&body.required_document("update")?)?;
    if update.is_replacement() && most > 1 {
        return Err(Failure::new(
            400,
            "FailedToParse",
            "updateMany takes operators, not a replacement",
        ));
    }
    let upsert = body.upsert()?;
    for _ in 0..ATTEMPTS {
        let now = DateTime::now();
        let rows = store.find(&namespace, &filter, false, 0, most)?;
        if rows.is_empty() {
            if !upsert {
                return Ok((200, raw(&updated(0, 0))?));
            }
            let document = with_id(update.upsert(&filter, now)?)?;
            let id = document.get("_id").cloned();
            match store.insert(&namespace, &[document]) {
                // Somebody else has just put one there that the filter may mean.
                Err(failure)
                    if failure.code == "DuplicateKey"
                        && !store.find(&namespace, &filter, false, 0, 1)?.is_empty() => {}
                result => {
                    result?;
                    let mut answer = updated(0, 0);
                    answer.insert("upsertedId", id);
                    return Ok((200, raw(&answer)?));
                }
            }
            continue;
        }
        let matched = rows.len();
        let changes = changes(rows, &update, now)?;
        bounded(changes.len())?;
        if changes.is_empty() || store.replace(&namespace, &changes)? {
            return Ok((200, raw(&updated(matched, changes.len()))?));
        }
    }
    Err(crowded())
}

/// What an update makes of rows, without those it leaves as they are.
fn changes(
    rows: Vec<Row>,
    update: &Update,
    now: DateTime,
) -> Result<Vec<(Row, Document)>, Failure> {
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        let mut document = whole(&row.body)?;
        if update.apply(&mut document, now)? {
            changes.push((row, document));
        }
    }
    Ok(changes)
}

fn updated(matched: usize, modified: usize) -> Document {
    doc! {"matchedCount": count(matched), "modifiedCount": count(modified)}
}

fn delete<D: Database>(body: &Body, store: &Store<D>, most: usize) -> Answer {
    let namespace = body.namespace()?;
    let filter = Filter::parse(&body.required_document("filter")?)?;
    for _ in 0..ATTEMPTS {
        let rows = store.find(&namespace, &filter, false, 0, most)?;
        bounded(rows.len())?;
        if rows.is_empty() || store.remove(&namespace, &rows)? {
            return Ok((200, rawdoc! {"deletedCount": count(rows.len())}));
        }
    }
    Err(crowded())
}

fn aggregate<D: Database>(body: &Body, store: &Store<D>) -> Answer {
    let namespace = body.namespace()?;
    let pipeline = Pipeline::parse(&body.documents("pipeline")?)?;
    let everything = Filter::parse(&Document::new())?;
    let all = |namespace: &str, filter: &Filter| -> Result<Vec<Document>, Failure> {
        let rows = store.find(namespace, filter, false, 0, usize::MAX)?;
        rows.iter().map(|row| whole(&row.body)).collect()
    };
    let mut joined = std::collections::HashMap::new();
    for collection in pipeline.collections() {
        joined.insert(
            collection,
            all(&body.namespace_of(collection)?, &everything)?,
        );
    }
    let documents = all(&namespace, pipeline.leading_match().unwrap_or(&everything))?;
    let documents = pipeline.run(documents, &mut |name| {
        Ok(joined.get(name).cloned().unwrap_or_default())
    })?;
    let documents: Vec<_> = documents.iter().map(raw).collect::<Result<_, _>>()?;
    found(documents)
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
