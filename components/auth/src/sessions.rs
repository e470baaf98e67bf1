//! Refresh tokens. Each is the id of its session and a secret; each works once, and makes the next. Whoever brings an old one shows
//! that a token was stolen, by them or from them, so the session ends for both.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use service::{Id, Moment, Problem};
use tokens::digest;

use crate::model::Session;

/// How long a session can be renewed, from its login on.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

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
            session: session.parse().ok()?,
            secret: secret.to_owned(),
        })
    }

    /// Whether it is the one of a session that works.
    pub fn is_current(&self, session: &Session) -> bool {
        digest(&self.secret) == session.current
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
    pub fn make(session: Id, browser: bool) -> Result<Self, Problem> {
        let csrf = if browser { Some(secret()?) } else { None };
        let secret = secret()?;
        Ok(Self {
            refresh: RefreshToken { session, secret },
            csrf,
        })
    }

    /// A session of theirs that begins now.
    pub fn begin(&self, userid: Id, now: Moment) -> Session {
        Session {
            id: self.refresh.session,
            userid,
            current: digest(&self.refresh.secret),
            csrf: self.csrf.as_deref().map(digest),
            expires: now.after(LIFETIME),
            createdon: now,
        }
    }

    /// A session with them in place of its own.
    pub fn renew(&self, old: &Session) -> Session {
        Session {
            expires: old.expires,
            createdon: old.createdon,
            ..self.begin(old.userid, old.createdon)
        }
    }
}

/// 32 random bytes, in base64url.
fn secret() -> Result<String, Problem> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Problem::internal(format!("there is no source of random bytes: {error}"))
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
