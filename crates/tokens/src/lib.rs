//! Access tokens: JSON Web Tokens (RFC 7519) signed by Ed25519 (RFC 8037). One service signs them; every service verifies them
//! by itself, with the public keys it is given.
//!
//! - [`Claims`], [`Role`]: what a token says
//! - [`Signer`]: who may sign
//! - [`Verifier`]: who may be believed, and why not
//! - [`published`]: the public keys as the world may see them, a [`JwkSet`]
//! - `provider`: the one algorithm there is, for `jsonwebtoken`

mod claims;
mod keys;
mod provider;
#[cfg(test)]
mod tests;
mod verifier;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

pub use claims::{Claims, LIFETIME, Role};
pub use keys::{JwkSet, KeyError, PublicJwk, Signer, published};
pub use verifier::{LEEWAY, LONGEST, Refused, Verifier};

/// What is kept of a secret that has to be known again: its SHA-256 in base64url, which tells nobody the secret. For secrets of
/// many random bytes only, never for passwords.
pub fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}
