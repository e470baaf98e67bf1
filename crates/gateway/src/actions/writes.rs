//! The actions that write.

use bson::{Bson, Document, RawDocumentBuf, doc};
use data_api_protocol::{Action, Body, Failure};
use mongodb::{
    Collection,
    options::{DeleteOptions, InsertManyOptions, InsertOneOptions, UpdateOptions},
    results::UpdateResult,
};

use super::{Answer, Bounds, Raw, extras::Extras, within};

pub async fn insert(collection: &Raw, mut body: Body, bounds: Bounds) -> Result<Answer, Failure> {
    let extras = Extras::take(&mut body, bounds)?;
    let mut documents = body.inserted()?;
    let ids: Vec<_> = documents
        .iter()
        .filter_map(|document| document.get("_id").cloned())
        .collect();
    let collection: Collection<Document> = collection.clone_with_type();
    let answer = if body.action == Action::InsertOne {
        let mut options = InsertOneOptions::default();
        options.comment = extras.comment;
        let asked = collection
            .insert_one(documents.remove(0))
            .with_options(options);
        within(extras.time, asked).await?;
        doc! {"insertedId": ids.into_iter().next()}
    } else {
        let mut options = InsertManyOptions::default();
        options.comment = extras.comment;
        within(
            extras.time,
            collection.insert_many(documents).with_options(options),
        )
        .await?;
        doc! {"insertedIds": ids}
    };
    whole(201, &answer)
}

pub async fn update(collection: &Raw, mut body: Body, bounds: Bounds) -> Result<Answer, Failure> {
    let extras = Extras::take(&mut body, bounds)?;
    let mut options = UpdateOptions::default();
    options.upsert = body.flag("upsert")?;
    options.sort = body.document("sort")?;
    options.array_filters = match body.left().get("arrayFilters") {
        Some(_) => Some(body.documents("arrayFilters")?),
        None => None,
    };
    options.collation = extras.collation;
    options.hint = extras.hint;
    options.let_vars = extras.let_vars;
    options.comment = extras.comment;
    let filter = body.required("filter")?;
    let update = operators(body.required("update")?)?;
    let updated = if body.action == Action::UpdateOne {
        within(
            extras.time,
            collection.update_one(filter, update).with_options(options),
        )
        .await?
    } else {
        within(
            extras.time,
            collection.update_many(filter, update).with_options(options),
        )
        .await?
    };
    whole(200, &counts(updated))
}

pub async fn delete(collection: &Raw, mut body: Body, bounds: Bounds) -> Result<Answer, Failure> {
    let extras = Extras::take(&mut body, bounds)?;
    let mut options = DeleteOptions::default();
    options.collation = extras.collation;
    options.hint = extras.hint;
    options.let_vars = extras.let_vars;
    options.comment = extras.comment;
    let filter = body.required("filter")?;
    let deleted = if body.action == Action::DeleteOne {
        within(
            extras.time,
            collection.delete_one(filter).with_options(options),
        )
        .await?
    } else {
        within(
            extras.time,
            collection.delete_many(filter).with_options(options),
        )
        .await?
    };
    whole(200, &doc! {"deletedCount": count(deleted.deleted_count)})
}

/// An update without operators would replace the document, which is no action of the Data API.
fn operators(update: Document) -> Result<Document, Failure> {
    if update.is_empty() || !update.keys().all(|name| name.starts_with('$')) {
        let message = "update: give operators, such as $set, and nothing else";
        return Err(Failure::new(400, "FailedToParse", message));
    }
    Ok(update)
}

/// Of an upsert the server says that one matched; Atlas, as the drivers, that none did.
fn counts(updated: UpdateResult) -> Document {
    let mut answer = doc! {
        "matchedCount": count(updated.matched_count),
        "modifiedCount": count(updated.modified_count),
    };
    if let Some(id) = updated.upserted_id {
        answer.insert("upsertedId", id);
    }
    answer
}

fn count(count: u64) -> Bson {
    Bson::Int64(i64::try_from(count).unwrap_or(i64::MAX))
}

fn whole(status: u16, answer: &Document) -> Result<Answer, Failure> {
    let raw = RawDocumentBuf::try_from(answer);
    let raw = raw.map_err(|error| Failure::internal(error.to_string()))?;
    Ok(Answer::Whole(status, raw))
}
