//! The values as OpenAPI describes them.

use std::borrow::Cow;

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Day, Id, Moment, Time};

macro_rules! described {
    ($name:ident, $description:literal, $($member:literal: $value:expr),*) => {
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let schema: Value = json!({"type": "string", "description": $description, $($member: $value),*});
                serde_json::from_value(schema).unwrap_or_default()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

described!(Id, "An id: 24 hex digits.", "pattern": "^[0-9a-fA-F]{24}$", "example": "68a1f0c27d5b3e9a41c80f01");
described!(Day, "A day of the calendar.", "format": "date", "example": "2030-01-15");
described!(Time, "A time of day, on a clock of 24 hours.", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "example": "20:15");
described!(Moment, "A moment (RFC 3339).", "format": "date-time", "example": "2029-12-01T18:30:00.000Z");
