//! Errors as the client sees them: RFC 9457, "Problem Details for HTTP APIs".

use std::time::Duration;

use data_api_client::Error;
use door::log;
use http::StatusCode;
use serde::Serialize;

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
    /// Every fault of the body, where the body is at fault.
    pub errors: Vec<Fault>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
    /// The methods the path does have.
    pub allow: Option<String>,
    /// What a token lacks (RFC 6750, 3.1), where one is asked for.
    pub challenge: Option<Challenge>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fault {
    /// The field, dotted or indexed where it is inside another.
    pub field: String,
    /// What it has to be.
    pub message: String,
}

/// How a [`Problem`] is written.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Problem, description = "Why a request was not done (RFC 9457)."))]
pub(crate) struct Body<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

impl Problem {
    /// A problem of any status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            challenge: None,
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
        log::error(&format!("the variable {variable} cannot be used: {reason}"));
        Self {
            retry_after: Some(SETTINGS_RETRY_AFTER),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("the variable {variable} cannot be used: {reason}"),
            )
        }
    }

    /// 503: `who` ("storage", or a sibling's name) does not answer as it should; `reason` goes to the log alone.
    pub fn unavailable(who: &str, reason: &str, retry_after: Option<Duration>) -> Self {
        log::warn(&format!("{who} is unavailable: {reason}"));
        Self {
            retry_after: Some(retry_after.unwrap_or(RETRY_AFTER)),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("{who} does not answer as it should; try again"),
            )
        }
    }

    /// 500: a bug of ours; `reason` goes to the log alone.
    pub fn internal(reason: &str) -> Self {
        log::error(reason);
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong on our side",
        )
    }

    /// The problem as JSON, for the request to `instance`.
    pub fn body(&self, instance: &str) -> Vec<u8> {
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            instance,
            errors: &self.errors,
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

/// Storage that is down, refuses us or answers nonsense is unavailable to the client; a duplicate key is the handler's to name.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::DuplicateKey => Self::conflict("there is such a thing already"),
            Error::Unavailable {
                reason,
                retry_after,
            } => Self::unavailable("storage", &reason, retry_after),
            error => Self::unavailable("storage", &error.to_string(), None),
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
}
