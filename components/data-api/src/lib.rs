//! The embedded Data API: MongoDB's protocol over Spin's SQLite, for machines that have no other storage.
//!
//! - `protocol`, `relaxed`: requests and answers, and their Extended JSON
//! - `actions`: what each action does
//! - `plan`: which rows a filter needs looked at
//! - `store`, `schema`, `key`: documents as rows
//! - `database`: SQL, one statement at a time

mod actions;
mod database;
mod key;
mod plan;
mod protocol;
mod relaxed;
mod schema;
mod store;
#[cfg(test)]
mod tests;

use database::SpinDatabase;
use door::{IncomingRequest, Refused, ResponseOutparam, Trace, log};
use http::{Method, Request, Response, header};
use protocol::{Body, Failure, success};
use spin_sdk::http_component;
use store::Store;

/// The largest body, in bytes: a document of MongoDB's largest size, as JSON.
const BODY_LIMIT: usize = 24 * 1024 * 1024;

#[http_component]
async fn data_api(request: IncomingRequest, out: ResponseOutparam) {
    let response = match door::receive(request, BODY_LIMIT).await {
        Ok(request) => {
            log::begin("data-api", &Trace::of(request.headers()).request_id);
            answer(&request, || Ok(Store::new(SpinDatabase::open()?)))
        }
        Err(Refused { reason, .. }) => {
            let status = reason.status().as_u16();
            Failure::new(status, "InvalidParameter", reason.to_string()).response()
        }
    };
    door::respond(out, response).await;
}

/// The answer to a request; `open` is called once it is known to be for an action.
fn answer<D: database::Database>(
    request: &Request<Vec<u8>>,
    open: impl FnOnce() -> Result<Store<D>, Failure>,
) -> Response<Vec<u8>> {
    let accepts = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    let canonical = accepts.contains("application/ejson");
    let act = || {
        let name = request
            .uri()
            .path()
            .rsplit_once("/action/")
            .map(|(_, name)| name)
            .ok_or_else(|| {
                Failure::new(
                    404,
                    "InvalidAction",
                    "the path has to end in /action/ and a name",
                )
            })?;
        if request.method() != Method::POST {
            return Err(Failure::new(
                405,
                "InvalidMethod",
                "actions are sent by POST",
            ));
        }
        let body = Body::parse(request.body())?;
        actions::run(name, &body, &open()?)
    };
    act()
        .and_then(|(status, body)| success(status, &body, canonical))
        .unwrap_or_else(|failure| failure.response())
}
