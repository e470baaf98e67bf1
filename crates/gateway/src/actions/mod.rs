//! What each action asks of the server. Filters, updates and pipelines go to it as they are.
//!
//! - `reads`, `writes`: the actions
//! - `extras`: the parameters that Atlas did not have
//! - [`Documents`]: what a cursor gives, batch by batch

mod documents;
mod extras;
mod reads;
mod writes;

use std::time::Duration;

use bson::RawDocumentBuf;
use data_api_protocol::{Action, Body, Failure, Namespace};
use mongodb::{Client, Collection};

pub use documents::{Documents, is_last, slices};

use crate::failure;

/// How much of a server an action may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most documents in an answer.
    pub documents: u32,
    /// The longest time.
    pub time: Duration,
}

/// An action's answer.
pub enum Answer {
    /// All of it, with its status.
    Whole(u16, RawDocumentBuf),
    /// Documents, of which the first have come.
    Documents(Box<Documents>),
}

/// An action's collection, of whose documents nothing is known.
type Raw = Collection<RawDocumentBuf>;

/// Carries out the action that a body is for.
///
/// # Errors
/// Parameters that are none, and what the server refuses.
pub async fn run(
    client: &Client,
    namespace: &Namespace,
    body: Body,
    bounds: Bounds,
) -> Result<Answer, Failure> {
    let collection = client
        .database(&namespace.database)
        .collection(&namespace.collection);
    match body.action {
        Action::FindOne => reads::find_one(&collection, body, bounds).await,
        Action::Find => reads::find(&collection, body, bounds).await,
        Action::Aggregate => reads::aggregate(&collection, body, bounds).await,
        Action::InsertOne | Action::InsertMany => writes::insert(&collection, body, bounds).await,
        Action::UpdateOne | Action::UpdateMany => writes::update(&collection, body, bounds).await,
        Action::DeleteOne | Action::DeleteMany => writes::delete(&collection, body, bounds).await,
    }
}

/// What the driver gives, where it does so in time.
async fn within<T>(
    time: Duration,
    asked: impl IntoFuture<Output = mongodb::error::Result<T>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(time, asked.into_future()).await {
        Ok(Ok(given)) => Ok(given),
        Ok(Err(error)) => Err(failure::of(&error)),
        Err(_) => Err(failure::late()),
    }
}
