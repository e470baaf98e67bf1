//! Refresh tokens. Each is the id of its session and a secret; each works once, and makes the next. Whoever brings an old one shows
//! that a token was stolen, by them or from them, so the session ends for both.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bson::DateTime;
use service::Id;
use service::Problem;
use tokens::digest;

use crate::model::{Secrets, Session};

/// How long a session can be renewed, from its login on, in seconds.
pub const LIFETIME: i64 = 30 * 24 * 60 * 60;

/// A refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session's id.
    pub session: Id,
    secret: String,
}

impl RefreshToken {
    /// The token that is written so, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, secret) = text.split_once('.')?;
        Some(Self {
            session: session.parse::<Id>().ok()?,
            secret: secret.to_owned(),
        })
    }

    /// Whether it is the one of a session that works.
    pub fn is_current(&self, session: &Session) -> bool {
        digest(&self.secret) == session.current.refresh
    }

    /// As clients get it.
    pub fn text(&self) -> String {
        format!("{}.{}", self.session, self.secret)
    }
}

/// New secrets of a session, which nothing but their digests is kept of.
pub struct Fresh {
    /// The refresh token.
    pub refresh: RefreshToken,
    /// The CSRF token, for a browser.
    pub csrf: Option<String>,
}

impl Fresh {
    /// For a session, a browser's or not.
    ///
    /// # Errors
    /// 500 where there is no source of random bytes.
    pub fn make(session: Id, browser: bool) -> Result<Self, Problem> {
        let csrf = if browser { Some(secret()?) } else { None };
        let secret = secret()?;
        Ok(Self {
            refresh: RefreshToken { session, secret },
            csrf,
        })
    }

    /// What is kept of them.
    pub fn digests(&self) -> Secrets {
        Secrets {
            refresh: digest(&self.refresh.secret),
            csrf: self.csrf.as_deref().map(digest),
        }
    }
}

/// A session that begins now.
pub fn begin(id: Id, userid: Id, fresh: &Fresh, now: DateTime) -> Session {
    Session {
        id,
        userid,
        current: fresh.digests(),
        expires: DateTime::from_millis(now.timestamp_millis() + LIFETIME * 1000),
        createdon: now,
    }
}

/// 32 bytes of chance, in base64url.
fn secret() -> Result<String, Problem> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Problem::internal(format!("there is no source of random bytes: {error}"))
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
