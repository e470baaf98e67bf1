//! The actions that read.

use std::time::Duration;

use bson::{Document, RawBson, rawdoc};
use data_api_protocol::{Body, Failure};
use futures::TryStreamExt as _;
use mongodb::options::{AggregateOptions, FindOptions};

use super::{Answer, Bounds, Documents, Raw, extras::Extras, within};

/// How many documents the server gives at once: enough for its round trips to be few, and no more than memory is there for.
const BATCH: u32 = 1000;

pub async fn find_one(collection: &Raw, mut body: Body, bounds: Bounds) -> Result<Answer, Failure> {
    // One batch of one document.
    let (filter, options, patience) = query(&mut body, -1, bounds)?;
    let first = async {
        let mut cursor = collection.find(filter).with_options(options).await?;
        cursor.try_next().await
    };
    let document = within(patience, first).await?;
    let document = document.map_or(RawBson::Null, RawBson::Document);
    Ok(Answer::Whole(200, rawdoc! {"document": document}))
}

pub async fn find(collection: &Raw, mut body: Body, bounds: Bounds) -> Result<Answer, Failure> {
    let limit = limit(body.number("limit")?, bounds)?;
    let (filter, mut options, patience) = query(&mut body, limit, bounds)?;
    options.batch_size = Some(BATCH);
    let asked = collection.find(filter).with_options(options);
    let cursor = within(patience, asked.batch()).await?;
    let documents = Documents::begin(cursor, bounds).await?;
    Ok(Answer::Documents(Box::new(documents)))
}

/// What a query asks for, and how long its answer is waited for.
fn query(
    body: &mut Body,
    limit: i64,
    bounds: Bounds,
) -> Result<(Document, FindOptions, Duration), Failure> {
    let extras = Extras::take(body, bounds)?;
    let patience = extras.patience();
    let mut options = FindOptions::default();
    options.projection = body.document("projection")?;
    options.sort = body.document("sort")?;
    options.skip = body.number("skip")?.map(|skip| skip as u64);
    options.limit = Some(limit);
    options.collation = extras.collation;
    options.hint = extras.hint;
    options.let_vars = extras.let_vars;
    options.comment = extras.comment;
    options.max_time = Some(extras.time);
    let filter = body.document("filter")?.unwrap_or_default();
    Ok((filter, options, patience))
}

pub async fn aggregate(
    collection: &Raw,
    mut body: Body,
    bounds: Bounds,
) -> Result<Answer, Failure> {
    let extras = Extras::take(&mut body, bounds)?;
    let patience = extras.patience();
    let mut options = AggregateOptions::default();
    options.batch_size = Some(BATCH);
    options.collation = extras.collation;
    options.hint = extras.hint;
    options.let_vars = extras.let_vars;
    options.comment = extras.comment;
    options.max_time = Some(extras.time);
    let pipeline = body.documents("pipeline")?;
    let asked = collection.aggregate(pipeline).with_options(options);
    let cursor = within(patience, asked.batch()).await?;
    let documents = Documents::begin(cursor, bounds).await?;
    Ok(Answer::Documents(Box::new(documents)))
}

/// What the server is to give at the most. Who sets no limit gets all there is; one more than may be in an answer tells that there
/// are too many.
fn limit(wanted: Option<usize>, bounds: Bounds) -> Result<i64, Failure> {
    let most = i64::from(bounds.documents);
    match wanted {
        None | Some(0) => Ok(most + 1),
        Some(wanted) => match i64::try_from(wanted) {
            Ok(wanted) if wanted <= most => Ok(wanted),
            _ => Err(Failure::invalid(format!(
                "limit: an answer has {most} documents at the most"
            ))),
        },
    }
}
