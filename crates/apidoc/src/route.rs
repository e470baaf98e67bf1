//! What a route takes and gives.

use std::collections::BTreeSet;

use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, Required};
use utoipa::{PartialSchema, ToSchema};

use crate::schema::{Id, count, of};
use service::{Body, Described, Many, One, PageRequest};

const JSON: &str = "application/json";

/// RFC 7396.
const MERGE_PATCH: &str = "application/merge-patch+json";

/// A schema with its name.
pub(crate) type Named = (String, RefOr<Schema>);

/// A body, of a request or of an answer.
pub(crate) struct Content {
    pub media: Vec<&'static str>,
    pub schema: RefOr<Schema>,
    pub example: Value,
}

/// What is given when all is well.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub says: String,
    pub content: Option<Content>,
    /// Headers that are not everywhere the same.
    pub headers: Vec<(&'static str, &'static str)>,
}

/// An error that a route has of its own.
#[derive(Clone)]
pub(crate) struct Own {
    pub status: u16,
    pub when: &'static str,
    /// An example of what it says.
    pub detail: &'static str,
}

/// A route, as clients have to know it. What follows from whom it is open to, and from its having a body or an id, need not be said.
pub struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) id: String,
    pub(crate) title: &'static str,
    pub(crate) says: Option<&'static str>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Content>,
    pub(crate) body_required: bool,
    pub(crate) answer: Answer,
    pub(crate) problems: Vec<Own>,
    pub(crate) token_counts: bool,
    pub(crate) schemas: Vec<Named>,
}

impl Route {
    /// A route: its method, its path as the service has it, its name for programs, and what it does in a few schema.
    pub fn new(
        method: &'static str,
        path: &'static str,
        id: impl Into<String>,
        title: &'static str,
    ) -> Self {
        let answer = Answer {
            status: StatusCode::NO_CONTENT,
            says: "Done.".into(),
            content: None,
            headers: Vec::new(),
        };
        Self {
            method,
            path,
            id: id.into(),
            title,
            says: None,
            parameters: Vec::new(),
            body: None,
            body_required: true,
            answer,
            problems: Vec::new(),
            token_counts: false,
            schemas: Vec::new(),
        }
    }

    /// More about it.
    pub fn says(mut self, text: &'static str) -> Self {
        self.says = Some(text);
        self
    }

    /// With a parameter of the query, which may be left out.
    pub fn query(self, name: &str, schema: RefOr<Schema>, says: &str) -> Self {
        self.parameter(ParameterIn::Query, name, schema, says)
    }

    /// With a parameter of the query without which nothing is answered.
    pub fn asked(mut self, name: &str, schema: RefOr<Schema>, says: &str) -> Self {
        self = self.query(name, schema, says);
        if let Some(parameter) = self.parameters.last_mut() {
            parameter.required = Required::True;
        }
        self
    }

    /// The names of the parameters of its query.
    pub(crate) fn queried(&self) -> BTreeSet<&str> {
        let parameters = self.parameters.iter();
        let queried = parameters.filter(|one| one.parameter_in == ParameterIn::Query);
        queried.map(|one| one.name.as_str()).collect()
    }

    /// With a header, which may be left out.
    pub fn header(self, name: &str, schema: RefOr<Schema>, says: &str) -> Self {
        self.parameter(ParameterIn::Header, name, schema, says)
    }

    /// With a parameter of the path that is more than an id.
    pub fn path(self, name: &str, schema: RefOr<Schema>, says: &str) -> Self {
        self.parameter(ParameterIn::Path, name, schema, says)
    }

    fn parameter(
        mut self,
        place: ParameterIn,
        name: &str,
        schema: RefOr<Schema>,
        says: &str,
    ) -> Self {
        let required = match place {
            ParameterIn::Path => Required::True,
            _ => Required::False,
        };
        // Several values are written with commas between them.
        let several = matches!(schema, RefOr::T(Schema::Array(_)));
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(says))
            .explode(several.then_some(false))
            .schema(Some(schema));
        self.parameters.push(parameter.build());
        self
    }

    /// With the parameters of a list.
    fn paged(self) -> Self {
        self.query(
            "limit",
            count(PageRequest::DEFAULT, PageRequest::MOST),
            "How many at the most.",
        )
        .after()
    }

    fn after(self) -> Self {
        self.query("after", of::<Id>(), "The id of the last one already seen.")
    }

    /// With a JSON body, of which this is an example.
    pub fn takes<B: Body>(self, example: Value) -> Self {
        self.body_as(vec![JSON], declared::<B>(), example)
    }

    /// With a JSON body, of which this is an example, and which may be left out.
    pub fn may_take<B: Body>(self, example: Value) -> Self {
        let mut route = self.takes::<B>(example);
        route.body_required = false;
        route
    }

    /// With a JSON merge patch (RFC 7396), of which this is an example.
    pub fn patched_by<B: Body>(self, example: Value) -> Self {
        self.body_as(vec![JSON, MERGE_PATCH], declared::<B>(), example)
    }

    fn body_as(mut self, media: Vec<&'static str>, schema: Named, example: Value) -> Self {
        self.body = Some(Content {
            media,
            schema: utoipa::openapi::Ref::from_schema_name(&schema.0).into(),
            example,
        });
        self.schemas.push(schema);
        self
    }

    /// 200 with one thing, like this.
    pub fn one<T: ToSchema + Serialize>(self, says: &str, example: &T) -> Self {
        let (schema, example) = one(example);
        self.answers(StatusCode::OK, says, schema, example)
            .shows::<T>()
    }

    /// 201 with the new thing, like this, and its path.
    pub fn created<T: ToSchema + Serialize>(self, says: &str, example: &T) -> Self {
        let (schema, example) = one(example);
        self.answers(StatusCode::CREATED, says, schema, example)
            .gives("Location", "Location")
            .shows::<T>()
    }

    /// 200 with a page of a list of such things.
    pub fn page<T: ToSchema + Serialize>(self, says: &str, example: &T) -> Self {
        let (schema, example) = many(example, true);
        self.paged()
            .answers(StatusCode::OK, says, schema, example)
            .shows::<T>()
    }

    /// 200 with one thing or a list of such things, which goes on only where it is very long.
    pub fn one_or_list<T: ToSchema + Serialize>(self, says: &str, example: &T) -> Self {
        let (many, _) = many(example, true);
        let (one, example) = one(example);
        let either = OneOfBuilder::new().item(one).item(many);
        self.after()
            .answers(StatusCode::OK, says, either.into(), example)
            .shows::<T>()
    }

    /// 200 with a list of such things, which goes on only where it is very long.
    pub fn long_list<T: ToSchema + Serialize>(self, says: &str, example: &T) -> Self {
        let (schema, example) = many(example, true);
        self.after()
            .answers(StatusCode::OK, says, schema, example)
            .shows::<T>()
    }

    /// 200 with a list that is whole.
    pub fn list<T: ToSchema + Serialize>(self, says: &str, example: &T) -> Self {
        let (schema, example) = many(example, false);
        self.answers(StatusCode::OK, says, schema, example)
            .shows::<T>()
    }

    /// 200 with JSON that has no `data` around it.
    pub fn json<T: ToSchema + Serialize>(self, says: &str, example: &T) -> Self {
        self.answers(StatusCode::OK, says, of::<T>(), written(example))
            .shows::<T>()
    }

    /// 200 with JSON that has no `data` around it, and is like either of these.
    pub fn json_of_either<T: ToSchema + Serialize, U: ToSchema + Serialize>(
        self,
        says: &str,
        example: &T,
        _: &U,
    ) -> Self {
        let either = OneOfBuilder::new().item(of::<T>()).item(of::<U>());
        self.answers(StatusCode::OK, says, either.into(), written(example))
            .shows::<T>()
            .shows::<U>()
    }

    /// 200 with something of another media type.
    pub fn media(
        mut self,
        says: &str,
        media: &'static str,
        schema: RefOr<Schema>,
        example: Value,
    ) -> Self {
        self = self.answers(StatusCode::OK, says, schema, example);
        if let Some(content) = &mut self.answer.content {
            content.media = vec![media];
        }
        self
    }

    /// 204.
    pub fn nothing(mut self, says: &str) -> Self {
        self.answer.says = says.into();
        self
    }

    fn answers(
        mut self,
        status: StatusCode,
        says: &str,
        schema: RefOr<Schema>,
        example: Value,
    ) -> Self {
        let content = Content {
            media: vec![JSON],
            schema,
            example,
        };
        self.answer = Answer {
            status,
            says: says.into(),
            content: Some(content),
            headers: Vec::new(),
        };
        self
    }

    /// With a header of the answer, which is described under another name.
    fn gives(mut self, name: &'static str, component: &'static str) -> Self {
        self.answer.headers.push((name, component));
        self
    }

    /// With an error that not every route like it has: when it is, and what it then says.
    pub fn problem(mut self, status: u16, when: &'static str, detail: &'static str) -> Self {
        self.problems.push(Own {
            status,
            when,
            detail,
        });
        self
    }

    /// Open to anyone, and yet it matters who comes.
    pub fn token_counts(mut self) -> Self {
        self.token_counts = true;
        self
    }

    /// With a type of answers, in which what is missing is left out, never null.
    fn shows<T: ToSchema>(mut self) -> Self {
        let mut schemas = all::<T>();
        for (_, schema) in &mut schemas {
            never_null(schema);
        }
        self.schemas.append(&mut schemas);
        self
    }
}

/// A type's schema, and those of the types it speaks of.
fn all<T: ToSchema>() -> Vec<Named> {
    let mut schemas = vec![(T::name().into(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}

/// The schema of a body, of what reads it.
pub(crate) fn declared<B: Body>() -> Named {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for Described {
        name,
        about,
        required: is_required,
        mut schema,
    } in B::fields()
    {
        if is_required {
            required.push(name);
        }
        if !about.is_empty() {
            schema["description"] = about.into();
        }
        properties.insert(name.to_owned(), schema);
    }
    let mut schema = json!({"type": "object", "description": B::ABOUT.trim(), "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let schema =
        serde_json::from_value(schema).unwrap_or_else(|error| panic!("{}: {error}", B::NAME));
    (B::NAME.to_owned(), schema)
}

/// The schema of one thing, and its example.
fn one<T: ToSchema + Serialize>(example: &T) -> (RefOr<Schema>, Value) {
    (One::<T>::schema(), written(&One { data: example }))
}

/// The schema of a list, and its example.
fn many<T: ToSchema + Serialize>(example: &T, paged: bool) -> (RefOr<Schema>, Value) {
    let mut schema = Many::<T>::schema();
    never_null(&mut schema);
    if let (RefOr::T(Schema::Object(list)), false) = (&mut schema, paged) {
        list.properties.remove("next");
    }
    let data = vec![example];
    (schema, written(&Many { data, next: None }))
}

fn written<T: Serialize>(example: &T) -> Value {
    serde_json::to_value(example).unwrap_or_default()
}

/// Takes away that properties may be null.
fn never_null(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else {
        return;
    };
    for property in object.properties.values_mut() {
        let other = match property {
            RefOr::T(Schema::OneOf(either)) => {
                (either.items.iter()).find(|item| !is_null(item)).cloned()
            }
            _ => None,
        };
        if let Some(other) = other {
            *property = other;
        }
        let kind = match property {
            RefOr::T(Schema::Object(object)) => &mut object.schema_type,
            RefOr::T(Schema::Array(array)) => &mut array.schema_type,
            _ => continue,
        };
        if let SchemaType::Array(kinds) = kind {
            kinds.retain(|kind| *kind != Type::Null);
            if let [only] = kinds.as_slice() {
                *kind = SchemaType::Type(only.clone());
            }
        }
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    let null = SchemaType::Type(Type::Null);
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == null)
}
