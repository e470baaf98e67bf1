//! Who may do what.
//!
//! - [`Access`]: a request's headers to its caller
//! - `presented`: the credentials that headers hold
//! - `keys`, `users`, `tokens`: the kinds of credentials
//! - `jwks`, `provider`: the keys of tokens, and how signatures are verified
//! - `rules`: what a caller may
//! - `privilege`: what is refused unless a rule allows it
//! - `demands`: what an action's body takes, beyond reading or writing its own collection

mod demands;
mod jwks;
mod keys;
mod presented;
mod privilege;
mod provider;
mod rules;
mod tokens;
mod users;

use std::sync::Arc;

use data_api_protocol::Failure;
use http::HeaderMap;

pub use demands::Demands;
pub use keys::{ApiKey, new_key};
pub use privilege::Privilege;
pub use rules::{Granted, Rules};
pub use tokens::Issuer;
pub use users::{User, hash_password};

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
pub struct Access {
    /// Where there are no credentials, anybody.
    anybody: Option<Caller>,
    keys: Keys,
    users: Users,
    tokens: Tokens,
}

impl Access {
    /// Those with these credentials; where there are none, anybody, with what is allowed.
    ///
    /// # Errors
    /// Credentials that can't be used.
    pub fn new(
        keys: &[ApiKey],
        users: &[User],
        tokens: &[Issuer],
        allow: &[Privilege],
    ) -> anyhow::Result<Self> {
        let is_open = keys.is_empty() && users.is_empty() && tokens.is_empty();
        Ok(Self {
            anybody: is_open.then(|| Caller {
                name: "anybody".into(),
                rules: Arc::new(Rules::everything(allow)),
            }),
            keys: Keys::new(keys)?,
            users: Users::new(users)?,
            tokens: Tokens::new(tokens)?,
        })
    }

    /// Whoever has the credentials in these headers.
    ///
    /// # Errors
    /// No credentials, a half of them, or wrong ones, in Atlas' words.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Caller, Failure> {
        if let Some(anybody) = &self.anybody {
            return Ok(anybody.clone());
        }
        let found = match presented::read(headers)? {
            Presented::Key(key) => self.keys.find(key),
            Presented::Password { name, password } => self.users.verify(name, password).await?,
            Presented::Token(token) => self.tokens.verify(token).await?,
        };
        found.ok_or_else(|| {
            let message = "invalid session: error finding user for endpoint";
            Failure::new(401, "InvalidSession", message)
        })
    }
}
