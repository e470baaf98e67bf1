//! The requests that are at work: no more than the settings say.

use std::{sync::Arc, time::Duration};

use data_api_protocol::Failure;
use http::HeaderValue;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::metrics::Metrics;

/// How long a request waits for a place.
const QUEUE: Duration = Duration::from_secs(1);

/// The places among the requests at work.
pub struct Places(Arc<Semaphore>);

/// A place among them, until the last of an answer is sent.
pub struct Place {
    id: HeaderValue,
    metrics: Metrics,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// So many.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// A place for the request of this name.
    ///
    /// # Errors
    /// None, for all are taken.
    pub async fn take(&self, id: &HeaderValue, metrics: &Metrics) -> Result<Place, Failure> {
        match timeout(QUEUE, Arc::clone(&self.0).acquire_owned()).await {
            Ok(Ok(permit)) => {
                metrics.working.inc();
                Ok(Place {
                    id: id.clone(),
                    metrics: metrics.clone(),
                    _permit: permit,
                })
            }
            _ => {
                let message = "too many requests are at work just now; try again in a moment";
                Err(Failure::new(503, "ServiceUnavailable", message))
            }
        }
    }
}

impl Place {
    /// The name of the request.
    pub fn id(&self) -> &str {
        self.id.to_str().unwrap_or("-")
    }

    /// Counts documents that were given.
    pub fn counted(&self, documents: u64) {
        self.metrics.documents.inc_by(documents);
    }

    /// Counts an answer that is not whole.
    pub fn cut(&self) {
        self.metrics.cut.inc();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.metrics.working.dec();
    }
}
