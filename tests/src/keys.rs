//! Keys, and tokens made by hand, good ones and forged ones.

use std::sync::OnceLock;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_api_client::bson::oid::ObjectId;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cinema;

/// How long an access token is good for, in seconds.
pub const LIFETIME: i64 = 900;

/// A pair of Ed25519 keys.
pub struct KeyPair {
    key: SigningKey,
    kid: String,
}

/// The pair that signs the tokens of the hosts the tests start.
pub fn ours() -> &'static KeyPair {
    static OURS: OnceLock<KeyPair> = OnceLock::new();
    OURS.get_or_init(KeyPair::generate)
}

/// [`ours`], for a test that forges tokens. `None`, and a word about it, when `CINEMA_URL` names an instance whose key is not ours.
pub fn forging() -> Option<&'static KeyPair> {
    if cinema::url().is_some() {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        eprintln!("{test}: skipped, for it needs the signing key and CINEMA_URL is set");
        return None;
    }
    Some(ours())
}

impl KeyPair {
    /// A new one.
    pub fn generate() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        let key = SigningKey::from_bytes(&seed);
        let x = encode(key.verifying_key().as_bytes());
        // RFC 7638: the members that make the key, in the alphabet's order, without spaces.
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = encode(&Sha256::digest(thumbprint.as_bytes()));
        Self { key, kid }
    }

    /// The id of the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key's bytes.
    pub fn public_bytes(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The public key as a JWK.
    pub fn public(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": encode(&self.public_bytes())})
    }

    /// The private key as a JWK.
    pub fn private(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": encode(&self.public_bytes()), "d": encode(self.key.as_bytes())})
    }

    /// The header of a good token.
    pub fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "JWT", "kid": self.kid})
    }

    /// A token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&self.header(), claims)
    }

    /// A token with this header and these claims, signed by Ed25519 whatever the header says.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", encode(&signature.to_bytes()))
    }
}

/// A JWK Set of these pairs' public keys.
pub fn jwks(pairs: &[&KeyPair]) -> String {
    let keys: Vec<_> = pairs.iter().map(|pair| pair.public()).collect();
    json!({"keys": keys}).to_string()
}

/// The claims of a good token, from now on.
pub fn claims(user: &str, role: &str) -> Value {
    let now = now();
    json!({"iss": "cinema", "aud": "cinema", "sub": user, "role": role, "iat": now, "exp": now + LIFETIME, "jti": ObjectId::new().to_hex()})
}

/// A token's header and claims, without a signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// A part of a token, read: 0 is its header, 1 are its claims.
pub fn part_of(token: &str, part: usize) -> Value {
    let part = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The digest by which storage knows a secret, or a name that may have been one.
pub fn digest(text: &str) -> String {
    encode(&Sha256::digest(text.as_bytes()))
}

/// base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The time, in seconds since 1970.
pub fn now() -> i64 {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    i64::try_from(now).unwrap()
}
