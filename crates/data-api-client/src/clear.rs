//! What is over is cleared away, a little at a time.

use bson::{Document, doc};
use door::{Transport, log};

use crate::{Documents, Error, Find};

/// How many documents are cleared away at once: more than a request leaves behind.
const PORTION: u32 = 20;

impl<T: Transport> Documents<T> {
    /// Removes a portion of what matches: beside a write, so that a collection does not grow for ever. Nobody's answer depends on
    /// it, so that it could not be done is for the log alone.
    pub async fn clear(&self, over: Document) {
        if let Err(error) = self.idempotent().clear_portion(over).await {
            let name = self.name;
            log::warn(&format!("what is over in {name} is cleared later: {error}"));
        }
    }

    async fn clear_portion(&self, over: Document) -> Result<(), Error> {
        let portion = Find::filter(over.clone()).limit(PORTION);
        let found = self
            .find_documents(portion.projection(doc! {"_id": 1}))
            .await?;
        let ids: Vec<_> = found.iter().filter_map(|one| one.get("_id")).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut filter = over;
        filter.insert("_id", doc! {"$in": ids});
        self.delete_many(filter).await.map(drop)
    }
}
