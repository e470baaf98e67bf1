//! The settings that `cinema keys` makes and changes.

use super::{
    env_file::EnvFile,
    pair::{KeyPair, name, secret},
};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

/// The public keys, a JWK Set.
pub const JWKS: &str = "SPIN_VARIABLE_AUTH_JWKS";
/// The private key that signs, a JWK.
pub const SIGNING_KEY: &str = "SPIN_VARIABLE_AUTH_SIGNING_KEY";
/// The first staff user's name.
pub const STAFF_USERNAME: &str = "SPIN_VARIABLE_FIRST_STAFF_USERNAME";
/// Their password.
pub const STAFF_PASSWORD: &str = "SPIN_VARIABLE_FIRST_STAFF_PASSWORD";

/// The settings of one new key pair: names and values.
pub fn fresh() -> Result<[(&'static str, String); 2]> {
    let pair = KeyPair::generate()?;
    Ok([
        (JWKS, json!({"keys": [pair.public()]}).to_string()),
        (SIGNING_KEY, pair.private().to_string()),
    ])
}

/// Puts keys and a first staff user into the file, where they are missing; says what it added, which may be nothing.
///
/// # Errors
/// Where one half of the keys is there without the other: nothing is changed then.
pub fn complete(file: &mut EnvFile) -> Result<Vec<String>> {
    let mut added = Vec::new();
    match (file.get(JWKS), file.get(SIGNING_KEY)) {
        (None, None) => {
            for (name, value) in fresh()? {
                file.set(name, &value)?;
            }
            added.push("a key pair to sign tokens with".to_owned());
        }
        (Some(_), Some(_)) => {}
        (there, _) => {
            let (there, missing) = match there {
                Some(_) => (JWKS, SIGNING_KEY),
                None => (SIGNING_KEY, JWKS),
            };
            bail!("it has {there} without {missing}: add that, or remove both for a new pair");
        }
    }
    if file.get(STAFF_PASSWORD).is_none() {
        if file.get(STAFF_USERNAME).is_none() {
            // A name that nobody guesses is nobody's to lock out.
            file.set(STAFF_USERNAME, &name()?)?;
        }
        file.set(STAFF_PASSWORD, &secret()?)?;
        added.push(format!(
            "a first staff user, whose name and password are {STAFF_USERNAME} and {STAFF_PASSWORD}"
        ));
    } else if file.get(STAFF_USERNAME).is_none() {
        bail!("it has {STAFF_PASSWORD} without {STAFF_USERNAME}: add that");
    }
    Ok(added)
}

/// Has a new key sign from now on. The old ones are believed until they are retired, so nobody is signed out. Gives the new key's id.
///
/// # Errors
/// Where the file has no keys.
pub fn rotate(file: &mut EnvFile) -> Result<String> {
    let mut set = public_keys(file)?;
    let pair = KeyPair::generate()?;
    keys_of(&mut set)?.push(pair.public());
    file.set(JWKS, &set.to_string())?;
    file.set(SIGNING_KEY, &pair.private().to_string())?;
    Ok(pair.kid().to_owned())
}

/// Believes an old key no more.
///
/// # Errors
/// Where there is no such key, or it is the one that signs.
pub fn retire(file: &mut EnvFile, kid: &str) -> Result<()> {
    let mut set = public_keys(file)?;
    let signing = file
        .get(SIGNING_KEY)
        .and_then(|key| serde_json::from_str::<Value>(key).ok())
        .with_context(|| format!("{SIGNING_KEY} is no private JWK"))?;
    if signing["kid"] == kid {
        bail!("the key {kid} signs: `cinema keys --rotate` has another one sign first");
    }
    let keys = keys_of(&mut set)?;
    let before = keys.len();
    keys.retain(|key| key["kid"] != kid);
    if keys.len() == before {
        let known: Vec<_> = keys.iter().filter_map(|key| key["kid"].as_str()).collect();
        bail!("there is no key {kid}: there are {}", known.join(", "));
    }
    file.set(JWKS, &set.to_string())
}

fn public_keys(file: &EnvFile) -> Result<Value> {
    let text = file
        .get(JWKS)
        .with_context(|| format!("it has no {JWKS}: `cinema keys --write` makes keys"))?;
    // The parser's own words would show a part of it.
    serde_json::from_str(text)
        .ok()
        .with_context(|| format!("{JWKS} is no JWK Set"))
}

fn keys_of(set: &mut Value) -> Result<&mut Vec<Value>> {
    set["keys"]
        .as_array_mut()
        .with_context(|| format!("{JWKS} is no JWK Set"))
}
