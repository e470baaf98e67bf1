//! Who may do what.
//!
//! - [`Access`]: a request's headers to its caller
//! - `presented`: the credentials that headers hold
//! - `keys`, `users`, `tokens`: the kinds of credentials
//! - `jwks`, `provider`: the keys of tokens, and how signatures are verified
//! - `rules`: what a caller may
//! - `demands`: what an action's body takes, beyond reading or writing its own collection

mod demands;
mod jwks;
mod keys;
mod presented;
mod provider;
mod rules;
mod tokens;
mod users;

use std::sync::Arc;

use data_api_protocol::Failure;
use http::HeaderMap;

pub use demands::Demands;
pub use keys::{ApiKey, new_key};
pub use rules::{Granted, Privilege, Rules};
pub use tokens::Issuer;
pub use users::{User, hash_password};

use crate::settings::Settings;
use keys::Keys;
use presented::Presented;
use tokens::Tokens;
use users::Users;

/// Whoever asks, and what that one may.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The name of the credentials.
    pub name: Arc<str>,
    /// What they may.
    pub rules: Arc<Rules>,
}

/// Whom the gateway knows.
pub enum Access {
    /// Anybody, for there are no credentials.
    Open(Caller),
    /// Those with credentials.
    Known {
        /// Programs.
        keys: Keys,
        /// People.
        users: Users,
        /// Whoever somebody else vouches for.
        tokens: Tokens,
    },
}

impl Access {
    /// Those of the settings.
    ///
    /// # Errors
    /// Credentials that can't be used.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        if settings.is_open() {
            return Ok(Self::Open(Caller {
                name: "anybody".into(),
                rules: Arc::new(Rules::everything(&settings.allow)),
            }));
        }
        Ok(Self::Known {
            keys: Keys::new(&settings.keys)?,
            users: Users::new(&settings.users)?,
            tokens: Tokens::new(&settings.tokens)?,
        })
    }

    /// Whoever has the credentials in these headers.
    ///
    /// # Errors
    /// No credentials, a half of them, or wrong ones, in Atlas' words.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Caller, Failure> {
        let (keys, users, tokens) = match self {
            Self::Open(anybody) => return Ok(anybody.clone()),
            Self::Known {
                keys,
                users,
                tokens,
            } => (keys, users, tokens),
        };
        let found = match presented::read(headers)? {
            Presented::Key(key) => keys.find(key),
            Presented::Password { name, password } => users.verify(name, password).await?,
            Presented::Token(token) => tokens.verify(token).await?,
        };
        found.ok_or_else(|| {
            let message = "invalid session: error finding user for endpoint";
            Failure::new(401, "InvalidSession", message)
        })
    }
}
