//! The keys by which tokens are verified: a JWK Set (RFC 7517) in a file or at an address.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use tokio::sync::Mutex;

/// How long a set is good.
const FRESH: Duration = Duration::from_secs(300);

/// How long to wait after a look for a key that was not there: whoever makes up keys' names asks nobody's server again and again.
const PAUSE: Duration = Duration::from_secs(10);

/// How long an address has to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest set, in bytes.
const LARGEST: usize = 1024 * 1024;

enum Place {
    File(PathBuf),
    Address(String, reqwest::Client),
}

/// A set of keys, read anew from time to time.
pub struct Jwks {
    place: Place,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    set: Option<Arc<JwkSet>>,
    tried: Option<Instant>,
}

impl Jwks {
    /// The set in a file or at an address.
    ///
    /// # Errors
    /// An address at which anybody in between could put keys.
    pub fn new(place: &str) -> anyhow::Result<Self> {
        let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        let place = if place.starts_with("https://")
            || loopback.iter().any(|loopback| {
                let rest = place.strip_prefix(loopback);
                rest.is_some_and(|rest| rest.starts_with([':', '/']))
            }) {
            let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
            Place::Address(place.to_owned(), client)
        } else if place.contains("://") {
            bail!("jwks: give a file, or an address that begins with https://");
        } else {
            Place::File(place.into())
        };
        Ok(Self {
            place,
            known: Mutex::default(),
        })
    }

    /// The key of this name, or the only one there is.
    ///
    /// # Errors
    /// Keys that are not to be had.
    pub async fn key(&self, name: Option<&str>) -> anyhow::Result<Option<Jwk>> {
        let mut known = self.known.lock().await;
        let since = known.tried.map(|tried| tried.elapsed());
        let found = known.set.as_ref().and_then(|set| find(set, name));
        let wanted = match &found {
            Some(_) => FRESH,
            None => PAUSE,
        };
        if since.is_some_and(|since| since < wanted) {
            return match &known.set {
                Some(_) => Ok(found),
                None => bail!("the keys of tokens were not to be had a moment ago"),
            };
        }
        known.tried = Some(Instant::now());
        match self.read().await {
            Ok(set) => {
                let found = find(&set, name);
                known.set = Some(Arc::new(set));
                Ok(found)
            }
            Err(error) if known.set.is_some() => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the former keys of tokens stay"
                );
                Ok(found)
            }
            Err(error) => Err(error),
        }
    }

    async fn read(&self) -> anyhow::Result<JwkSet> {
        let bytes = match &self.place {
            Place::File(path) => tokio::fs::read(path)
                .await
                .with_context(|| format!("{} is not read", path.display()))?,
            Place::Address(address, client) => {
                let mut response = client.get(address).send().await?.error_for_status()?;
                let mut bytes = Vec::new();
                while let Some(chunk) = response.chunk().await? {
                    bytes.extend_from_slice(&chunk);
                    if bytes.len() > LARGEST {
                        bail!("the JWK Set is larger than {LARGEST} bytes");
                    }
                }
                bytes
            }
        };
        serde_json::from_slice(&bytes).context("the JWK Set is not read")
    }
}

fn find(set: &JwkSet, name: Option<&str>) -> Option<Jwk> {
    match (name, set.keys.as_slice()) {
        (Some(name), _) => set.find(name).cloned(),
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
    }
}
