//! The description as a page to read: no script, and nothing from elsewhere.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

const STYLE: &str = include_str!("page.css");

/// The page.
pub fn page(description: &Value) -> Markup {
    let info = &description["info"];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (text(&info["title"])) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (text(&info["title"])) " " small { (text(&info["version"])) } }
                    @for paragraph in text(&info["description"]).split("\n\n") { p { (words(paragraph)) } }
                    p { "For programs: " a href="/openapi.json" { "openapi.json" } " (OpenAPI 3.1)." }
                    nav { @for tag in list(&description["tags"]) { a href={ "#" (text(&tag["name"])) } { (text(&tag["name"])) } } }
                }
                main { @for tag in list(&description["tags"]) { (service(description, tag)) } }
            }
        }
    }
}

fn service(description: &Value, tag: &Value) -> Markup {
    let name = text(&tag["name"]);
    let operations = operations(description)
        .filter(|operation| list(&operation.says["tags"]).iter().any(|tag| tag == name));
    html! {
        section id=(name) {
            h2 { (name) }
            p { (words(text(&tag["description"]))) }
            @for operation in operations { (operation.markup(description)) }
        }
    }
}

/// A method of a path.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    says: &'a Value,
}

fn operations(description: &Value) -> impl Iterator<Item = Operation<'_>> {
    fields(&description["paths"]).flat_map(|(path, item)| {
        let methods = fields(item).filter(|(name, _)| *name != "parameters");
        methods.map(move |(method, says)| Operation { method, path, says })
    })
}

impl Operation<'_> {
    fn markup(&self, description: &Value) -> Markup {
        let says = self.says;
        let parameters: Vec<_> = list(&says["parameters"])
            .iter()
            .map(|parameter| resolved(description, parameter))
            .collect();
        html! {
            article id=(text(&says["operationId"])) {
                h3 {
                    code.method.(self.method) { (self.method.to_uppercase()) } " " code { (self.path) } " "
                    span { (text(&says["summary"])) }
                }
                @if let Some(more) = says["description"].as_str() { p { (words(more)) } }
                p.access { "Open to " (text(&says["x-open-to"])) "." }
                @if !parameters.is_empty() {
                    table {
                        @for parameter in parameters {
                            tr {
                                td { code { (text(&parameter["name"])) } }
                                td { (text(&parameter["in"])) @if parameter["required"] == true { ", required" } }
                                td { (words(text(&parameter["description"]))) " " (bounds(description, &parameter["schema"])) }
                            }
                        }
                    }
                }
                @if let Some((media, content)) = fields(&says["requestBody"]["content"]).next() {
                    h4 { "Body " small { (media) } }
                    (body(description, content))
                }
                h4 { "Answers" }
                @for (status, response) in fields(&says["responses"]) { (answer(description, status, response)) }
            }
        }
    }
}

fn answer(description: &Value, status: &str, response: &Value) -> Markup {
    let response = resolved(description, response);
    let content = fields(&response["content"]).next();
    html! {
        @if let Some((media, content)) = content {
            details {
                summary { b { (status) } " " (words(text(&response["description"]))) " " small { (media) } }
                (body(description, content))
            }
        } @else {
            p.answer { b { (status) } " " (words(text(&response["description"]))) }
        }
    }
}

/// An example, where there is one, and the fields that the schema has.
fn body(description: &Value, content: &Value) -> Markup {
    let schema = resolved(description, &content["schema"]);
    let example = &content["example"];
    let example = match example {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => serde_json::to_string_pretty(other).ok(),
    };
    html! {
        @if let Some(example) = example { pre { (example) } }
        @if schema["properties"].is_object() {
            table {
                @for (name, field) in fields(&schema["properties"]) {
                    tr {
                        td { code { (name) } }
                        td { @if list(&schema["required"]).iter().any(|required| required == name) { "required" } }
                        td { (words(text(&resolved(description, field)["description"]))) " " (bounds(description, field)) }
                    }
                }
            }
        }
    }
}

/// What a schema takes, in a few words.
fn bounds(description: &Value, schema: &Value) -> Markup {
    let either = ["oneOf", "anyOf"]
        .into_iter()
        .find_map(|kind| schema[kind].as_array());
    if let Some(either) = either {
        return html! {
            @for (at, one) in either.iter().filter(|one| one["type"] != "null").enumerate() {
                @if at > 0 { " or " }
                (bounds(description, one))
            }
        };
    }
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        let schema = resolved(description, schema);
        return html! { i { (name) } " " (bounds(description, schema)) };
    }
    const SAID: [&str; 10] = [
        "format",
        "pattern",
        "enum",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "default",
    ];
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .map(text)
            .filter(|kind| *kind != "null")
            .collect(),
        kind => vec![text(kind)],
    };
    html! {
        (kind.join(" or "))
        @for name in SAID {
            @if let Some(value) = schema.get(name) { ", " (name) " " code { (value.as_str().map_or_else(|| value.to_string(), Into::into)) } }
        }
        @if schema["items"].is_object() { " of " (bounds(description, &schema["items"])) }
    }
}

/// What a value refers to; itself, where it refers to nothing.
fn resolved<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    let place = value["$ref"]
        .as_str()
        .and_then(|place| place.strip_prefix('#'));
    place
        .and_then(|place| description.pointer(place))
        .unwrap_or(value)
}

/// Text in which what stands between backticks is code.
fn words(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.as_str(), value))
}
