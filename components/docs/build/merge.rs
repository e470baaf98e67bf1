//! One description of several.

use serde_json::{Map, Value, json};

const ABOUT: &str = "A cinema's backend: films, showtimes, bookings, and users with film suggestions.

Bodies are JSON: one thing is `{\"data\": {…}}`; a list is `{\"data\": […], \"next\": \"…\"}`, where `next` is the path of the \
next page. Errors are `application/problem+json` (RFC 9457). A field or a parameter that is not known is a fault. Whoever \
reads the programme needs no token; everybody else sends the access token that `POST /auth/login` gives, as \
`Authorization: Bearer …`, or has it as a cookie.";

/// The description of all that these describe.
///
/// # Errors
/// Where two of them describe one thing differently.
pub fn merge(descriptions: Vec<Value>) -> Result<Value, String> {
    let mut whole = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cinema",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{"url": "/"}],
        "tags": [],
        "paths": {},
        "components": {},
    });
    for mut description in descriptions {
        let parts = |value: &mut Value| match value.take() {
            Value::Object(parts) => parts,
            _ => Map::new(),
        };
        for (path, item) in parts(&mut description["paths"]) {
            add(&mut whole["paths"], path, item)?;
        }
        for (kind, components) in parts(&mut description["components"]) {
            if whole["components"].get(&kind).is_none() {
                whole["components"][&kind] = json!({});
            }
            let Value::Object(components) = components else {
                return Err(format!("components/{kind} is no object"));
            };
            for (name, component) in components {
                add(&mut whole["components"][&kind], name, component)?;
            }
        }
        if let (Some(all), Value::Array(tags)) =
            (whole["tags"].as_array_mut(), description["tags"].take())
        {
            all.extend(tags);
        }
    }
    Ok(whole)
}

fn add(all: &mut Value, name: String, item: Value) -> Result<(), String> {
    match all.get(&name) {
        Some(known) if *known != item => {
            Err(format!("{name} is described in two ways:\n{known}\n{item}"))
        }
        Some(_) => Ok(()),
        None => {
            all[name] = item;
            Ok(())
        }
    }
}
