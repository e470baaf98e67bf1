//! Errors as the protocol says them.

use std::borrow::Cow;

use http::{HeaderValue, Response, StatusCode, header};

/// A request that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// MongoDB's name for the kind of error.
    pub code: Cow<'static, str>,
    /// What is wrong.
    pub message: String,
}

impl Failure {
    /// Any failure.
    pub fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
        }
    }

    /// A request that is not written as the protocol has it.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameter", message)
    }

    /// A request that makes no sense.
    pub fn bad_value(message: impl Into<String>) -> Self {
        Self::new(400, "BadValue", message)
    }

    /// A document whose `_id` is taken.
    pub fn duplicate(namespace: &str) -> Self {
        let message = format!("E11000 duplicate key error collection: {namespace} index: _id_");
        Self::new(400, "DuplicateKey", message)
    }

    /// A search that no index answers, among more documents than are looked through for one.
    pub fn too_wide(most: usize) -> Self {
        let message =
            format!("no index answers this search, and {most} documents were looked through");
        Self::new(400, "MaxTimeMSExpired", message)
    }

    /// A bug of ours, or a database that fails: its message is for the log, not for the client.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "InternalError", message)
    }

    /// A stored document that can't be read.
    pub fn damaged(error: impl std::fmt::Display) -> Self {
        Self::internal(format!("a stored document is damaged: {error}"))
    }

    /// The failure as the protocol writes it.
    pub fn response(&self) -> Response<Vec<u8>> {
        let message = if self.status == 500 {
            "the database failed"
        } else {
            &self.message
        };
        let body = serde_json::json!({"error": message, "error_code": self.code});
        response(
            self.status,
            body.to_string().into_bytes(),
            "application/json",
        )
    }
}

impl From<mql::Error> for Failure {
    fn from(error: mql::Error) -> Self {
        Self::new(400, error.code.name(), error.message)
    }
}

/// An answer of the protocol.
pub(crate) fn response(status: u16, body: Vec<u8>, media: &'static str) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}
