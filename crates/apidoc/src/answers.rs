//! Errors, and headers, which are everywhere the same.

use http::StatusCode;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, Required, Response, ResponseBuilder};

use crate::route::{Named, Own};
use crate::schema::{self, of};
use data_api_client::{Day, Id, Moment, Time};
use service::{Challenge, ProblemBody};

/// The media type of problems.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// An error that any route may answer with.
struct Kind {
    status: u16,
    name: &'static str,
    when: &'static str,
}

const KINDS: [Kind; 12] = [
    Kind {
        status: 400,
        name: "Malformed",
        when: "An id, a parameter or the JSON of the body is malformed.",
    },
    Kind {
        status: 401,
        name: "NotSignedIn",
        when: "There is no token, or it may not be believed.",
    },
    Kind {
        status: 403,
        name: "NotAllowed",
        when: "The token does not allow this, or it came by cookie and what writes lacks the CSRF token.",
    },
    Kind {
        status: 404,
        name: "NotFound",
        when: "There is no such thing.",
    },
    Kind {
        status: 405,
        name: "MethodNotAllowed",
        when: "The path is there, and answers other methods only.",
    },
    Kind {
        status: 409,
        name: "Conflict",
        when: "It conflicts with what is stored.",
    },
    Kind {
        status: 413,
        name: "TooLarge",
        when: "The body is over 1 MiB.",
    },
    Kind {
        status: 415,
        name: "NotJson",
        when: "The body is not said to be JSON.",
    },
    Kind {
        status: 422,
        name: "Invalid",
        when: "The body is JSON and breaks rules: `errors` names every fault at once.",
    },
    Kind {
        status: 429,
        name: "TooMany",
        when: "Too many tries; `Retry-After` says when the next may be.",
    },
    Kind {
        status: 500,
        name: "Bug",
        when: "A bug of ours; the log tells more, under the request's id.",
    },
    Kind {
        status: 503,
        name: "Unavailable",
        when: "Storage or another service does not answer, or a setting is missing.",
    },
];

fn kind(status: u16) -> &'static Kind {
    let found = KINDS.iter().find(|kind| kind.status == status);
    found.unwrap_or_else(|| panic!("{status} is no error that is described"))
}

/// An error that is everywhere the same, by reference.
pub(crate) fn problem(status: u16) -> Ref {
    Ref::from_response_name(kind(status).name)
}

/// An error of one route, whose path this is, with an example of it.
pub(crate) fn own_problem(own: &Own, instance: &str) -> Response {
    let status = StatusCode::from_u16(own.status).unwrap_or_default();
    let example = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": own.status,
        "detail": own.detail,
        "instance": instance,
    });
    described(own.status, own.when, Some(example))
}

fn described(status: u16, when: &str, example: Option<Value>) -> Response {
    let content = ContentBuilder::new().schema(Some(of::<ProblemBody>()));
    let mut response = ResponseBuilder::new()
        .description(when)
        .content(PROBLEM, content.example(example).build())
        .header_ref("X-Request-Id", header("RequestId"));
    let own = match status {
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
        shared = shared.response(kind.name, described(kind.status, kind.when, None));
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
