//! Between HTTP and the actions.

use bson::RawDocument;
use http::{Method, Request, Response, header};

use crate::{Action, Documents, Failure, actions, failure::response, json, request::Body};

/// The answer to a request; `open` gives the documents, once the request is known to be for an action.
///
/// # Errors
/// Why it is not carried out, which [`Failure::response`] tells the client.
pub fn answer<D: Documents>(
    request: &Request<Vec<u8>>,
    open: impl FnOnce() -> Result<D, Failure>,
) -> Result<Response<Vec<u8>>, Failure> {
    let action = Action::of(request.uri().path()).map_err(|name| {
        let message = match name {
            "" => "the path has to end in /action/ and a name".to_owned(),
            name => format!("there is no action {name}"),
        };
        Failure::new(404, "InvalidAction", message)
    })?;
    if request.method() != Method::POST {
        return Err(Failure::new(
            405,
            "InvalidMethod",
            "actions are sent by POST",
        ));
    }
    let body = Body::parse(action, request.body())?;
    let (status, body) = actions::run(body, &open()?)?;
    let accepts = request.headers().get(header::ACCEPT);
    let accepts = accepts.and_then(|accept| accept.to_str().ok());
    success(
        status,
        &body,
        accepts.is_some_and(|accept| accept.contains("application/ejson")),
    )
}

/// An answer in the form asked for: relaxed Extended JSON, or canonical.
fn success(status: u16, body: &RawDocument, canonical: bool) -> Result<Response<Vec<u8>>, Failure> {
    if canonical {
        let body = bson::Bson::Document(body.try_into().map_err(Failure::damaged)?);
        let body = body.into_canonical_extjson().to_string();
        return Ok(response(status, body.into_bytes(), "application/ejson"));
    }
    let body = serde_json::to_vec(&json::Relaxed(body)).map_err(Failure::damaged)?;
    Ok(response(status, body, "application/json"))
}
