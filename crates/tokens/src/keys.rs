//! Keys as JSON Web Keys (RFC 7517, RFC 8037), which is how the settings hold them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;

use crate::{Claims, provider};

/// Why keys can't be used. Says nothing of what is in them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// It is no JSON of this kind.
    #[error("it is no {0}; `cinema keys` makes one")]
    Format(&'static str),
    /// A key of the set is none for Ed25519, or one that anybody can sign for.
    #[error("the key {0} is no Ed25519 key (kty OKP, crv Ed25519, x of 32 bytes in base64url)")]
    Key(String),
    /// There is no key in it.
    #[error("there is no key in it; `cinema keys` makes one")]
    Empty,
    /// The public half does not belong to the private one.
    #[error(
        "its x is not the public key of its d; `cinema keys` makes a pair that belongs together"
    )]
    Unmatched,
    /// A token could not be signed.
    #[error("a token could not be signed")]
    Signing,
}

/// A key as JSON, with nothing in it that has to stay secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "RFC 7517 and RFC 8037 say what they are")]
pub struct PublicJwk {
    pub kty: String,
    pub crv: String,
    #[serde(rename = "use", default = "signatures")]
    pub usage: String,
    #[serde(default = "eddsa")]
    pub alg: String,
    pub kid: String,
    pub x: String,
}

fn signatures() -> String {
    "sig".to_owned()
}

fn eddsa() -> String {
    "EdDSA".to_owned()
}

/// Keys as JSON.
#[derive(Serialize, Deserialize)]
#[expect(missing_docs, reason = "RFC 7517 says what they are")]
pub struct JwkSet {
    pub keys: Vec<PublicJwk>,
}

impl JwkSet {
    pub(crate) fn parse(text: &str) -> Result<Self, KeyError> {
        let set: Self =
            serde_json::from_str(text).map_err(|_| KeyError::Format("JWK Set (RFC 7517)"))?;
        if set.keys.is_empty() {
            return Err(KeyError::Empty);
        }
        Ok(set)
    }
}

impl PublicJwk {
    /// The public key.
    pub(crate) fn key(&self) -> Result<VerifyingKey, KeyError> {
        let bad = || KeyError::Key(self.kid.clone());
        let meant = self.kty == "OKP"
            && self.crv == "Ed25519"
            && self.usage == "sig"
            && self.alg == "EdDSA";
        let bytes = bytes(&self.x).filter(|_| meant).ok_or_else(bad)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| bad())?;
        if key.is_weak() { Err(bad()) } else { Ok(key) }
    }
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// The public keys of a JWK Set, for everybody to see: whatever else stands in the set is left out, a private key above all.
///
/// # Errors
/// Where it is no JWK Set, or has a key that is none.
pub fn published(jwks: &str) -> Result<JwkSet, KeyError> {
    let set = JwkSet::parse(jwks)?;
    for key in &set.keys {
        key.key()?;
    }
    Ok(set)
}

/// Signs tokens.
pub struct Signer {
    kid: String,
    key: EncodingKey,
    seed: [u8; 32],
}

#[derive(Deserialize)]
struct PrivateJwk {
    #[serde(flatten)]
    public: PublicJwk,
    d: String,
}

impl Signer {
    /// The signer of a private JWK.
    ///
    /// # Errors
    /// Where it is none, or not one for Ed25519.
    pub fn new(private_jwk: &str) -> Result<Self, KeyError> {
        let jwk: PrivateJwk =
            serde_json::from_str(private_jwk).map_err(|_| KeyError::Format("private JWK"))?;
        let public = jwk.public.key()?;
        let seed = bytes(&jwk.d).ok_or(KeyError::Key(jwk.public.kid.clone()))?;
        if SigningKey::from_bytes(&seed).verifying_key() != public {
            return Err(KeyError::Unmatched);
        }
        provider::install();
        Ok(Self {
            kid: jwk.public.kid,
            key: EncodingKey::from_ed_der(&seed),
            seed,
        })
    }

    /// The key's id, by which a [`crate::Verifier`] finds the public key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What nobody without the key makes of a text, for a purpose: HMAC-SHA-256 (RFC 2104), in base64url.
    pub fn derive(&self, purpose: &str, text: &str) -> Result<String, KeyError> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.seed).map_err(|_| KeyError::Signing)?;
        let mac = mac
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(text);
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// The token that says this.
    pub fn sign(&self, claims: &Claims) -> Result<String, KeyError> {
        let header = Header {
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, &self.key).map_err(|_| KeyError::Signing)
    }
}
