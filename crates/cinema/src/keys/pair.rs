//! An Ed25519 key pair as JSON Web Keys (RFC 7517, RFC 8037).

use anyhow::{Result, anyhow};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A private key with its public key.
pub struct KeyPair {
    key: SigningKey,
    kid: String,
}

impl KeyPair {
    /// A new pair.
    pub fn generate() -> Result<Self> {
        let key = SigningKey::from_bytes(&random()?);
        let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
        // The thumbprint of RFC 7638: what makes the key, in the order of the alphabet, without white space.
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
        Ok(Self { key, kid })
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key, for everybody.
    pub fn public(&self) -> Value {
        json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": self.kid,
            "x": URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes()),
        })
    }

    /// The private key, for the one who signs.
    pub fn private(&self) -> Value {
        let mut key = self.public();
        key["d"] = json!(URL_SAFE_NO_PAD.encode(self.key.to_bytes()));
        key
    }
}

/// A secret that nobody could guess, in base64url: 144 random bits.
pub fn secret() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<18>()?))
}

/// A name to sign in by that nobody could guess: 64 random bits, in hex.
pub fn name() -> Result<String> {
    Ok(format!("staff-{:016x}", u64::from_be_bytes(random()?)))
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow!("the system has no random numbers: {error}"))?;
    Ok(bytes)
}
