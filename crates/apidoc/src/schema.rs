//! What fields and parameters are made of.

use data_api_client::PageRequest;
use std::ops::RangeInclusive;

pub use data_api_client::{Day, Id, Moment, Time};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};

/// A parameter that is text.
pub fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}

/// A parameter that is a number within a range.
pub fn number(range: RangeInclusive<f64>) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Number);
    let number = number.minimum(Some(*range.start()));
    number.maximum(Some(*range.end())).into()
}

/// A parameter that is a whole number from 1 on, with its default.
pub fn count(default: u32, most: u32) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    let number = number.minimum(Some(1_u32)).maximum(Some(most));
    number.default(Some(default.into())).into()
}

/// A parameter that is several ids, with commas between them.
pub fn ids() -> RefOr<Schema> {
    let ids = ArrayBuilder::new().items(of::<Id>()).min_items(Some(1));
    ids.max_items(Some(PageRequest::MOST as usize)).into()
}

/// A parameter that has one value, where it is given.
pub fn only(value: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.enum_values(Some([value])).into()
}

/// A parameter of printable ASCII characters, this many at the most.
pub fn printable(most: usize) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let text = text.min_length(Some(1)).max_length(Some(most));
    text.pattern(Some("^[ -~]+$")).into()
}

/// A parameter that is an id.
pub fn id() -> RefOr<Schema> {
    of::<Id>()
}

/// A parameter that is an id or a day.
pub fn id_or_day() -> RefOr<Schema> {
    let either = OneOfBuilder::new().item(id()).item(day());
    either.into()
}

/// Anything that is a JSON object.
pub fn object() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Object).into()
}

/// A day, as a parameter.
pub fn day() -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let format = SchemaFormat::KnownFormat(KnownFormat::Date);
    text.format(Some(format)).into()
}

/// A type's schema, by reference.
pub fn of<T: ToSchema>() -> RefOr<Schema> {
    utoipa::openapi::Ref::from_schema_name(T::name()).into()
}
