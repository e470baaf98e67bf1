//! What the command line and the environment say.

use std::{net::SocketAddr, path::PathBuf};

use serde::Serialize;

use super::{Json, LogFormat};
use crate::access::Privilege;

/// What is said; the rest is the file's to say.
#[derive(Default, clap::Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Options {
    /// A file with all of these and more: sources by name, credentials (gateway.toml)
    #[arg(long, env = "GATEWAY_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// The deployment's connection string; in the environment it is no one else's to read
    #[arg(long, env = "GATEWAY_URI", hide_env_values = true)]
    pub uri: Option<String>,
    /// Where to listen [default: 127.0.0.1:8090]
    #[arg(long, env = "GATEWAY_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Where to tell what is counted, for Prometheus, at /metrics
    #[arg(long, env = "GATEWAY_METRICS")]
    pub metrics: Option<SocketAddr>,
    /// The chain of certificates for TLS, in PEM, read again when it changes
    #[arg(long, env = "GATEWAY_TLS_CERTIFICATE")]
    pub tls_certificate: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, env = "GATEWAY_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// The largest body of a request, in bytes [default: 25165824]
    #[arg(long, env = "GATEWAY_BODY_LIMIT")]
    pub body_limit: Option<usize>,
    /// The most documents in an answer [default: 100000]
    #[arg(long, env = "GATEWAY_DOCUMENTS")]
    pub documents: Option<u32>,
    /// The longest that an action may take at the server, in seconds [default: 30]
    #[arg(long, env = "GATEWAY_TIME")]
    pub time: Option<u64>,
    /// How long a client may take nothing of its answer, in seconds [default: 30]
    #[arg(long, env = "GATEWAY_STALL")]
    pub stall: Option<u64>,
    /// The most requests at work at once [default: 256]
    #[arg(long, env = "GATEWAY_REQUESTS")]
    pub requests: Option<usize>,
    /// The most connections of clients [default: 1024]
    #[arg(long, env = "GATEWAY_CONNECTIONS")]
    pub connections: Option<usize>,
    /// The most connections to each server, where the connection string says nothing [default: 64]
    #[arg(long, env = "GATEWAY_POOL")]
    pub pool: Option<u32>,
    /// How long to wait for a server that is away, in seconds, where the connection string says nothing [default: 3]
    #[arg(long, env = "GATEWAY_SERVER_SELECTION")]
    pub server_selection: Option<u64>,
    /// How long requests at work may take to end at a stop, in seconds [default: 25]
    #[arg(long, env = "GATEWAY_GRACE")]
    pub grace: Option<u64>,
    /// What is logged: error, warn, info, debug or trace [default: info]
    #[arg(long, env = "GATEWAY_LOG_LEVEL")]
    pub log_level: Option<String>,
    /// How it is logged [default: json]
    #[arg(long, env = "GATEWAY_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What application/json means in answers: relaxed Extended JSON, or plain as Atlas had it [default: relaxed]
    #[arg(long, env = "GATEWAY_JSON")]
    pub json: Option<Json>,
    /// What to allow where there are no credentials, such as '$out'; with credentials each has its own
    #[arg(long, env = "GATEWAY_ALLOW", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Privilege>,
}
