//! Between HTTP and the actions.

use bson::RawDocument;
use http::{Method, Request, Response};

use crate::{Action, Body, Dialect, Documents, Failure, actions, failure::response, json::Format};

/// The action that a request is for.
///
/// # Errors
/// A path that names none, or a method that is not POST.
pub fn action<B>(request: &Request<B>) -> Result<Action, Failure> {
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
    Ok(action)
}

/// The answer to a request; `open` gives the documents, once the request is known to be for an action.
///
/// # Errors
/// Why it is not carried out, which [`Failure::response`] tells the client.
pub fn answer<D: Documents>(
    request: &Request<Vec<u8>>,
    open: impl FnOnce() -> Result<D, Failure>,
) -> Result<Response<Vec<u8>>, Failure> {
    let body = Body::parse(action(request)?, Dialect::Atlas, request.body())?;
    let (status, body) = actions::run(body, &open()?)?;
    success(status, &body, Format::of(request.headers()))
}

/// An answer in the form asked for.
fn success(status: u16, body: &RawDocument, format: Format) -> Result<Response<Vec<u8>>, Failure> {
    let mut text = Vec::new();
    format.write(body, &mut text).map_err(Failure::damaged)?;
    Ok(response(status, text, format.media_type()))
}
