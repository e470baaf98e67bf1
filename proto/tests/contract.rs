//! The contract by gRPC and the HTTP API say the same: every operation of each `openapi.json` has its method, whose fields are its
//! parameters and the properties of its body and its answer, with the same bounds in their comments.

#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use prost_reflect::{
    DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, ServiceDescriptor,
    prost_types::FileDescriptorProto,
};
use serde_json::Value;

const SERVICES: [&str; 5] = ["Auth", "Bookings", "Movies", "Showtimes", "Users"];

/// The contract, with its comments.
fn pool() -> DescriptorPool {
    let files = fs::read_dir("cinema/v1").unwrap();
    let files = files.map(|file| file.unwrap().path());
    DescriptorPool::from_file_descriptor_set(protox::compile(files, ["."]).unwrap()).unwrap()
}

/// A description of the API, and what it refers to.
struct Api(Value);

impl Api {
    fn of(service: &str) -> Self {
        let name = service.to_lowercase();
        let path = Path::new("../components").join(name).join("openapi.json");
        Self(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    }

    /// What a schema is, without null.
    fn schema<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(pointer) = schema["$ref"].as_str() {
            let pointer = pointer.strip_prefix('#').unwrap();
            return self.schema(self.0.pointer(pointer).unwrap());
        }
        match schema["oneOf"].as_array() {
            Some(one) => {
                let other = one.iter().find(|one| one["type"] != "null");
                self.schema(other.unwrap())
            }
            None => schema,
        }
    }

    /// Each operation, as `GET /path`.
    fn operations(&self) -> BTreeMap<String, &Value> {
        let paths = self.0["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().unwrap();
            let methods = item.iter().filter(|(method, _)| *method != "parameters");
            methods.map(move |(method, operation)| {
                (format!("{} {path}", method.to_uppercase()), operation)
            })
        });
        let is_health = |name: &str| name.ends_with("/healthz") || name.ends_with("/healthy");
        operations.filter(|(name, _)| !is_health(name)).collect()
    }

    /// The fields that the request of an operation has to have, with what each may be.
    fn request<'a>(&'a self, name: &str, operation: &'a Value) -> BTreeMap<String, &'a Value> {
        let mut fields = BTreeMap::new();
        let (_, path) = name.split_once(' ').unwrap();
        let of_path = self.0["paths"][path]["parameters"].as_array();
        let of_operation = operation["parameters"].as_array();
        for parameter in of_path.into_iter().chain(of_operation).flatten() {
            let parameter = self.schema(parameter);
            let place = parameter["in"].as_str().unwrap();
            if ["path", "query"].contains(&place) {
                let name = match parameter["name"].as_str().unwrap() {
                    "limit" => "page_size",
                    "after" | "place" => "page_token",
                    name => name,
                };
                fields.insert(name.to_owned(), &parameter["schema"]);
            }
        }
        let body = &operation["requestBody"]["content"];
        if let Some(body) = body.as_object().and_then(|body| body.values().next()) {
            let properties = self.schema(&body["schema"])["properties"]
                .as_object()
                .unwrap();
            fields.extend(
                properties
                    .iter()
                    .map(|(name, schema)| (name.clone(), schema)),
            );
        }
        fields
    }

    /// What an operation answers where all is well.
    fn answer<'a>(&'a self, operation: &'a Value) -> Option<&'a Value> {
        let responses = operation["responses"].as_object().unwrap();
        let (_, well) = responses
            .iter()
            .find(|(status, _)| status.starts_with('2'))
            .unwrap();
        let content = self.schema(well)["content"].as_object()?;
        Some(self.schema(&content.values().next().unwrap()["schema"]))
    }
}

fn comment(file: &FileDescriptorProto, path: &[i32]) -> String {
    let source = file.source_code_info.as_ref().unwrap();
    let found = source
        .location
        .iter()
        .find(|location| location.path == path);
    found
        .and_then(|found| found.leading_comments.clone())
        .unwrap_or_default()
}

fn said_of_method(method: &MethodDescriptor) -> String {
    comment(method.parent_file().file_descriptor_proto(), method.path())
}

fn said_of_field(field: &FieldDescriptor) -> String {
    comment(field.parent_file().file_descriptor_proto(), field.path())
}

fn services() -> Vec<(Api, ServiceDescriptor)> {
    let pool = pool();
    let service = |name| {
        pool.get_service_by_name(&format!("cinema.v1.{name}"))
            .unwrap()
    };
    SERVICES.map(|name| (Api::of(name), service(name))).into()
}

/// The operation that a method is: the first that its comment names.
fn operation_of(method: &MethodDescriptor) -> String {
    let said = said_of_method(method);
    let quoted = said
        .split('`')
        .skip(1)
        .step_by(2)
        .find(|part| part.contains(" /"));
    quoted
        .unwrap_or_else(|| panic!("{} names no operation", method.full_name()))
        .to_owned()
}

#[test]
fn every_operation_has_its_method() {
    for (api, service) in services() {
        let file = service.parent_file();
        let said = comment(file.file_descriptor_proto(), service.path());
        let mut operations: BTreeSet<_> = api.operations().into_keys().collect();
        operations.retain(|name| !said.contains(&format!("`{name}` has no method: ")));
        let unary = service
            .methods()
            .filter(|method| !method.is_server_streaming());
        let methods: BTreeSet<_> = unary.map(|method| operation_of(&method)).collect();
        assert_eq!(methods, operations, "{}", service.name());
    }
}

#[test]
fn requests_have_the_same_fields_and_bounds() {
    for (api, service) in services() {
        let operations = api.operations();
        for method in service.methods() {
            let name = operation_of(&method);
            let expected = api.request(&name, operations[&name]);
            let mut given: BTreeSet<_> = method
                .input()
                .fields()
                .map(|field| field.name().to_owned())
                .collect();
            let takes_mask = given.remove("update_mask");
            assert_eq!(
                takes_mask,
                name.starts_with("PATCH"),
                "{}",
                method.full_name()
            );
            if method.is_server_streaming() {
                assert!(
                    given.iter().all(|name| expected.contains_key(name)),
                    "{}",
                    method.full_name()
                );
            } else {
                let mut expected: BTreeSet<_> = expected.keys().cloned().collect();
                // The list that an operation may give in place of one thing is left to the method of lists.
                if method
                    .output()
                    .get_field_by_name("next_page_token")
                    .is_none()
                {
                    expected.remove("page_token");
                }
                assert_eq!(given, expected, "{}", method.full_name());
            }
            for field in method.input().fields() {
                if let Some(schema) = expected.get(field.name()) {
                    check_bounds(&api, &field, schema);
                }
            }
        }
    }
}

/// Every bound of a schema is a number of the field's comment, but for those that go without saying.
fn check_bounds(api: &Api, field: &FieldDescriptor, schema: &Value) {
    let schema = api.schema(schema);
    let said = said_of_field(field).replace(',', "");
    let numbers: BTreeSet<_> = said.split(|c: char| !c.is_ascii_digit()).collect();
    let bounds = [
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "maxItems",
        "default",
    ];
    for bound in bounds
        .into_iter()
        .filter_map(|bound| schema[bound].as_f64())
    {
        if bound < f64::from(i32::MAX) {
            let is_said = numbers.contains(bound.to_string().as_str());
            assert!(
                is_said,
                "{}: its comment does not say {bound}",
                field.full_name()
            );
        }
    }
}

#[test]
fn answers_have_the_same_fields() {
    for (api, service) in services() {
        let operations = api.operations();
        for method in service.methods() {
            let name = operation_of(&method);
            let output = method.output();
            let Some(answer) = api.answer(operations[&name]) else {
                assert_eq!(output.fields().count(), 0, "{}", method.full_name());
                continue;
            };
            let data = &answer["properties"]["data"];
            if data.is_null() {
                // Without `data` around it, and in one of several forms.
                continue;
            }
            let is_paged = output.get_field_by_name("next_page_token").is_some();
            let has_next = answer["properties"].get("next").is_some();
            assert_eq!(
                is_paged,
                has_next && !method.is_server_streaming(),
                "{}",
                method.full_name()
            );
            let mut fields = output
                .fields()
                .filter(|field| field.name() != "next_page_token");
            let (field, None) = (fields.next().unwrap(), fields.next()) else {
                panic!("{}: one field says what is answered", method.full_name());
            };
            let data = api.schema(data);
            let is_list = data["type"] == "array" && !method.is_server_streaming();
            assert_eq!(field.is_list(), is_list, "{}", field.full_name());
            let one = if data["type"] == "array" {
                &data["items"]
            } else {
                data
            };
            let Kind::Message(message) = field.kind() else {
                panic!("{}: a message says what it is", field.full_name());
            };
            compare(&api, &message, one);
        }
    }
}

/// A message has a field for each property, and the same holds for what is inside.
fn compare(api: &Api, message: &MessageDescriptor, schema: &Value) {
    let schema = api.schema(schema);
    let properties = schema["properties"].as_object().unwrap();
    let expected: BTreeSet<_> = properties.keys().map(String::as_str).collect();
    let fields: Vec<_> = message.fields().collect();
    let given: BTreeSet<_> = fields.iter().map(FieldDescriptor::name).collect();
    assert_eq!(given, expected, "{}", message.full_name());
    for field in &fields {
        let property = api.schema(&properties[field.name()]);
        let types = [&property["type"], &property["type"][0]];
        assert_eq!(
            field.is_list(),
            types.contains(&&"array".into()),
            "{}",
            field.full_name()
        );
        let inner = if field.is_list() {
            &property["items"]
        } else {
            property
        };
        if let Kind::Message(message) = field.kind()
            && message.full_name() != "google.protobuf.Timestamp"
        {
            compare(api, &message, inner);
        }
    }
}

#[test]
fn everything_says_what_it_is() {
    for file in pool()
        .files()
        .filter(|file| file.package_name() == "cinema.v1")
    {
        let described = file.file_descriptor_proto();
        let says = |path: &[i32]| !comment(described, path).trim().is_empty();
        for service in file.services() {
            assert!(says(service.path()), "{}", service.full_name());
            for method in service.methods() {
                assert!(says(method.path()), "{}", method.full_name());
            }
        }
        for message in file.messages() {
            assert!(says(message.path()), "{}", message.full_name());
            for field in message.fields() {
                assert!(says(field.path()), "{}", field.full_name());
            }
        }
        for one in file.enums() {
            assert!(says(one.path()), "{}", one.full_name());
        }
    }
}
