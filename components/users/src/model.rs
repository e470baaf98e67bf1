//! A body that makes a user.

use std::ops::RangeInclusive;

use accounts::password;
use serde_json::json;
use service::{
    Role,
    rule::{Other, optional, other, secret, text},
};

/// What a username may be. Capital letters become small ones.
const USERNAME: Other<String> = other(
    "3 to 64 characters, each of a-z 0-9 . _ -",
    || json!({"type": "string", "minLength": 3, "maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$"}),
    |value| username(value.as_str()?),
);

const ROLE: Other<Role> = other(
    "customer or staff",
    || json!({"type": "string", "enum": ["customer", "staff"]}),
    |value| Role::parse(value.as_str()?),
);

/// How long a first and a last name may be, in characters.
const NAME: RangeInclusive<usize> = 1..=100;

service::body! {
    /// A user to add.
    pub struct NewUser {
        /// No other user's, without regard to case.
        username: String = USERNAME,
        firstname: String = text(NAME),
        lastname: String = text(NAME),
        /// Any characters. It is never given back.
        password: String = secret(password::LENGTH),
        /// What the user may do. Of staff alone it is taken: everybody else makes customers.
        role: Option<Role> = optional(ROLE),
    }
}

fn username(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    ((3..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_ascii_lowercase())
}
