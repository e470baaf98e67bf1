//! How traces are sent.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;

use crate::logs;

/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client for the SDK's thread, which is none of tokio's.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    runtime: Handle,
    failing: AtomicBool,
}

impl Client {
    /// A client whose work this runtime does.
    pub fn new() -> Result<Self> {
        // Whoever was first is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).build();
        Ok(Self {
            http: http.context("no client for traces can be made")?,
            runtime: Handle::current(),
            failing: AtomicBool::default(),
        })
    }
}

#[wasmtime_wasi::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sending = self
            .runtime
            .spawn(async move { http.send_bytes(request).await });
        let result = sending.await.map_err(HttpError::from).flatten();
        let failure = match &result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answers {}", response.status())),
            Err(error) => Some(error.to_string()),
        };
        // Once, until it works again.
        let told = self.failing.swap(failure.is_some(), Ordering::Relaxed);
        if let Some(failure) = failure.filter(|_| !told) {
            logs::fault(&format!(
                "traces are lost, the collector does not take them: {failure}"
            ));
        }
        result
    }
}
