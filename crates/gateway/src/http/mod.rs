//! HTTP in front of the actions.
//!
//! - `connections`: clients come, are answered, and go; how it all stops
//! - `tls`: certificates that are read again when they change
//! - `service`: one request, from its head to its answer
//! - `received`: its body, within bounds
//! - `place`: the requests that are at work
//! - `answers`: answers whole, and as they come
//! - `form`: how they are written
//! - `probes`: whether it lives, whether it is ready, what is counted

mod answers;
mod connections;
mod form;
mod place;
mod probes;
mod received;
mod service;
mod tls;

use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::{metrics::Metrics, settings::Settings, sources::Sources};
use connections::Connections;
use service::Service;
use tls::Tls;

/// Serves until it is told to stop.
///
/// # Errors
/// Settings that can't be used, and addresses that somebody else has.
pub async fn serve(settings: Settings) -> anyhow::Result<()> {
    // Keys of tokens come by TLS, too; a second installation does nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let metrics = Metrics::default();
    let access = settings.access()?;
    let sources = Sources::new(&settings, &metrics.pool).await?;
    let tls = Tls::new(&settings)?;
    let bind = async |address| {
        let listener = TcpListener::bind(address).await;
        listener.with_context(|| format!("{address} is not to be had"))
    };
    let listener = bind(settings.listen).await?;
    if let Some(address) = settings.metrics {
        let listener = bind(address).await?;
        tracing::info!(address = %listener.local_addr()?, "metrics are told");
        tokio::spawn(probes::tell(listener, metrics.clone()));
    }
    if settings.is_open() {
        tracing::warn!(
            "no credentials are configured: whoever reaches this machine's loopback may read and write everything"
        );
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = listener.local_addr()?;
    tracing::info!(address = format!("{scheme}://{address}"), "serving");
    let service = Arc::new(Service::new(settings, access, sources, metrics));
    Connections::new(service, tls).accept(listener).await
}
