#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::Value;
use service::testing::{Answer, Call, run};

use crate::{
    handlers::{DESCRIPTION, Docs, PAGE},
    routes,
};

fn description() -> Value {
    serde_json::from_str(DESCRIPTION).unwrap()
}

fn get(path: &str) -> Answer {
    run(Call::get(path).send("docs", || Docs, routes))
}

/// Each operation, with its path and its method.
fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method != "parameters" {
                operations.push((path.clone(), method.clone(), operation.clone()));
            }
        }
    }
    operations
}

#[test]
fn it_is_served_as_it_is() {
    let answer = get("/openapi.json");
    assert_eq!((answer.status, answer.json), (200, description()));
    let answer = get("/docs");
    assert_eq!(answer.status, 200);
    assert!(
        answer.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    assert_eq!(get("/docs/x").status, 404);
}

#[test]
fn a_body_without_an_example_shows_none() {
    assert!(PAGE.contains("<pre>{"));
    assert!(!PAGE.contains("<pre>null</pre>"));
}

#[test]
fn whatever_is_referred_to_is_there_and_nothing_else() {
    let description = description();
    let mut referred = BTreeSet::new();
    references(&description, &mut referred);
    for place in &referred {
        let place = place.strip_prefix('#').unwrap();
        assert!(description.pointer(place).is_some(), "{place}");
    }
    for kind in ["schemas", "parameters", "headers", "responses"] {
        for name in description["components"][kind].as_object().unwrap().keys() {
            let place = format!("#/components/{kind}/{name}");
            assert!(
                referred.contains(&place) || name == "MethodNotAllowed",
                "{place}"
            );
        }
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(place)) = fields.get("$ref") {
                found.insert(place.clone());
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn each_operation_has_a_name_of_its_own_and_is_on_the_page() {
    let description = description();
    let operations = operations(&description);
    let names: BTreeSet<_> = operations
        .iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), operations.len());
    assert!(names.len() > 30);
    for (path, _, operation) in &operations {
        let name = operation["operationId"].as_str().unwrap();
        assert!(PAGE.contains(&format!("id=\"{name}\"")), "{name}");
        assert!(PAGE.contains(path.as_str()), "{path}");
    }
}

#[test]
fn what_is_not_open_to_anyone_says_how_to_sign_in_and_what_happens_otherwise() {
    for (path, method, operation) in operations(&description()) {
        let demanding = operation["x-open-to"] != "anyone";
        let security = operation["security"].as_array();
        let demands =
            security.is_some_and(|any| any.iter().all(|one| one != &serde_json::json!({})));
        assert_eq!(demanding, demands, "{method} {path}");
        if demanding {
            assert!(operation["responses"]["401"].is_object(), "{method} {path}");
        }
    }
}

#[test]
fn every_service_says_whether_it_lives_and_is_ready() {
    let description = description();
    for tag in description["tags"].as_array().unwrap() {
        let name = tag["name"].as_str().unwrap();
        for last in ["healthz", "healthy"] {
            let path = format!("/{name}/{last}");
            assert!(description["paths"][&path]["get"].is_object(), "{path}");
        }
    }
}
