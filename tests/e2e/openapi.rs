//! The description of the API, held against what is really there.

use std::collections::{BTreeMap, BTreeSet};

use cinema_tests::{NOBODY, shared};
use serde_json::Value;
use toml::Table;

use crate::access;

/// The methods that HTTP has for what clients do to things.
const METHODS: [&str; 6] = ["DELETE", "GET", "PATCH", "POST", "PUT", "TRACE"];

/// The described paths, each with its methods in the alphabet's order.
fn described(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |item: &Value| {
        let names = item.as_object().unwrap().keys();
        names
            .filter(|name| *name != "parameters")
            .map(|name| name.to_uppercase())
            .collect()
    };
    paths
        .iter()
        .map(|(path, item)| (path.clone(), methods(item)))
        .collect()
}

#[tokio::test]
async fn it_is_served_to_anyone() {
    let stranger = shared().anonymous();
    let answer = stranger.get("/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json()["openapi"], "3.1.0");
    let page = stranger.get("/docs").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(page.body.starts_with(b"<!DOCTYPE html>"));
}

/// Each path answers the methods it is described with, and says so to whoever tries another.
#[tokio::test]
async fn each_path_has_the_methods_it_is_described_with() {
    let cinema = shared();
    let document = cinema.get("/openapi.json").await.expect(200).json();
    for (template, methods) in described(&document) {
        let path = template.replace("{id}", NOBODY);
        assert!(!path.contains('{'), "{template}");
        let mut allowed = methods.clone();
        if methods.contains("GET") {
            allowed.insert("HEAD".to_owned());
        }
        for method in METHODS {
            let answer = cinema.send(cinema.request(method, &path)).await;
            if methods.contains(method) {
                let statuses = &document["paths"][&template][method.to_lowercase()]["responses"];
                let status = answer.status.to_string();
                assert!(statuses[&status].is_object(), "{answer:?}");
            } else {
                assert_eq!(answer.allowed(), Vec::from_iter(allowed.clone()), "{path}");
            }
        }
    }
    cinema.assert_no_trap();
}

/// The routes that the tests of access walk are those that are described, so that neither list forgets one.
#[tokio::test]
async fn what_is_described_is_what_access_is_tested_on() {
    let cinema = shared();
    let document = cinema.get("/openapi.json").await.expect(200).json();
    let mut tested: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, template) in access::routes() {
        let methods = tested.entry(template).or_default();
        methods.insert(method.to_owned());
    }
    assert_eq!(described(&document), tested);
}

/// No component that the outside reaches goes undescribed.
#[tokio::test]
async fn every_public_route_of_the_manifest_is_described() {
    let cinema = shared();
    let document = cinema.get("/openapi.json").await.expect(200).json();
    let described = described(&document);
    let manifest = include_str!("../../spin.toml").parse::<Table>().unwrap();
    let triggers = manifest["trigger"]["http"].as_array().unwrap();
    let public: Vec<_> = triggers
        .iter()
        .filter_map(|trigger| trigger["route"].as_str())
        .map(|route| route.trim_end_matches("/..."))
        // What is asked by gRPC says itself what it is.
        .filter(|route| !route.starts_with("/cinema.v1.") && !route.starts_with("/grpc."))
        .collect();
    assert!(!public.is_empty());
    let below = |path: &str, route: &str| {
        let rest = path.strip_prefix(route);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for route in &public {
        assert!(described.keys().any(|path| below(path, route)), "{route}");
    }
    for path in described.keys() {
        assert!(public.iter().any(|route| below(path, route)), "{path}");
    }
}
