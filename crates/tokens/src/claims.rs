//! What a token says.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How long a token is good for, in seconds.
pub const LIFETIME: u64 = 15 * 60;

/// What somebody may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Books, and sees what is their own.
    #[default]
    Customer,
    /// Runs the cinema.
    Staff,
}

impl Role {
    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Customer, Self::Staff]
            .into_iter()
            .find(|role| role.name() == name)
    }

    /// The name, as it stands in tokens and in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The claims of a token: the registered ones of RFC 7519, 4.1, and what is ours. Times are in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed it.
    pub iss: String,
    /// Whom it is meant for.
    pub aud: String,
    /// The user's id.
    pub sub: String,
    /// What the user may do.
    pub role: Role,
    /// Since when it is good.
    pub iat: u64,
    /// Until when.
    pub exp: u64,
    /// The token's own id.
    pub jti: String,
    /// The [`digest`](crate::digest) of the CSRF token that has to come with it, where it comes by cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf: Option<String>,
    /// The id of the session that it was given in (OpenID Connect Front-Channel Logout, 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}
