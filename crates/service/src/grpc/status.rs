//! A problem as gRPC tells it: a status, and details of google.rpc (`error_details.proto`) that say the rest.

use std::collections::HashMap;

use http::StatusCode;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::{Problem, problem::Challenge};

/// How many faults are told one by one, and how much in words, in characters: clients take some 8 KiB of metadata.
const MOST: usize = 20;
const LONGEST: usize = 1000;

/// Who says so, in `ErrorInfo`.
const DOMAIN: &str = "cinema.v1";

/// Parameters that have another name in the contract.
const NAMES: [(&str, &str); 3] = [
    ("limit", "page_size"),
    ("after", "page_token"),
    ("place", "page_token"),
];

/// The status that a problem is told as.
pub fn of(problem: Problem) -> Status {
    problem.log();
    let faulty = faulty(&problem.detail);
    let mut message = problem.detail.clone();
    let mut violations: Vec<_> = (problem.errors.iter().take(MOST))
        .map(|fault| FieldViolation::new(&fault.field, &fault.message))
        .collect();
    if problem.status == StatusCode::BAD_REQUEST
        && let Some((names, rest)) = faulty
    {
        message = format!("{}: {rest}", names.join(", "));
        violations = names
            .iter()
            .map(|name| FieldViolation::new(*name, rest))
            .collect();
    }
    let mut details = ErrorDetails::with_error_info(reason(&problem), DOMAIN, HashMap::new());
    if !violations.is_empty() {
        details.set_bad_request(violations);
    }
    if problem.retry_after.is_some() {
        details.set_retry_info(problem.retry_after);
    }
    if let Some((end, _)) = message.char_indices().nth(LONGEST) {
        message.truncate(end);
    }
    Status::with_error_details(code(&problem), message, details)
}

fn code(problem: &Problem) -> Code {
    match problem.status {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Code::InvalidArgument,
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::CONFLICT if problem.is_taken => Code::AlreadyExists,
        StatusCode::CONFLICT => Code::FailedPrecondition,
        StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        _ => Code::Internal,
    }
}

/// What kind of problem it is, for programs.
fn reason(problem: &Problem) -> String {
    match problem.challenge {
        Some(Challenge::Missing) => "NOT_SIGNED_IN".to_owned(),
        Some(Challenge::Invalid) => "INVALID_TOKEN".to_owned(),
        Some(Challenge::Insufficient) => "NOT_ALLOWED".to_owned(),
        None => {
            let reason = problem.status.canonical_reason().unwrap_or("Error");
            reason.to_ascii_uppercase().replace(' ', "_")
        }
    }
}

/// The parameters that a problem is about, by their names in the contract, and what is said of them: its text begins with them.
fn faulty(detail: &str) -> Option<(Vec<&str>, &str)> {
    let (names, rest) = detail.split_once(": ")?;
    let names: Vec<_> = names.split(", ").map(told).collect();
    let is_name = |name: &&str| {
        let mut bytes = name.bytes();
        !name.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    names.iter().all(is_name).then_some((names, rest))
}

fn told(name: &str) -> &str {
    let known = NAMES.iter().find(|(here, _)| *here == name);
    known.map_or(name, |(_, there)| there)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn told(problem: Problem) -> (Code, String, ErrorDetails) {
        let status = of(problem);
        (
            status.code(),
            status.message().to_owned(),
            status.get_error_details(),
        )
    }

    #[test]
    fn every_fault_is_a_violation() {
        let faults = (0..100).map(|n| crate::Fault {
            field: format!("movies[{n}]"),
            message: "there is none".into(),
        });
        let (code, _, details) = told(Problem::invalid(faults.collect()));
        assert_eq!(code, Code::InvalidArgument);
        let violations = &details.bad_request().unwrap().field_violations;
        assert_eq!(
            (violations.len(), violations[1].field.as_str()),
            (MOST, "movies[1]")
        );
    }

    #[test]
    fn a_parameter_is_named_as_the_contract_has_it() {
        let (code, message, details) = told(Problem::bad_request("limit: give a number: 1"));
        assert_eq!(
            (code, message.as_str()),
            (Code::InvalidArgument, "page_size: give a number: 1")
        );
        let violations = &details.bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, "page_size");
        let (_, message, details) = told(Problem::bad_request("the path is wrong: x"));
        assert_eq!(message, "the path is wrong: x");
        assert!(details.bad_request().is_none());
    }

    #[test]
    fn who_may_try_again_is_told_when() {
        let wait = Duration::from_secs(7);
        let (code, message, details) = told(Problem::too_many("x".repeat(2000), wait));
        assert_eq!((code, message.len()), (Code::ResourceExhausted, LONGEST));
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(wait));
        assert_eq!(details.error_info().unwrap().reason, "TOO_MANY_REQUESTS");
    }

    #[test]
    fn each_status_has_its_code() {
        for (problem, expected, reason) in [
            (
                Problem::unauthorized(""),
                Code::Unauthenticated,
                "NOT_SIGNED_IN",
            ),
            (
                Problem::invalid_token(""),
                Code::Unauthenticated,
                "INVALID_TOKEN",
            ),
            (
                Problem::forbidden(""),
                Code::PermissionDenied,
                "NOT_ALLOWED",
            ),
            (Problem::not_found(""), Code::NotFound, "NOT_FOUND"),
            (Problem::conflict(""), Code::FailedPrecondition, "CONFLICT"),
            (Problem::taken(""), Code::AlreadyExists, "CONFLICT"),
            (Problem::busy(), Code::Unavailable, "SERVICE_UNAVAILABLE"),
            (
                Problem::internal("secret"),
                Code::Internal,
                "INTERNAL_SERVER_ERROR",
            ),
        ] {
            let (code, message, details) = told(problem);
            assert_eq!(code, expected, "{reason}");
            assert_eq!(details.error_info().unwrap().reason, reason);
            assert!(!message.contains("secret"));
        }
    }
}
