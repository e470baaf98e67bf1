//! What tokens are signed with, and the keys that everybody may know.

use std::{cell::RefCell, rc::Rc};

use accounts::{Session, User, random};
use service::{Moment, Problem};
use tokens::{Claims, JwkSet, LIFETIME, Signer, Verifier};

thread_local! {
    /// Whoever signs by the last settings, which the instance has looked at once.
    static ISSUER: RefCell<Option<(Keys, Rc<Issuer>)>> = const { RefCell::new(None) };
}

/// The settings that say so. Without them, only what needs none of them is answered.
#[derive(Clone, Default, PartialEq)]
pub struct Keys {
    jwks: Option<String>,
    signing_key: Option<String>,
    issuer: Option<String>,
    audience: Option<String>,
}

impl Keys {
    /// By the variables `auth_jwks`, `auth_signing_key`, `auth_issuer` and `auth_audience`.
    pub fn by(setting: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| setting(name).filter(|value| !value.is_empty());
        Self {
            jwks: set("auth_jwks"),
            signing_key: set("auth_signing_key"),
            issuer: set("auth_issuer"),
            audience: set("auth_audience"),
        }
    }

    /// The public keys, as a JWK Set.
    pub fn published(&self) -> Result<JwkSet, Problem> {
        tokens::published(required(&self.jwks, "auth_jwks")?)
            .map_err(|error| Problem::unusable("auth_jwks", &error.to_string()))
    }

    /// Who signs tokens.
    pub fn issuer(&self) -> Result<Rc<Issuer>, Problem> {
        ISSUER.with_borrow_mut(|known| match known {
            Some((keys, issuer)) if keys == self => Ok(Rc::clone(issuer)),
            _ => {
                let issuer = Rc::new(self.new_issuer()?);
                *known = Some((self.clone(), Rc::clone(&issuer)));
                Ok(issuer)
            }
        })
    }

    fn new_issuer(&self) -> Result<Issuer, Problem> {
        let jwks = required(&self.jwks, "auth_jwks")?;
        let signing_key = required(&self.signing_key, "auth_signing_key")?;
        let issuer = required(&self.issuer, "auth_issuer")?;
        let audience = required(&self.audience, "auth_audience")?;
        let verifier = Verifier::new(jwks, issuer, audience)
            .map_err(|error| Problem::unusable("auth_jwks", &error.to_string()))?;
        let signer = Signer::new(signing_key)
            .map_err(|error| Problem::unusable("auth_signing_key", &error.to_string()))?;
        if !verifier.knows(signer.kid()) {
            let reason = "it lacks the public key of auth_signing_key, so nobody would believe what that signs";
            return Err(Problem::unusable("auth_jwks", reason));
        }
        Ok(Issuer {
            signer,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        })
    }
}

fn required<'a>(value: &'a Option<String>, name: &str) -> Result<&'a str, Problem> {
    value.as_deref().ok_or_else(|| Problem::unset(name))
}

/// Signs access tokens.
pub struct Issuer {
    signer: Signer,
    issuer: String,
    audience: String,
}

impl Issuer {
    /// A token for somebody in a session, good from now on; with the digest of a CSRF token, where it is to come by cookie.
    pub fn token(&self, user: &User, session: &Session, now: Moment) -> Result<String, Problem> {
        let jti = random::id().map_err(|error| Problem::internal(error.to_string()))?;
        let iat = u64::try_from(now.millis()).unwrap_or_default() / 1000;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: user.id.to_string(),
            role: user.role,
            iat,
            exp: iat + LIFETIME,
            jti: jti.to_string(),
            csrf: session.csrf.clone(),
            sid: Some(session.id.to_string()),
        };
        self.signer
            .sign(&claims)
            .map_err(|error| Problem::internal(error.to_string()))
    }

    /// What nobody without the signing key makes of a text, for a purpose.
    pub fn derive(&self, purpose: &str, text: &str) -> Result<String, Problem> {
        (self.signer.derive(purpose, text)).map_err(|error| Problem::internal(error.to_string()))
    }
}
