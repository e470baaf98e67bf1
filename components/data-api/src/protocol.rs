//! The protocol's requests and answers, in Extended JSON.

use bson::{Bson, Document, RawDocument, oid::ObjectId};
use http::{HeaderValue, Response, StatusCode, header};

use crate::{database::SqlError, relaxed::Relaxed};

/// A request that is not carried out, as the protocol says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// MongoDB's name for the kind of error.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl Failure {
    /// Any failure.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
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

    /// A bug of ours, or a database that fails; the log has the message, the client does not.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "InternalError", message)
    }

    /// The failure as the protocol writes it.
    pub fn response(&self) -> Response<Vec<u8>> {
        let message = if self.status >= 500 {
            door::log::error(&self.message);
            "the database failed"
        } else {
            &self.message
        };
        let body = serde_json::json!({"error": message, "error_code": self.code});
        answer(
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

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        Self::internal(error.0)
    }
}

/// The body of an action, field by field.
#[derive(Debug)]
pub struct Body(Document);

impl Body {
    /// Reads Extended JSON, relaxed or canonical.
    ///
    /// # Errors
    /// What is no JSON, no Extended JSON, or no object.
    pub fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| {
            Failure::new(
                400,
                "InvalidParameter",
                format!("the body is not valid JSON: {error}"),
            )
        })?;
        match Bson::try_from(value) {
            Ok(Bson::Document(body)) => Ok(Self(body)),
            Ok(_) => Err(Failure::new(
                400,
                "InvalidParameter",
                "the body has to be an object",
            )),
            Err(error) => Err(Failure::new(
                400,
                "InvalidParameter",
                format!("the body is not Extended JSON: {error}"),
            )),
        }
    }

    /// `database.collection`.
    pub fn namespace(&self) -> Result<String, Failure> {
        let database = self.name("database")?;
        if database.contains('.') {
            return Err(Failure::bad_value("database: a name has no dots"));
        }
        Ok(format!("{database}.{}", self.name("collection")?))
    }

    /// The namespace of another collection of the same database.
    pub fn namespace_of(&self, collection: &str) -> Result<String, Failure> {
        Ok(format!("{}.{collection}", self.name("database")?))
    }

    fn name(&self, field: &str) -> Result<&str, Failure> {
        match self.0.get_str(field) {
            Ok(name) if !name.is_empty() && !name.contains(['\0', '$']) => Ok(name),
            _ => Err(Failure::new(
                400,
                "InvalidParameter",
                format!("{field}: give its name"),
            )),
        }
    }

    /// A document that may be left out.
    pub fn document(&self, field: &str) -> Result<Document, Failure> {
        match self.0.get(field) {
            None | Some(Bson::Null) => Ok(Document::new()),
            Some(Bson::Document(document)) => Ok(document.clone()),
            Some(_) => Err(Failure::new(
                400,
                "InvalidParameter",
                format!("{field} has to be an object"),
            )),
        }
    }

    /// A document that has to be there.
    pub fn required_document(&self, field: &str) -> Result<Document, Failure> {
        if self.0.contains_key(field) {
            self.document(field)
        } else {
            Err(Failure::new(
                400,
                "InvalidParameter",
                format!("{field} is required"),
            ))
        }
    }

    /// Documents that have to be there.
    pub fn documents(&self, field: &str) -> Result<Vec<Document>, Failure> {
        let wrong = || {
            Failure::new(
                400,
                "InvalidParameter",
                format!("{field} has to be an array of objects"),
            )
        };
        let items = self.0.get_array(field).map_err(|_| wrong())?;
        items
            .iter()
            .map(|item| item.as_document().cloned().ok_or_else(wrong))
            .collect()
    }

    /// A whole number that is not negative and may be left out.
    pub fn number(&self, field: &str) -> Result<Option<usize>, Failure> {
        let number = match self.0.get(field) {
            None | Some(Bson::Null) => return Ok(None),
            Some(Bson::Int32(number)) => usize::try_from(*number).ok(),
            Some(Bson::Int64(number)) => usize::try_from(*number).ok(),
            Some(Bson::Double(number)) if number.fract() == 0.0 && (0.0..1e15).contains(number) => {
                Some(*number as usize)
            }
            Some(_) => None,
        };
        let wrong = || {
            Failure::new(
                400,
                "InvalidParameter",
                format!("{field} has to be a whole number, not negative"),
            )
        };
        number.map(Some).ok_or_else(wrong)
    }

    /// Whether an update inserts where nothing matches.
    pub fn upsert(&self) -> Result<bool, Failure> {
        match self.0.get("upsert") {
            None | Some(Bson::Null) => Ok(false),
            Some(Bson::Boolean(upsert)) => Ok(*upsert),
            Some(_) => Err(Failure::new(
                400,
                "InvalidParameter",
                "upsert has to be true or false",
            )),
        }
    }
}

/// A document to insert: its `_id` in front, made here where it has none.
///
/// # Errors
/// An `_id` of a type that can't be one.
pub fn with_id(mut document: Document) -> Result<Document, Failure> {
    let id = document
        .remove("_id")
        .unwrap_or_else(|| Bson::ObjectId(ObjectId::new()));
    if matches!(
        id,
        Bson::Array(_) | Bson::RegularExpression(_) | Bson::Undefined
    ) {
        return Err(Failure::bad_value(
            "_id cannot be an array, a regular expression or undefined",
        ));
    }
    let mut with_id = Document::new();
    with_id.insert("_id", id);
    with_id.extend(document);
    Ok(with_id)
}

/// An answer in the form asked for: relaxed Extended JSON, or canonical.
///
/// # Errors
/// A stored document that is damaged.
pub fn success(
    status: u16,
    body: &RawDocument,
    canonical: bool,
) -> Result<Response<Vec<u8>>, Failure> {
    if canonical {
        let body = Bson::Document(whole(body)?).into_canonical_extjson();
        return Ok(answer(
            status,
            body.to_string().into_bytes(),
            "application/ejson",
        ));
    }
    let body = serde_json::to_vec(&Relaxed(body)).map_err(damaged)?;
    Ok(answer(status, body, "application/json"))
}

/// A stored document, all of it.
///
/// # Errors
/// It is damaged.
pub fn whole(stored: &RawDocument) -> Result<Document, Failure> {
    Document::try_from(stored).map_err(damaged)
}

/// The failure of a stored document that can't be read.
pub fn damaged(error: impl std::fmt::Display) -> Failure {
    Failure::internal(format!("a stored document is damaged: {error}"))
}

fn answer(status: u16, body: Vec<u8>, media: &'static str) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}
