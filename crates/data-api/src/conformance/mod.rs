//! What whoever answers the protocol is held to. Each case has a collection of its own, named like it, which is emptied first: so it
//! may be run against a server that stays.

#![allow(clippy::unwrap_used)]

mod documents;
mod queries;
mod refusals;
mod types;

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::{Action, Dialect};

/// A case: its name, and what it does.
type Case = (&'static str, fn(&Api));

/// A case by the name of its function.
macro_rules! cases {
    ($($module:ident::$case:ident),* $(,)?) => { [$((stringify!($case), $module::$case as fn(&Api))),*] };
}

const CASES: [Case; 18] = cases![
    documents::they_come_and_go,
    documents::ids_are_made_and_kept,
    documents::an_insert_of_many_is_all_or_nothing,
    documents::many_are_updated_and_deleted_at_once,
    documents::an_upsert_inserts_once,
    documents::names_and_values_are_never_code,
    queries::pages_sorts_and_projections,
    queries::any_of_several_values_give_each_document_once,
    queries::ranges_hold_for_every_type,
    queries::ranges_hold_within_arrays,
    queries::a_sort_along_a_range_is_exact,
    queries::collections_are_joined,
    refusals::what_makes_no_sense,
    refusals::parameters_of_other_actions,
    refusals::values_that_are_none,
    refusals::decimals_that_are_some,
    types::every_type_survives,
    types::dates_are_shown_whole,
];

/// Who answers a request.
pub type Answer<'a> = &'a dyn Fn(Request<Vec<u8>>) -> Response<Vec<u8>>;

/// Runs every case; one that fails panics.
pub fn check(answer: Answer<'_>) {
    let failed = failures(answer, Dialect::Atlas);
    assert!(failed.is_empty(), "{failed:?}");
}

/// Runs every case, and gives the names of those that fail.
pub fn failures(answer: Answer<'_>, dialect: Dialect) -> Vec<&'static str> {
    let holds = |(name, case): &Case| {
        eprintln!("case {name}");
        let api = Api {
            answer,
            dialect,
            name,
        };
        let run = || {
            api.ok("deleteMany", json!({"filter": {}}));
            case(&api);
        };
        catch_unwind(AssertUnwindSafe(run)).is_ok()
    };
    let failed = CASES.into_iter().filter(|case| !holds(case));
    failed.map(|(name, _)| name).collect()
}

/// Whoever answers, about the collection of one case.
struct Api<'a> {
    answer: Answer<'a>,
    dialect: Dialect,
    name: &'static str,
}

impl Api<'_> {
    fn send(&self, action: &str, mut body: Value, accept: &str) -> (u16, Value) {
        for (field, value) in [
            ("dataSource", "cinema"),
            ("database", "conformance"),
            ("collection", self.name),
        ] {
            if body.get(field).is_none() {
                body[field] = value.into();
            }
        }
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/app/x/endpoint/data/v1/action/{action}"))
            .header("content-type", "application/json")
            .header("accept", accept)
            .body(body.to_string().into_bytes());
        let response = (self.answer)(request.unwrap());
        let body = serde_json::from_slice(response.body()).unwrap();
        (response.status().as_u16(), body)
    }

    /// The status of an answer, and its body in relaxed form.
    fn act(&self, action: &str, body: Value) -> (u16, Value) {
        self.send(action, body, "application/json")
    }

    /// The body of an answer that is no error.
    fn ok(&self, action: &str, body: Value) -> Value {
        let (status, answer) = self.act(action, body);
        assert!(status < 300, "{action}: {answer}");
        answer
    }

    /// The same in canonical form.
    fn canonical(&self, action: &str, body: Value) -> Value {
        let (status, answer) = self.send(action, body, "application/ejson");
        assert!(status < 300, "{action}: {answer}");
        answer
    }

    /// The error of an answer with a status of 400.
    fn refused(&self, action: &str, body: Value) -> String {
        let (status, answer) = self.act(action, body.clone());
        assert_eq!(status, 400, "{action} {body}: {answer}");
        assert!(answer["error_code"].is_string(), "{answer}");
        answer["error"].as_str().unwrap().to_owned()
    }

    /// What is refused for an id that is taken: known by its code, or by MongoDB's words, which not every server uses.
    fn duplicate(&self, action: &str, body: Value) {
        let (status, answer) = self.act(action, body);
        assert!(status >= 400, "{answer}");
        assert!(
            answer["error_code"] == "DuplicateKey"
                || answer["error"].as_str().unwrap().contains("E11000"),
            "{answer}"
        );
    }

    /// Whether an action has a parameter.
    fn has(&self, action: &str, parameter: &str) -> bool {
        let action = Action::of(&format!("/action/{action}")).unwrap();
        self.dialect.has(action, parameter)
    }

    /// The ids, all numbers, of what `find` gives.
    fn ids(&self, body: Value) -> Vec<i64> {
        let answer = self.ok("find", body);
        let documents = answer["documents"].as_array().unwrap().iter();
        documents
            .map(|document| document["_id"].as_i64().unwrap())
            .collect()
    }
}
