//! Whoever somebody else vouches for, by a JSON Web Token (RFC 7519).

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use data_api_protocol::Failure;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, de::IgnoredAny};

use super::{Caller, Rules, jwks::Jwks, provider, rules::Granted};

/// How far clocks may be apart, in seconds.
const LEEWAY: u64 = 30;

/// Who signs tokens, and what their bearers may.
#[derive(Deserialize)]
pub struct Issuer {
    /// What this kind of token is called in the log.
    pub name: String,
    /// The JWK Set with the keys: a file, or an address.
    pub jwks: String,
    /// The `iss` that a token has to have.
    pub issuer: String,
    /// The `aud` that a token has to have.
    pub audience: String,
    /// The one algorithm by which it may be signed.
    pub algorithm: Algorithm,
    /// What its bearer may.
    #[serde(flatten)]
    pub granted: Granted,
}

struct Known {
    jwks: Jwks,
    algorithm: Algorithm,
    validation: Validation,
    caller: Caller,
}

/// The issuers that are known.
pub struct Tokens(Vec<Known>);

impl Tokens {
    /// Those of the settings.
    pub fn new(issuers: &[Issuer]) -> anyhow::Result<Self> {
        provider::install();
        let known = issuers.iter().map(|issuer| {
            ensure!(
                provider::offers(issuer.algorithm),
                "tokens {}: {:?} is not offered; RS, PS and ES with 256 and 384, RS512, PS512 and EdDSA are",
                issuer.name,
                issuer.algorithm
            );
            let mut validation = Validation::new(issuer.algorithm);
            validation.set_issuer(&[&issuer.issuer]);
            validation.set_audience(&[&issuer.audience]);
            validation.set_required_spec_claims(&["exp", "iss", "aud"]);
            validation.validate_nbf = true;
            validation.leeway = LEEWAY;
            Ok(Known {
                jwks: Jwks::new(&issuer.jwks).with_context(|| format!("tokens {}", issuer.name))?,
                algorithm: issuer.algorithm,
                validation,
                caller: Caller {
                    name: issuer.name.as_str().into(),
                    rules: Arc::new(Rules::new(&issuer.granted)?),
                },
            })
        });
        Ok(Self(known.collect::<anyhow::Result<_>>()?))
    }

    /// Whose token it is.
    ///
    /// # Errors
    /// Keys that are not to be had.
    pub async fn verify(&self, token: String) -> Result<Option<Caller>, Failure> {
        let Ok(header) = jsonwebtoken::decode_header(&token) else {
            return Ok(None);
        };
        for known in self.0.iter().filter(|known| known.algorithm == header.alg) {
            let key = known
                .jwks
                .key(header.kid.as_deref())
                .await
                .map_err(|error| {
                    tracing::warn!(error = format!("{error:#}"), "no token can be verified");
                    let message = "the keys of tokens are not to be had just now";
                    Failure::new(503, "ServiceUnavailable", message)
                })?;
            let key = key.and_then(|key| DecodingKey::from_jwk(&key).ok());
            let verified = key.is_some_and(|key| {
                jsonwebtoken::decode::<IgnoredAny>(&token, &key, &known.validation).is_ok()
            });
            if verified {
                return Ok(Some(known.caller.clone()));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
