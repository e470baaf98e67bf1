//! Errors as the client sees them: RFC 9457, "Problem Details for HTTP APIs".

use std::{fmt, time::Duration};

use data_api_client::{Error, Id};
use door::log;
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// The wait asked of a client when nobody knows better.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The wait asked of a client until somebody has put the settings right.
const SETTINGS_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Why a request was not done, to be answered as `application/problem+json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// What is wrong with this very request, for whoever sent it.
    pub detail: String,
    /// Whether there is one already of what has to be the only one.
    pub is_taken: bool,
    /// Every fault of the body, where the body is at fault.
    pub errors: Vec<Fault>,
    /// The revision that is known, where an older one was sent.
    pub revision: Option<i32>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
    /// The methods the path does have.
    pub allow: Option<String>,
    /// What a token lacks (RFC 6750, 3.1), where one is asked for.
    pub challenge: Option<Challenge>,
    /// Why it came to this, for the log alone.
    reason: Option<Box<Reason>>,
}

/// What the log is told.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    /// A bug of ours, or a setting that is wrong.
    Error(String),
    /// Something outside that is not as it should be.
    Warning(String),
}

/// What `WWW-Authenticate` tells of a token (RFC 6750, 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// There is none.
    Missing,
    /// It may not be believed.
    Invalid,
    /// It does not allow this.
    Insufficient,
}

impl Challenge {
    /// The header's value.
    pub fn header(self) -> &'static str {
        match self {
            Self::Missing => r#"Bearer realm="cinema""#,
            Self::Invalid => r#"Bearer realm="cinema", error="invalid_token""#,
            Self::Insufficient => r#"Bearer realm="cinema", error="insufficient_scope""#,
        }
    }
}

/// One fault of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fault {
    /// The field, dotted or indexed where it is inside another.
    pub field: String,
    /// What it has to be.
    pub message: String,
}

/// How a [`Problem`] is written.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Problem, description = "Why a request was not done (RFC 9457)."))]
pub struct ProblemBody<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
    /// For siblings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    revision: Option<i32>,
}

impl Problem {
    /// A problem of any status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            is_taken: false,
            errors: Vec::new(),
            revision: None,
            retry_after: None,
            allow: None,
            challenge: None,
            reason: None,
        }
    }

    /// 400: the request is malformed.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 401: nobody is signed in.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::challenge(StatusCode::UNAUTHORIZED, Challenge::Missing, detail)
    }

    /// 401: the token may not be believed.
    pub fn invalid_token(detail: impl Into<String>) -> Self {
        Self::challenge(StatusCode::UNAUTHORIZED, Challenge::Invalid, detail)
    }

    /// 403: whoever is signed in may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::challenge(StatusCode::FORBIDDEN, Challenge::Insufficient, detail)
    }

    fn challenge(status: StatusCode, challenge: Challenge, detail: impl Into<String>) -> Self {
        Self {
            challenge: Some(challenge),
            ..Self::new(status, detail)
        }
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 404: there is no such thing with this id.
    pub fn missing(what: &str, id: Id) -> Self {
        Self::not_found(format!("there is no {what} {id}"))
    }

    /// 405: the path is there, the method is not.
    pub fn method_not_allowed(allow: String) -> Self {
        let detail = format!("this path answers {allow}");
        Self {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, detail)
        }
    }

    /// 409: it conflicts with what is stored.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 409: there is one already.
    pub fn taken(detail: impl Into<String>) -> Self {
        Self {
            is_taken: true,
            ..Self::conflict(detail)
        }
    }

    /// 422: the body breaks rules of the model, each of which is named.
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let detail = match errors.as_slice() {
            [fault] => format!("{} {}", fault.field, fault.message),
            _ => format!("{} fields are not as they have to be", errors.len()),
        };
        Self {
            errors,
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
        }
    }

    /// 422: one thing alone is not as it has to be, a field or the whole.
    pub fn fault(field: &str, message: &str) -> Self {
        Self::invalid(vec![Fault {
            field: field.to_owned(),
            message: message.to_owned(),
        }])
    }

    /// 429: too many tries; `wait` says when the next may be.
    pub fn too_many(detail: impl Into<String>, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
        }
    }

    /// 503: a variable that this needs is not set.
    pub fn unset(variable: &str) -> Self {
        Self::unusable(variable, "it is not set")
    }

    /// 503: a variable that this needs says nothing that can be used; `reason` is for everybody to read.
    pub fn unusable(variable: &str, reason: &str) -> Self {
        let detail = format!("the variable {variable} cannot be used: {reason}");
        Self {
            reason: Some(Box::new(Reason::Error(detail.clone()))),
            ..Self::later(detail, SETTINGS_RETRY_AFTER)
        }
    }

    /// 503: `who` ("storage", or a sibling's name) does not answer as it should; `reason` goes to the log alone.
    pub fn unavailable(
        who: &str,
        reason: impl fmt::Display,
        retry_after: Option<Duration>,
    ) -> Self {
        let detail = format!("{who} does not answer as it should; try again");
        Self {
            reason: Some(Box::new(Reason::Warning(format!(
                "{who} is unavailable: {reason}"
            )))),
            ..Self::later(detail, retry_after.unwrap_or(RETRY_AFTER))
        }
    }

    /// 503: others are at the same thing, and all is well but for that.
    pub fn busy() -> Self {
        Self::later("many are changing this at once; try again", RETRY_AFTER)
    }

    fn later(detail: impl Into<String>, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }

    /// 500: a bug of ours; `reason` goes to the log alone.
    pub fn internal(reason: impl Into<String>) -> Self {
        Self {
            reason: Some(Box::new(Reason::Error(reason.into()))),
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "something went wrong on our side",
            )
        }
    }

    /// Has the log say why it came to this: once, where the problem becomes an answer.
    pub fn log(&self) {
        match self.reason.as_deref() {
            Some(Reason::Error(reason)) => log::error(reason),
            Some(Reason::Warning(reason)) => log::warn(reason),
            None => {}
        }
    }

    /// The problem as JSON, for the request to `instance`.
    pub fn body(&self, instance: &str) -> Vec<u8> {
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            instance,
            errors: &self.errors,
            revision: self.revision,
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

/// Storage that is down, refuses us or answers nonsense is unavailable to the client; a duplicate key is the handler's to name; a
/// document that is not in the shape is ours to mend.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::DuplicateKey => Self::taken("there is such a thing already"),
            Error::Unavailable {
                reason,
                retry_after,
            } => Self::unavailable("storage", reason, retry_after),
            Error::Busy => Self::busy(),
            error @ Error::Shape { .. } => Self::internal(error.to_string()),
            error => Self::unavailable("storage", error, None),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told() {
        let fault = |field: &str| Fault {
            field: field.into(),
            message: "is required".into(),
        };
        let problem = Problem::invalid(vec![fault("title"), fault("director")]);
        let body: serde_json::Value = serde_json::from_slice(&problem.body("/movies")).unwrap();
        assert_eq!(body["status"], 422);
        assert_eq!(body["instance"], "/movies");
        assert_eq!(body["errors"][1]["field"], "director");
    }

    #[test]
    fn what_storage_said_stays_inside() {
        let error = Error::Malformed("<html>secret</html>".into());
        let problem = Problem::from(error);
        assert_eq!(problem.status, 503);
        assert!(problem.retry_after.is_some());
        assert!(!problem.detail.contains("secret"));
    }

    #[test]
    fn contention_is_no_outage_and_an_odd_document_is_ours() {
        let busy = Problem::from(Error::Busy);
        assert_eq!(
            (busy.status.as_u16(), busy.retry_after),
            (503, Some(RETRY_AFTER))
        );
        assert!(!busy.detail.contains("storage") && busy.reason.is_none());
        let odd = Problem::from(Error::Shape {
            collection: "movies",
            id: "65a1".into(),
            reason: "rating: has to be a number".into(),
        });
        assert_eq!(odd.status, 500);
        let said = "the document 65a1 of movies is not in the shape: rating: has to be a number; run `cinema adopt`";
        assert_eq!(odd.reason.as_deref(), Some(&Reason::Error(said.into())));
        assert!(!odd.detail.contains("65a1"));
    }
}
