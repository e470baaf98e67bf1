//! Errors, and headers, which are everywhere the same.

use http::StatusCode;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder};

use crate::route::Named;
use crate::schema::{self, of};
use data_api_client::{Day, Id, Moment, Time};
use service::{Challenge, Fault, ProblemBody};

/// The media type of problems.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// An error that any route may answer with.
struct Kind {
    status: u16,
    name: &'static str,
    when: &'static str,
    /// Example of `detail`.
    detail: &'static str,
}

const KINDS: [Kind; 12] = [
    Kind {
        status: 400,
        name: "Malformed",
        when: "An id, a parameter or the JSON of the body is malformed.",
        detail: "limit: give a whole number from 1 to 100",
    },
    Kind {
        status: 401,
        name: "NotSignedIn",
        when: "There is no token, or it may not be believed.",
        detail: "the token has expired",
    },
    Kind {
        status: 403,
        name: "NotAllowed",
        when: "The token does not allow this, or it came by cookie and what writes lacks the CSRF token.",
        detail: "this is for staff",
    },
    Kind {
        status: 404,
        name: "NotFound",
        when: "There is no such thing.",
        detail: "there is no movie 68a1f0c27d5b3e9a41c80f01",
    },
    Kind {
        status: 405,
        name: "MethodNotAllowed",
        when: "The path is there, and answers other methods only.",
        detail: "this path answers GET, POST, HEAD",
    },
    Kind {
        status: 409,
        name: "Conflict",
        when: "It conflicts with what is stored.",
        detail: "the username ada is taken: choose another",
    },
    Kind {
        status: 413,
        name: "TooLarge",
        when: "The body is over 1 MiB.",
        detail: "the body is larger than 1048576 bytes",
    },
    Kind {
        status: 415,
        name: "NotJson",
        when: "The body is not said to be JSON.",
        detail: "send the body as content-type: application/json",
    },
    Kind {
        status: 422,
        name: "Invalid",
        when: "The body is JSON and breaks rules: `errors` names every fault at once.",
        detail: "2 fields are not as they have to be",
    },
    Kind {
        status: 429,
        name: "TooMany",
        when: "Too many tries; `Retry-After` says when the next may be.",
        detail: "too many tries: wait",
    },
    Kind {
        status: 500,
        name: "Bug",
        when: "A bug of ours; the log tells more, under the request's id.",
        detail: "something went wrong on our side",
    },
    Kind {
        status: 503,
        name: "Unavailable",
        when: "Storage or another service does not answer, or a setting is missing.",
        detail: "storage does not answer as it should; try again",
    },
];

fn kind(status: u16) -> &'static Kind {
    let found = KINDS.iter().find(|kind| kind.status == status);
    found.unwrap_or_else(|| panic!("{status} is no error that is described"))
}

/// An error, by reference; `when` is what it means for one route, where that is more than what it means everywhere.
pub(crate) fn problem(status: u16, when: Option<&str>) -> RefOr<Response> {
    let kind = kind(status);
    match when {
        None => Ref::from_response_name(kind.name).into(),
        Some(when) => described(kind, when).into(),
    }
}

fn described(kind: &Kind, when: &str) -> Response {
    let mut response = ResponseBuilder::new()
        .description(when)
        .content(PROBLEM, example(kind))
        .header_ref("X-Request-Id", header("RequestId"));
    let own = match kind.status {
        401 | 403 => Some(("WWW-Authenticate", "Challenge")),
        405 => Some(("Allow", "Allow")),
        429 | 503 => Some(("Retry-After", "RetryAfter")),
        _ => None,
    };
    if let Some((name, component)) = own {
        response = response.header_ref(name, header(component));
    }
    response.build()
}

fn example(kind: &Kind) -> Content {
    let status = StatusCode::from_u16(kind.status).unwrap_or_default();
    let mut example = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": kind.status,
        "detail": kind.detail,
        "instance": "/movies",
    });
    if kind.status == 422 {
        let fault = |field: &str, message: &str| {
            json!(Fault {
                field: field.into(),
                message: message.into()
            })
        };
        example["errors"] = json!([
            fault("title", "is required"),
            fault("rating", "has to be a number from 0 to 10"),
        ]);
    }
    let content = ContentBuilder::new().schema(Some(of::<ProblemBody>()));
    content.example(Some(example)).build()
}

fn named<T: ToSchema>() -> Named {
    (T::name().into(), T::schema())
}

/// A header of answers, by reference.
pub(crate) fn header(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

/// A parameter that many routes have, by reference.
pub(crate) fn parameter(name: &str) -> Ref {
    Ref::new(format!("#/components/parameters/{name}"))
}

/// All that is everywhere the same.
pub(crate) fn shared() -> ComponentsBuilder {
    let mut schemas = vec![
        named::<ProblemBody>(),
        named::<Id>(),
        named::<Day>(),
        named::<Time>(),
        named::<Moment>(),
    ];
    ProblemBody::schemas(&mut schemas);
    let mut shared = ComponentsBuilder::new().schemas_from_iter(schemas);
    for kind in &KINDS {
        shared = shared.response(kind.name, described(kind, kind.when));
    }
    for (name, header) in headers() {
        shared = shared.header(name, header);
    }
    for (name, parameter) in parameters() {
        shared = shared.parameter(name, parameter);
    }
    shared
}

fn headers() -> [(&'static str, Header); 5] {
    let text = |description: &str, example: &str| {
        HeaderBuilder::new()
            .schema(Some(schema::text()))
            .description(Some(description))
            .example(Some(example.into()))
            .build()
    };
    let seconds = ObjectBuilder::new().schema_type(Type::Integer);
    [
        (
            "Allow",
            text("The methods that the path does answer.", "GET, POST, HEAD"),
        ),
        (
            "Challenge",
            text(
                "What the token lacks (RFC 6750).",
                Challenge::Invalid.header(),
            ),
        ),
        (
            "Location",
            text(
                "The path of what was made.",
                "/movies/68a1f0c27d5b3e9a41c80f01",
            ),
        ),
        (
            "RequestId",
            text(
                "The request's own id, or one made for it: it stands in every line of the log.",
                "5f2b8c1e9d7a4f60b3c2d1e0f9a8b7c6",
            ),
        ),
        (
            "RetryAfter",
            HeaderBuilder::new()
                .schema(Some(seconds.minimum(Some(1_u32))))
                .description(Some("How many seconds to wait before trying again."))
                .build(),
        ),
    ]
}

fn parameters() -> [(&'static str, Parameter); 3] {
    let header = |name: &str, schema, description: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema))
            .build()
    };
    [
        (
            "CsrfToken",
            header(
                "X-CSRF-Token",
                schema::text(),
                "What the cookie `cinema_csrf` has: demanded of what writes, where the token came by cookie.",
            ),
        ),
        (
            "RequestId",
            header(
                "X-Request-Id",
                schema::text(),
                "An id to find the request by in the logs, of up to 128 printable characters; one is made where there is no such id.",
            ),
        ),
        (
            "TraceParent",
            header(
                "traceparent",
                schema::text(),
                "The trace that the request belongs to (W3C Trace Context), carried on to the services that this one asks.",
            ),
        ),
    ]
}
