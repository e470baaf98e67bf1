//! The driver's errors, as the protocol says them.

use data_api_protocol::Failure;
use mongodb::error::{Error, ErrorKind, WriteFailure};

/// The names of the codes that writes fail with, for there the server leaves them out.
const NAMES: [(i32, &str); 17] = [
    (2, "BadValue"),
    (9, "FailedToParse"),
    (14, "TypeMismatch"),
    (28, "PathNotViable"),
    (40, "ConflictingUpdateOperators"),
    (52, "DollarPrefixedFieldName"),
    (54, "NotSingleValueField"),
    (55, "InvalidDBRef"),
    (56, "EmptyFieldName"),
    (57, "DottedFieldName"),
    (66, "ImmutableField"),
    (112, "WriteConflict"),
    (121, "DocumentFailedValidation"),
    (10334, "BSONObjectTooLarge"),
    (11000, "DuplicateKey"),
    (11001, "DuplicateKey"),
    (12582, "DuplicateKey"),
];

/// Codes of a server that is stopping, is not the primary just now, or has lost another; the same may work in a moment.
const AWAY: [i32; 17] = [
    6, 7, 24, 64, 89, 91, 112, 133, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435,
];

/// What a client is told of an error of the driver's.
pub fn of(error: &Error) -> Failure {
    match &*error.kind {
        ErrorKind::Command(error) => server(error.code, Some(&error.code_name), &error.message),
        ErrorKind::Write(WriteFailure::WriteError(error)) => {
            server(error.code, error.code_name.as_deref(), &error.message)
        }
        ErrorKind::InsertMany(errors) => match errors.write_errors.as_deref() {
            Some([error, ..]) => server(error.code, error.code_name.as_deref(), &error.message),
            _ => unconfirmed(),
        },
        ErrorKind::Write(_) => unconfirmed(),
        ErrorKind::InvalidArgument { message, .. } => Failure::bad_value(message),
        ErrorKind::Bson(error) => Failure::bad_value(error.to_string()),
        ErrorKind::ServerSelection { .. }
        | ErrorKind::Io(_)
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::DnsResolve { .. }
        | ErrorKind::Shutdown => away(),
        ErrorKind::Authentication { .. } => refused(),
        // Its text may hold what documents hold.
        other => Failure::internal(kind(other)),
    }
}

/// A server that is not there just now.
pub fn away() -> Failure {
    Failure::new(
        503,
        "ServiceUnavailable",
        "the database is away; try again in a moment",
    )
}

/// An action that took longer than it may.
pub fn late() -> Failure {
    let message = "the action took longer than it may; whether a write was done is not known";
    Failure::new(503, "MaxTimeMSExpired", message)
}

fn unconfirmed() -> Failure {
    let message = "the write was not confirmed by as many servers as it should be";
    Failure::new(503, "WriteConcernFailed", message)
}

fn refused() -> Failure {
    Failure::internal("the server refuses the credentials of the connection string")
}

fn server(code: i32, name: Option<&str>, message: &str) -> Failure {
    if AWAY.contains(&code) {
        return away();
    }
    match code {
        1 | 8 => return Failure::internal("the server had an internal error"),
        13 => {
            let message = "the gateway's own user may not do this at the server";
            return Failure::new(403, "Unauthorized", message);
        }
        18 => return refused(),
        _ => {}
    }
    let known = NAMES.iter().find(|(known, _)| *known == code);
    let name = match (known, name) {
        (Some((_, known)), _) => (*known).to_owned(),
        // As the server itself names those that have no name.
        (None, None | Some("")) => format!("Location{code}"),
        (None, Some(name)) => name.to_owned(),
    };
    Failure::new(400, name, message)
}

/// The kind of an error, without what it says.
fn kind(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidResponse { .. } => "the server's reply is not understood",
        ErrorKind::IncompatibleServer { .. } => "the server is too old, or does not offer it",
        ErrorKind::InvalidTlsConfig { .. } => "TLS to the server can't be had",
        ErrorKind::SessionsNotSupported => "the server has no sessions",
        _ => "the driver failed",
    }
}
