//! Keys for programs. Each is kept as its SHA-256, which is enough for what is 256 random bits.

use std::{collections::HashMap, fmt, sync::Arc};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Caller, Rules, rules::Granted};

/// A key, as it is kept.
#[derive(Deserialize)]
pub struct ApiKey {
    /// Whose it is.
    pub name: String,
    /// The SHA-256 of the key, in hexadecimal.
    pub sha256: String,
    /// What it may.
    #[serde(flatten)]
    pub granted: Granted,
}

/// The keys that are known.
pub struct Keys(HashMap<[u8; 32], Caller>);

impl Keys {
    /// Those of the settings.
    pub fn new(keys: &[ApiKey]) -> anyhow::Result<Self> {
        let mut known = HashMap::new();
        for key in keys {
            let mut hash = [0; 32];
            hex::decode_to_slice(&key.sha256, &mut hash)
                .ok()
                .with_context(|| {
                    format!("key {}: sha256 has to be 64 hexadecimal digits", key.name)
                })?;
            let caller = Caller {
                name: key.name.as_str().into(),
                rules: Arc::new(Rules::new(&key.granted)?),
            };
            let former = known.insert(hash, caller);
            ensure!(
                former.is_none(),
                "key {}: another has the same sha256",
                key.name
            );
        }
        Ok(Self(known))
    }

    /// Whose key it is.
    pub fn find(&self, key: String) -> Option<Caller> {
        self.0.get::<[u8; 32]>(&Sha256::digest(key).into()).cloned()
    }
}

/// A fresh key, and its entry for the file, which does not tell it.
///
/// # Errors
/// A machine without random numbers.
pub fn new_key(name: &str, granted: &Granted) -> anyhow::Result<(String, String)> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    let key = format!(
        "dak_{}",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random)
    );
    let hash = hex::encode(Sha256::digest(&key));
    let entry = Entry {
        table: "keys",
        name,
        secret: ("sha256", &hash),
        granted,
    };
    Ok((key, entry.to_string()))
}

/// Credentials as the file has them.
pub struct Entry<'a> {
    /// The name of the array.
    pub table: &'a str,
    /// Whose they are.
    pub name: &'a str,
    /// What is kept of the secret.
    pub secret: (&'a str, &'a str),
    /// What they may.
    pub granted: &'a Granted,
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &str| toml::Value::from(text).to_string();
        writeln!(f, "[[{}]]", self.table)?;
        writeln!(f, "name = {}", text(self.name))?;
        writeln!(f, "{} = {}", self.secret.0, text(self.secret.1))?;
        f.write_str(&toml::to_string(self.granted).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_known_by_its_entry_which_does_not_hold_it() {
        let granted = Granted {
            read: vec!["cinema.*".into()],
            ..Granted::default()
        };
        let (key, entry) = new_key("the \"app\"", &granted).unwrap();
        assert!(!entry.contains(&key), "{entry}");
        #[derive(Deserialize)]
        struct File {
            keys: Vec<ApiKey>,
        }
        let file: File = toml::from_str(&entry).unwrap();
        let keys = Keys::new(&file.keys).unwrap();
        assert_eq!(&*keys.find(key.clone()).unwrap().name, "the \"app\"");
        assert!(keys.find(key + "x").is_none());
        assert!(keys.find(hex::encode([0; 32])).is_none());
    }
}
