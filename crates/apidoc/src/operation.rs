//! A route as an operation: with what follows from whom it is open to, and from what it takes.

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, RefOr, Required, Response, ResponseBuilder};

use crate::answers::{header, own_problem, parameter, problem};
use crate::examples;
use crate::route::{Content, Route};
use crate::schema::{Id, of};
use service::Access;

/// Whom a route is open to, in schema.
pub fn open_to(access: Access) -> &'static str {
    match access {
        Access::Anyone => "anyone",
        Access::SignedIn => "whoever is signed in",
        Access::Staff => "staff",
        Access::Oneself(_) => "the user whose id it is, and staff",
    }
}

/// The name of a path's parameter that a segment stands for.
pub(crate) fn param(segment: &str) -> Option<&str> {
    segment.strip_prefix(':')
}

impl Route {
    /// The operation of a route that is open to these.
    pub(crate) fn operation(mut self, tag: &str, access: Access) -> Operation {
        self.add_path_parameters();
        let mut operation = OperationBuilder::new()
            .tag(tag)
            .operation_id(Some(&self.id))
            .summary(Some(self.title))
            .description(self.says)
            .extensions(Some(Extensions::from_iter([(
                "x-open-to",
                Value::from(open_to(access)),
            )])));
        if access != Access::Anyone || self.token_counts {
            for requirement in self.security(access) {
                operation = operation.security(requirement);
            }
        }
        let instance = self.instance();
        for own in &self.problems {
            operation = operation.response(own.status.to_string(), own_problem(own, &instance));
        }
        for status in self.shared_problems(access) {
            operation = operation.response(status.to_string(), problem(status));
        }
        let answer = self.answer();
        operation = operation.response(self.answer.status.as_str(), RefOr::T(answer));
        operation = operation.parameters(Some(self.parameters.clone()));
        if self.takes_csrf(access) {
            operation = operation.parameter_ref(parameter("CsrfToken"));
        }
        if let Some(body) = &self.body {
            let required = if self.body_required {
                Required::True
            } else {
                Required::False
            };
            let mut request = RequestBodyBuilder::new().required(Some(required));
            for media in &body.media {
                request = request.content(*media, body.content());
            }
            operation = operation.request_body(Some(request.build()));
        }
        operation.build()
    }

    /// A segment that is a parameter is an id, unless the route says more of it.
    fn add_path_parameters(&mut self) {
        let known: Vec<_> = (self.parameters.iter())
            .filter(|parameter| parameter.parameter_in == ParameterIn::Path)
            .map(|parameter| parameter.name.clone())
            .collect();
        for name in self.path.split('/').filter_map(param) {
            if !known.iter().any(|known| known == name) {
                let id = ParameterBuilder::new()
                    .name(name)
                    .parameter_in(ParameterIn::Path)
                    .required(Required::True)
                    .schema(Some(of::<Id>()));
                self.parameters.insert(0, id.build());
            }
        }
    }

    /// Whether a cookie alone is not enough.
    fn takes_csrf(&self, access: Access) -> bool {
        self.method != "GET" && (access != Access::Anyone || self.token_counts)
    }

    fn security(&self, access: Access) -> Vec<SecurityRequirement> {
        let nobody = SecurityRequirement::default();
        let scheme = |name: &str| SecurityRequirement::new(name, [""; 0]);
        let known = [scheme("bearerAuth"), scheme("cookieAuth")];
        let optional = (access == Access::Anyone).then_some(nobody);
        optional.into_iter().chain(known).collect()
    }

    /// A path of the route, with the ids of the examples.
    fn instance(&self) -> String {
        let id = examples::USER.to_string();
        let segments = self.path.split('/');
        let given = segments.map(|segment| param(segment).map_or(segment, |_| &id));
        given.collect::<Vec<_>>().join("/")
    }

    /// What may go wrong as it may elsewhere, where the route says nothing of its own about it.
    fn shared_problems(&self, access: Access) -> BTreeSet<u16> {
        let mut problems = BTreeSet::new();
        let mut add = |statuses: &[u16]| problems.extend(statuses);
        if !self.parameters.is_empty() {
            add(&[400]);
        }
        if self.path.split('/').any(|segment| param(segment).is_some()) {
            add(&[404]);
        }
        if self.body.is_some() {
            add(&[400, 413, 415, 422]);
        }
        if access != Access::Anyone || self.token_counts {
            add(&[401]);
        }
        if self.takes_csrf(access) || matches!(access, Access::Staff | Access::Oneself(_)) {
            add(&[403]);
        }
        add(&[500, 503]);
        for own in &self.problems {
            problems.remove(&own.status);
        }
        problems
    }

    fn answer(&self) -> Response {
        let mut response = ResponseBuilder::new()
            .description(&self.answer.says)
            .header_ref("X-Request-Id", header("RequestId"));
        for (name, component) in &self.answer.headers {
            response = response.header_ref(*name, header(component));
        }
        if let Some(content) = &self.answer.content {
            for media in &content.media {
                response = response.content(*media, content.content());
            }
        }
        response.build()
    }
}

impl Content {
    fn content(&self) -> utoipa::openapi::Content {
        let content = ContentBuilder::new().schema(Some(self.schema.clone()));
        content.example(Some(self.example.clone())).build()
    }
}
