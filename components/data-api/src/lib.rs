//! The embedded Data API: MongoDB's protocol over Spin's SQLite, for machines that have no other storage.
//!
//! - `store`: documents as rows
//! - `find`: which of them a query means, along a plan
//! - `walk`: the statements that read rows in the order of an index
//! - `schema`: the tables
//! - `database`: SQL, one statement at a time

mod database;
mod find;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod walk;

use data_api_protocol::{Failure, answer};
use database::SpinDatabase;
use door::{IncomingRequest, Refused, ResponseOutparam, Trace, log};
use spin_sdk::http_component;
use store::Store;

/// The largest body, in bytes: a document of MongoDB's largest size, as JSON.
const BODY_LIMIT: usize = 24 * 1024 * 1024;

#[http_component]
async fn data_api(request: IncomingRequest, out: ResponseOutparam) {
    let answered = match door::receive(request, BODY_LIMIT).await {
        Ok(request) => {
            log::begin("data-api", &Trace::of(request.headers()).request_id);
            answer(&request, || Ok(Store::new(SpinDatabase::open()?)))
        }
        Err(Refused {
            reason, headers, ..
        }) => {
            log::begin("data-api", &Trace::of(&headers).request_id);
            let status = reason.status().as_u16();
            Err(Failure::new(status, "InvalidParameter", reason.to_string()))
        }
    };
    let response = answered.unwrap_or_else(|failure| {
        if failure.status >= 500 {
            log::error(&failure.message);
        }
        failure.response()
    });
    door::respond(out, response).await;
}
