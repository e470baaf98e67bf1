//! What a cursor gives, batch by batch: between two batches it holds no connection of the pool.

use bson::RawArray;
use data_api_protocol::Failure;
use futures::StreamExt as _;
use mongodb::raw_batch_cursor::{RawBatch, RawBatchCursor};

use super::{Bounds, within};
use crate::failure;

/// Documents from a cursor. Dropped before its end, it ends the cursor at the server.
pub struct Documents {
    cursor: RawBatchCursor,
    bounds: Bounds,
    /// The batch that came last, where it is not given yet.
    batch: Option<RawBatch>,
    /// How many have come.
    count: usize,
}

impl Documents {
    /// Those of a cursor, of which the first batch is there: what the server refuses, it refuses here.
    ///
    /// # Errors
    /// A cursor that fails.
    pub async fn begin(cursor: RawBatchCursor, bounds: Bounds) -> Result<Self, Failure> {
        let mut documents = Self {
            cursor,
            bounds,
            batch: None,
            count: 0,
        };
        documents.batch = documents.ask().await?;
        Ok(documents)
    }

    /// The next batch; none at the end.
    ///
    /// # Errors
    /// A cursor that fails, and more documents than there may be.
    pub async fn next(&mut self) -> Result<Option<RawBatch>, Failure> {
        match self.batch.take() {
            None => self.ask().await,
            batch => Ok(batch),
        }
    }

    async fn ask(&mut self) -> Result<Option<RawBatch>, Failure> {
        let next = async { self.cursor.next().await.transpose() };
        let Some(batch) = within(self.bounds.time, next).await? else {
            return Ok(None);
        };
        self.count += slices(&batch)?.into_iter().count();
        if self.count > self.bounds.documents as usize {
            let most = self.bounds.documents;
            let message = format!(
                "there are more than {most} documents, the most in an answer: give a limit"
            );
            return Err(Failure::bad_value(message));
        }
        Ok(Some(batch))
    }
}

/// The documents of a batch.
///
/// # Errors
/// A reply that is none.
pub fn slices(batch: &RawBatch) -> Result<&RawArray, Failure> {
    batch.doc_slices().map_err(|error| failure::of(&error))
}

/// Whether a batch is the cursor's last.
pub fn is_last(batch: &RawBatch) -> bool {
    let cursor = batch.as_raw_document().get_document("cursor");
    cursor
        .and_then(|cursor| cursor.get_i64("id"))
        .is_ok_and(|id| id == 0)
}
