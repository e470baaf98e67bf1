//! Whether a body is read as it is described: each bound of its description is tried, from both sides.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::route::declared;
use crate::schema::{Day, Id, Time};
use service::{Body, Fields};

/// What a field may be, and what it may not.
#[derive(Default)]
struct Tries {
    good: Vec<Value>,
    bad: Vec<Value>,
}

/// Asserts that the example is taken, and every body that differs from it in one field, just where the description says so.
///
/// # Panics
/// Where what should not be is taken, what should be is refused, or another field is found at fault.
pub fn body<B: Body>(example: &Value) {
    let (name, schema) = declared::<B>();
    let schema = serde_json::to_value(schema).unwrap_or_default();
    let Value::Object(example) = example else {
        panic!("a body is a JSON object, not {example}");
    };
    let try_out = |body: &Map<String, Value>| -> Vec<String> {
        match Fields::new(body.clone()).read::<B>() {
            Ok(_) => Vec::new(),
            Err(problem) => (problem.errors.into_iter())
                .map(|fault| fault.field)
                .collect(),
        }
    };
    assert_eq!(try_out(example), [""; 0], "the example: {example:?}");
    let no_fields = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&no_fields);
    assert!(!fields.is_empty(), "{name} has no fields");
    for (name, field) in fields {
        let required = has(&schema["required"], name);
        let mut without = example.clone();
        without.remove(name);
        let faults: &[&str] = if required { &[name] } else { &[] };
        assert_eq!(try_out(&without), faults, "without {name}");
        let tries = tries(field);
        let with = |value: &Value| {
            let mut body = example.clone();
            body.insert(name.clone(), value.clone());
            try_out(&body)
        };
        for value in &tries.good {
            assert_eq!(with(value), [""; 0], "{name}: {value} is good");
        }
        for value in &tries.bad {
            assert_eq!(with(value), [name.as_str()], "{name}: {value} is bad");
        }
    }
}

fn tries(schema: &Value) -> Tries {
    if let Some(place) = schema["$ref"].as_str() {
        return at(place);
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let mut all = Tries::default();
        for schema in either.iter().filter(|schema| schema["type"] != "null") {
            let one = tries(schema);
            all.good.extend(one.good);
            all.bad
                .extend(one.bad.into_iter().filter(|bad| !bad.is_null()));
        }
        all.good.push(Value::Null);
        return all;
    }
    let mut tries = match &schema["type"] {
        kind if has(kind, "string") => texts(schema),
        kind if has(kind, "array") => lists(schema),
        kind if has(kind, "boolean") => booleans(),
        _ => numbers(schema),
    };
    tries.bad.push(json!({"$gt": ""}));
    let null = if has(&schema["type"], "null") {
        &mut tries.good
    } else {
        &mut tries.bad
    };
    null.push(Value::Null);
    tries
}

/// Whether a value is this name, or a list that has it.
fn has(value: &Value, name: &str) -> bool {
    value == name
        || value
            .as_array()
            .is_some_and(|names| names.contains(&json!(name)))
}

/// What the schema that all services share may be.
fn at(place: &str) -> Tries {
    let is = |name: &str| place.ends_with(&format!("/{name}"));
    let (good, mut bad) = if is(&Id::name()) {
        // No id of anything, yet an id.
        (vec![], vec![json!("68a1"), json!("x".repeat(24))])
    } else if is(&Day::name()) {
        (
            vec![json!("2028-02-29")],
            vec![json!("2030-02-29"), json!("15.1.2030")],
        )
    } else if is(&Time::name()) {
        (
            vec![json!("00:00"), json!("23:59")],
            vec![json!("24:00"), json!("9:00")],
        )
    } else {
        panic!("nobody knows what {place} may be");
    };
    bad.extend([json!(""), json!(5), json!({"$gt": ""}), Value::Null]);
    Tries { good, bad }
}

fn texts(schema: &Value) -> Tries {
    if let Some(names) = schema["enum"].as_array() {
        return Tries {
            good: names.clone(),
            bad: vec![json!("other"), json!(1)],
        };
    }
    let mut tries = Tries {
        bad: vec![json!(5), json!(["a"])],
        ..Tries::default()
    };
    let text = |length: u64| json!("a".repeat(usize::try_from(length).unwrap_or(0)));
    if let Some(least) = schema["minLength"].as_u64() {
        tries.good.push(text(least));
        tries.bad.push(text(least.saturating_sub(1)));
    }
    if let Some(most) = schema["maxLength"].as_u64() {
        tries.good.push(text(most));
        tries.bad.push(text(most + 1));
    }
    tries
}

fn booleans() -> Tries {
    Tries {
        good: vec![json!(true), json!(false)],
        bad: vec![json!("true"), json!(1)],
    }
}

fn numbers(schema: &Value) -> Tries {
    let mut tries = Tries {
        bad: vec![json!("5"), json!(true)],
        ..Tries::default()
    };
    if let Some(least) = schema["minimum"].as_f64() {
        tries.good.push(json!(least));
        tries.bad.push(json!(least - 1.0));
    }
    if let Some(most) = schema["maximum"].as_f64() {
        tries.good.push(json!(most));
        tries.bad.push(json!(most + 1.0));
    }
    if has(&schema["type"], "integer") {
        tries.bad.push(json!(1.5));
    }
    tries
}

/// Lists of ids, which is all there are.
fn lists(schema: &Value) -> Tries {
    let ids = |count: u64| {
        let ids = (0..count).map(|_| Id::new().to_string());
        json!(ids.collect::<Vec<_>>())
    };
    let mut tries = Tries {
        bad: vec![json!("x"), json!(["x"])],
        ..Tries::default()
    };
    if let Some(least) = schema["minItems"].as_u64() {
        tries.good.push(ids(least));
        tries.bad.push(ids(least.saturating_sub(1)));
    }
    if let Some(most) = schema["maxItems"].as_u64() {
        tries.good.push(ids(most));
        tries.bad.push(ids(most + 1));
    }
    if schema["uniqueItems"] == true {
        let id = Id::new().to_string();
        tries.bad.push(json!([id, id]));
    }
    tries
}
