//! A session as it is shown, and the bodies that begin and renew one.

use accounts::{Session, password};
use serde::Serialize;
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

/// A session as its user sees it.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Session))]
pub struct View {
    pub id: Id,
    /// What the browser or program said it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it was last renewed.
    pub usedon: Moment,
    /// Until when it can be renewed.
    pub expires: Moment,
    pub createdon: Moment,
}

impl View {
    /// A session, as somebody sees it who asks out of the session `asking`.
    pub fn of(session: Session, asking: Option<Id>) -> Self {
        Self {
            id: session.id,
            agent: session.agent,
            current: asking == Some(session.id),
            usedon: session.renewedon.unwrap_or(session.createdon),
            expires: session.expires,
            createdon: session.createdon,
        }
    }
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

service::body! {
    /// Who forgot their password, and the code that staff gave out for them.
    pub struct Reset {
        username: String = text(1..=LONGEST),
        code: String = secret(1..=LONGEST),
        /// Any characters. It is never given back.
        password: String = secret(password::LENGTH),
    }
}
