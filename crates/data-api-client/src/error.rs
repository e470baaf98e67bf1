//! What can go wrong, told apart by what a caller can do about it.

use std::time::Duration;

/// A failure of storage. No variant ever holds a secret; the texts are for the operator's log, not for a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A document with this `_id` is there already, and it is not the one that this call inserted.
    #[error("a document with this _id exists already")]
    DuplicateKey,
    /// Storage understood the request and will not do it: a fault of the request, or of the configuration.
    #[error("storage refused the request ({status} {code}): {message}")]
    Refused {
        /// The HTTP status of the answer.
        status: u16,
        /// The server's `error_code`, empty when it gave none.
        code: String,
        /// The server's `error`, or for refused credentials what to look at.
        message: String,
    },
    /// Storage gave no answer, or said that it cannot serve just now, and kept to it for as long as was tried.
    #[error("storage is not available: {reason}")]
    Unavailable {
        /// What was seen last.
        reason: String,
        /// How long storage itself asked us to wait.
        retry_after: Option<Duration>,
    },
    /// Others kept changing the same document for as long as was tried.
    #[error("others keep changing the same")]
    Busy,
    /// A document is not in the shape that it is read in.
    #[error("the document {id} of {collection} is not in the shape: {reason}; run `cinema adopt`")]
    Shape {
        /// The collection.
        collection: &'static str,
        /// The document's `_id`.
        id: String,
        /// The field, and what is wrong with it.
        reason: String,
    },
    /// The answer is not one of the protocol's. Is the address that of a Data API?
    #[error("storage gave an answer that is not the Data API's: {0}")]
    Malformed(String),
}

impl Error {
    /// The `code` of [`Error::Refused`] when storage does not accept our credentials.
    pub const CREDENTIALS: &'static str = "InvalidCredentials";

    /// Whether storage gave up, since too many documents would have to be looked through.
    pub fn is_too_wide(&self) -> bool {
        matches!(self, Error::Refused { code, .. } if code == "MaxTimeMSExpired")
    }

    /// Whether storage does not accept our credentials: the operator's to mend, and no fault of the request.
    pub fn is_credentials(&self) -> bool {
        matches!(self, Error::Refused { code, .. } if code == Self::CREDENTIALS)
    }
}
