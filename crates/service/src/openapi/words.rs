//! What the API's fields are made of, and examples of it.

use bson::{DateTime, oid::ObjectId};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};

/// An id: 24 hex digits.
#[derive(ToSchema)]
#[schema(pattern = "^[0-9a-fA-F]{24}$", example = "68a1f0c27d5b3e9a41c80f01")]
pub struct Id(pub String);

/// A day of the calendar.
#[derive(ToSchema)]
#[schema(format = "date", example = "2030-01-15")]
pub struct Day(pub String);

/// A time of day, on a clock of 24 hours.
#[derive(ToSchema)]
#[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "20:15")]
pub struct Time(pub String);

/// A moment (RFC 3339).
#[derive(ToSchema)]
#[schema(format = "date-time", example = "2029-12-01T18:30:00Z")]
pub struct Moment(pub String);

/// The film of the examples.
pub const MOVIE: ObjectId = example(1);

/// The showtime of the examples.
pub const SHOWTIME: ObjectId = example(2);

/// The booking of the examples.
pub const BOOKING: ObjectId = example(3);

/// The user of the examples.
pub const USER: ObjectId = example(4);

/// When all of it was made.
pub const WHEN: DateTime = DateTime::from_millis(1_890_844_200_000);

const fn example(number: u8) -> ObjectId {
    ObjectId::from_bytes([
        0x68, 0xa1, 0xf0, 0xc2, 0x7d, 0x5b, 0x3e, 0x9a, 0x41, 0xc8, 0x0f, number,
    ])
}

/// A parameter that is text.
pub fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}

/// A parameter that is a number within a range.
pub fn number(least: f64, most: f64) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Number);
    number.minimum(Some(least)).maximum(Some(most)).into()
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
    ids.max_items(Some(crate::page::MOST as usize)).into()
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
