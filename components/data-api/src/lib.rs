//! The embedded Data API: MongoDB's protocol over Spin's SQLite, for machines that have no other storage.
//!
//! - `store`: documents as rows
//! - `walk`: the statements that read rows in the order of an index
//! - `schema`: the tables
//! - `database`: SQL, one statement at a time

mod database;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod walk;

use data_api_protocol::{Failure, answer};
use database::SpinDatabase;
use service::{entry, log};
use spin_sdk::{
    http::{IncomingRequest, ResponseOutparam},
    http_component,
};
use store::Store;

/// The largest body, in bytes: a document of MongoDB's largest size, as JSON.
const BODY_LIMIT: usize = 24 * 1024 * 1024;

#[http_component]
async fn data_api(request: IncomingRequest, out: ResponseOutparam) {
    let answered = match entry::receive(request, BODY_LIMIT).await {
        Ok(request) => {
            log::begin("data-api", &service::request_id(request.headers()));
            answer(&request, || Ok(Store::new(SpinDatabase::open()?)))
        }
        Err(refused) => {
            let status = refused.problem.status.as_u16();
            Err(Failure::new(
                status,
                "InvalidParameter",
                refused.problem.detail,
            ))
        }
    };
    let response = answered.unwrap_or_else(|failure| {
        if failure.status >= 500 {
            log::error(&failure.message);
        }
        failure.response()
    });
    entry::respond(out, response).await;
}
