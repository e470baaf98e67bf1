//! What bodies say.

use serde_json::json;
use service::{
    Fields, Problem,
    rule::{Other, flag, optional, other, text},
};

/// The longest name and password that are looked at, in characters: longer than any that there are.
const LONGEST: usize = 1024;

/// Who wants to sign in.
pub struct Login {
    /// In lower case.
    pub username: String,
    /// As it was typed.
    pub password: String,
    /// Whether tokens are to be given as cookies.
    pub cookies: bool,
}

impl Login {
    /// Reads a body.
    ///
    /// # Errors
    /// 422 with every fault of the body.
    pub fn read(mut fields: Fields) -> Result<Self, Problem> {
        let login = Self {
            username: fields
                .take("username", &text(1..=LONGEST))
                .unwrap_or_default()
                .to_lowercase(),
            password: fields
                .take("password", &text(1..=LONGEST))
                .unwrap_or_default(),
            cookies: fields
                .take("cookies", &optional(flag()))
                .flatten()
                .unwrap_or_default(),
        };
        fields.finish(Some(login))
    }
}

/// The refresh token that a body has, if it has one.
///
/// # Errors
/// 422 where it is no text.
pub fn refresh_token(mut fields: Fields) -> Result<Option<String>, Problem> {
    const TOKEN: Other<String> = other(
        "a text",
        || json!({"type": "string"}),
        |value| value.as_str().map(str::to_owned),
    );
    let token = fields.take("refresh_token", &optional(TOKEN));
    fields.finish(token)
}
