//! What may be set: on the command line, by environment, and in a file, of which the first that says something counts.
//!
//! - `options`: what the command line and the environment say
//! - [`Settings`]: all of it, with what holds where nothing is said

mod options;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use toml::Table;

use crate::access::{Access, ApiKey, Issuer, Privilege, User};

pub use options::Options;

/// Everything that can be set.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The connection string of the one deployment, which every `dataSource` means.
    pub uri: Option<String>,
    /// Several deployments, by the `dataSource` that means them.
    pub sources: BTreeMap<String, Source>,
    /// Where requests are answered.
    pub listen: SocketAddr,
    /// Where Prometheus is answered.
    pub metrics: Option<SocketAddr>,
    /// The chain of certificates for TLS, in PEM.
    pub tls_certificate: Option<PathBuf>,
    /// Its private key, in PEM.
    pub tls_key: Option<PathBuf>,
    /// The largest body of a request, in bytes.
    pub body_limit: usize,
    /// The most documents in an answer.
    pub documents: u32,
    /// The longest that an action may take at the server, in seconds.
    pub time: u64,
    /// How long a client may take nothing of its answer, in seconds.
    pub stall: u64,
    /// The most requests at work at once.
    pub requests: usize,
    /// The most connections of clients.
    pub connections: usize,
    /// The most connections to each server of a deployment.
    pub pool: u32,
    /// How long a server is waited for where none is there, in seconds.
    pub server_selection: u64,
    /// How long requests at work may take to end at a stop, in seconds.
    pub grace: u64,
    /// What is logged: `error`, `warn`, `info`, `debug` or `trace`.
    pub log_level: String,
    /// How it is logged.
    pub log_format: LogFormat,
    /// What `application/json` means in answers.
    pub json: Json,
    /// What nobody may without it, for a gateway without credentials.
    pub allow: Vec<Privilege>,
    /// Programs, by their keys.
    pub keys: Vec<ApiKey>,
    /// People, by their passwords.
    pub users: Vec<User>,
    /// Whoever has a token of one of these.
    pub tokens: Vec<Issuer>,
}

/// A deployment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its connection string.
    pub uri: String,
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// What `application/json` means in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Json {
    /// Relaxed Extended JSON, which loses no type but those of numbers.
    Relaxed,
    /// As Atlas had it: ObjectIds, dates and decimals are texts.
    Plain,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            uri: None,
            sources: BTreeMap::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
            metrics: None,
            tls_certificate: None,
            tls_key: None,
            // A document of MongoDB's largest size, as JSON.
            body_limit: 24 * 1024 * 1024,
            documents: 100_000,
            time: 30,
            stall: 30,
            requests: 256,
            connections: 1024,
            pool: 64,
            server_selection: 3,
            grace: 25,
            log_level: "info".to_owned(),
            log_format: LogFormat::Json,
            json: Json::Relaxed,
            allow: Vec::new(),
            keys: Vec::new(),
            users: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

impl Settings {
    /// What holds, of options and of the file that they name.
    ///
    /// # Errors
    /// What can't be used, with what to do. It repeats no value, for many are secrets.
    pub fn load(options: &Options) -> anyhow::Result<Self> {
        let mut table = match &options.config {
            Some(path) => read(path)?,
            None => Table::new(),
        };
        table.extend(Table::try_from(options).context("the options")?);
        let settings: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| anyhow::anyhow!("{}", error.message()))?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.uri.is_some() == self.sources.is_empty(),
            "give either --uri (GATEWAY_URI) or, in the file, a [sources.name] with its uri"
        );
        ensure!(
            self.tls_certificate.is_some() == self.tls_key.is_some(),
            "tls-certificate and tls-key go together"
        );
        let limits = [
            ("time", self.time),
            ("stall", self.stall),
            ("requests", self.requests as u64),
            ("connections", self.connections as u64),
            ("pool", self.pool.into()),
            ("documents", self.documents.into()),
            ("body-limit", self.body_limit as u64),
        ];
        if let Some((name, _)) = limits.iter().find(|(_, limit)| *limit == 0) {
            bail!("{name}: zero lets nobody in; give at least 1");
        }
        if self.is_open() && !self.listen.ip().is_loopback() {
            bail!(
                "without credentials it listens on loopback only, for whoever reaches it may read and write everything: \
                 add [[keys]], [[users]] or [[tokens]] to the file (`data-api-gateway key new` makes a key)"
            );
        }
        Ok(())
    }

    /// Whether nobody is asked for credentials.
    pub fn is_open(&self) -> bool {
        self.keys.is_empty() && self.users.is_empty() && self.tokens.is_empty()
    }

    /// Whoever has these credentials.
    ///
    /// # Errors
    /// Credentials that can't be used.
    pub fn access(&self) -> anyhow::Result<Access> {
        Access::new(&self.keys, &self.users, &self.tokens, &self.allow)
    }

    /// The longest that an action may take.
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.time)
    }
}

fn read(path: &Path) -> anyhow::Result<Table> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("{} is not read", path.display()))?;
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(0, |before| before.matches('\n').count()) + 1;
        anyhow::anyhow!("{}, line {line}: {}", path.display(), error.message())
    })
}

#[cfg(test)]
mod tests;
