//! Whether a token may be believed.

use ed25519_dalek::VerifyingKey;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use thiserror::Error;

use crate::{Claims, KeyError, keys::JwkSet, provider};

/// By how much two clocks may differ, in seconds.
pub const LEEWAY: u64 = 60;

/// The longest token that is looked at, in bytes: ten times what ours come to.
pub const LONGEST: usize = 4096;

/// Why a token is not believed, in words for whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    /// It is no token, or none of ours.
    #[error("the token is not one of ours")]
    Foreign,
    /// None of the keys has signed it.
    #[error("the token is signed by a key that is not known here")]
    Key,
    /// It was good once.
    #[error("the token has expired: refresh it, or sign in again")]
    Expired,
    /// It is from the future.
    #[error("the token is not valid yet")]
    Early,
    /// It is another's, or for another.
    #[error("the token was not made for this cinema")]
    Elsewhere,
}

/// Verifies tokens with the public keys that are known.
pub struct Verifier {
    keys: Vec<(String, VerifyingKey)>,
    issuer: String,
    audience: String,
}

impl Verifier {
    /// The verifier of tokens by this issuer for this audience, signed by a key of this JWK Set.
    ///
    /// # Errors
    /// Where it is no JWK Set, or has a key that is none for Ed25519.
    pub fn new(jwks: &str, issuer: &str, audience: &str) -> Result<Self, KeyError> {
        let keys = JwkSet::parse(jwks)?
            .keys
            .into_iter()
            .map(|jwk| Ok((jwk.kid.clone(), jwk.key()?)))
            .collect::<Result<_, KeyError>>()?;
        Ok(Self {
            keys,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// Whether the set has a key of this id.
    pub fn knows(&self, kid: &str) -> bool {
        self.keys.iter().any(|(known, _)| known == kid)
    }

    /// What the token says, if it may be believed now.
    pub fn verify(&self, token: &str) -> Result<Claims, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::Foreign);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Foreign)?;
        // What a header says is critical has to be understood (RFC 7515, 4.1.11), and we understand no such thing.
        if header.alg != Algorithm::EdDSA || header.crit.is_some() {
            return Err(Refused::Foreign);
        }
        let kid = header.kid.ok_or(Refused::Key)?;
        let (_, key) = (self.keys.iter().find(|(known, _)| *known == kid)).ok_or(Refused::Key)?;
        provider::install();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let key = DecodingKey::from_ed_der(key.as_bytes());
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|error| refusal(error.kind()))?
            .claims;
        if claims.iat > jsonwebtoken::get_current_timestamp() + LEEWAY {
            return Err(Refused::Early);
        }
        Ok(claims)
    }
}

fn refusal(kind: &ErrorKind) -> Refused {
    match kind {
        ErrorKind::InvalidSignature => Refused::Key,
        ErrorKind::ExpiredSignature => Refused::Expired,
        ErrorKind::ImmatureSignature => Refused::Early,
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => Refused::Elsewhere,
        _ => Refused::Foreign,
    }
}
