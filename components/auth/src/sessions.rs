//! Refresh tokens. Each is the id of its session, a secret that all of the session's have, and one of its own; each works once, and
//! makes the next. The one just replaced makes the same once more for some seconds: two tabs of a browser renew at once. Whoever
//! brings an older one shows that a token was stolen, by them or from them, so the session ends for both. Whoever has none, and
//! knows the session's id alone, ends nothing.

use std::time::Duration;

use accounts::{Session, random};
use service::{Id, Moment, Problem};
use tokens::digest;

use crate::keys::Issuer;

/// How long a session can be renewed, from its login on.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long the token just replaced gives the same as it did.
pub const GRACE: Duration = Duration::from_secs(10);

/// So much of what a client says it is is kept, in characters.
const AGENT: usize = 200;

/// A refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session's id.
    pub session: Id,
    /// What all of the session's tokens have; empty in those of old sessions.
    family: String,
    secret: String,
}

/// What a token is to a session of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The newest.
    Current,
    /// The one that the newest has just replaced.
    Replaced,
    /// One that worked once.
    Old,
    /// None of its own.
    Foreign,
}

impl RefreshToken {
    /// The token that is written so, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, secrets) = text.split_once('.')?;
        let (family, secret) = secrets.split_once('.').unwrap_or(("", secrets));
        Some(Self {
            session: session.parse().ok()?,
            family: family.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// What it is to a session.
    pub fn standing(&self, session: &Session, now: Moment) -> Standing {
        let own = Some(digest(&self.secret));
        if own.as_ref() == Some(&session.current) {
            Standing::Current
        } else if own == session.previous && session.is_renewed_within(GRACE, now) {
            Standing::Replaced
        } else if own == session.previous || session.family == Some(digest(&self.family)) {
            Standing::Old
        } else {
            Standing::Foreign
        }
    }

    /// The CSRF token that goes with it.
    pub fn csrf(&self) -> String {
        digest(&format!("csrf.{}", self.secret))
    }

    /// As clients get it.
    pub fn text(&self) -> String {
        format!("{}.{}.{}", self.session, self.family, self.secret)
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
    /// For a new session, a browser's or not.
    pub fn make(browser: bool) -> Result<Self, Problem> {
        let missing = |error: random::NoRandom| Problem::internal(error.to_string());
        let refresh = RefreshToken {
            session: random::id().map_err(missing)?,
            family: random::secret().map_err(missing)?,
            secret: random::secret().map_err(missing)?,
        };
        Ok(Self::of(refresh, browser))
    }

    /// What takes a token's place: the same, however often it is asked for, and nobody's to know who has not the signing key.
    pub fn after(old: &RefreshToken, browser: bool, issuer: &Issuer) -> Result<Self, Problem> {
        let family = match old.family.as_str() {
            "" => issuer.derive("refresh token family", &old.secret)?,
            family => family.to_owned(),
        };
        let refresh = RefreshToken {
            session: old.session,
            family,
            secret: issuer.derive("refresh token", &old.secret)?,
        };
        Ok(Self::of(refresh, browser))
    }

    fn of(refresh: RefreshToken, browser: bool) -> Self {
        let csrf = browser.then(|| refresh.csrf());
        Self { refresh, csrf }
    }

    /// A session of theirs that begins now, with a client that says it is `agent`.
    pub fn begin(&self, userid: Id, agent: Option<&str>, now: Moment) -> Session {
        Session {
            id: self.refresh.session,
            userid,
            family: Some(digest(&self.refresh.family)),
            current: self.current(),
            previous: None,
            renewedon: None,
            csrf: self.csrf.as_deref().map(digest),
            agent: agent.map(|agent| agent.chars().take(AGENT).collect()),
            expires: now.after(LIFETIME),
            createdon: now,
        }
    }

    /// A session with them in place of its own.
    pub fn renew(&self, old: &Session, now: Moment) -> Session {
        Session {
            family: Some(digest(&self.refresh.family)),
            current: self.current(),
            previous: Some(old.current.clone()),
            renewedon: Some(now),
            csrf: self.csrf.as_deref().map(digest),
            ..old.clone()
        }
    }

    /// The digest by which a session knows the token.
    pub fn current(&self) -> String {
        digest(&self.refresh.secret)
    }
}
