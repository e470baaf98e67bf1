//! The bodies that make and change users.

use std::ops::RangeInclusive;

use accounts::password;
use serde::Serialize;
use serde_json::json;
use service::{
    Moment, Role,
    rule::{Other, change, optional, other, secret, text},
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
        /// What the user may do. Staff alone may make others staff.
        role: Option<Role> = optional(ROLE),
    }
}

service::body! {
    /// What is to change of a user (JSON merge patch, RFC 7396).
    pub struct UserPatch {
        firstname: Option<String> = change(text(NAME)),
        lastname: Option<String> = change(text(NAME)),
        /// Of staff alone it is taken. The last of the staff stays staff.
        role: Option<Role> = change(ROLE),
    }
}

service::body! {
    /// A password in place of another.
    pub struct NewPassword {
        /// The one there is; staff who set another user's leave it out.
        current: Option<String> = optional(secret(1..=1024)),
        /// Any characters. It is never given back.
        password: String = secret(password::LENGTH),
    }
}

/// A code that was given out; it is shown this once.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct GivenCode {
    /// For `POST /auth/reset`.
    pub code: String,
    /// Until when it is good.
    pub expires: Moment,
}

fn username(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    ((3..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_ascii_lowercase())
}
