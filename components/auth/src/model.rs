//! A session: the document, and the bodies that begin and renew one.

use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{
    Id, Moment,
    rule::{Other, flag, optional, other, secret, text},
};

/// The longest name and password that are looked at, in characters: longer than any that there are.
const LONGEST: usize = 1024;

/// Any text, which may be no token.
const TOKEN: Other<String> = other(
    "a text",
    || json!({"type": "string"}),
    |value| value.as_str().map(str::to_owned),
);

/// What a login begins and a logout ends: a family of refresh tokens, the newest of which works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The family's id, which is a part of each of its tokens.
    #[serde(alias = "_id")]
    pub id: Id,
    /// Who is signed in.
    pub userid: Id,
    /// The digest of the newest refresh token's secret.
    pub current: String,
    /// The digest of the newest CSRF token, where the session is a browser's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf: Option<String>,
    /// Until when it can be renewed.
    pub expires: Moment,
    pub createdon: Moment,
}

service::body! {
    /// Who signs in.
    pub struct Login {
        username: String = text(1..=LONGEST),
        password: String = secret(1..=LONGEST),
        /// For browsers: the tokens are given as cookies that scripts can't read.
        cookies: Option<bool> = optional(flag()),
    }
}

service::body! {
    /// What renews a session. Browsers have it as a cookie instead.
    pub struct Renewal {
        refresh_token: Option<String> = optional(TOKEN),
    }
}
