//! Traces for OpenTelemetry, under the names that Spin gives its spans: where no collector is named at the start, there are none.
//!
//! - [`Traces`]: from spans to a collector
//! - `exporter`: how they are sent
//! - `spans`: what is told of requests, and how a trace goes on from one program to the next

mod exporter;
mod spans;

use std::{env, time::Duration};

use anyhow::{Context as _, Result};
use opentelemetry::{Key, trace::TracerProvider as _};
use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, SpanExporter,
    WithHttpConfig as _,
};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tokio::task::spawn_blocking;
use tracing::Level;
use tracing_subscriber::{Layer as _, filter::Targets, layer::SubscriberExt as _};

pub use spans::{answered, failed, outbound, request, responded};

/// How long a stop waits for a collector to take the last spans.
const PATIENCE: Duration = Duration::from_secs(2);

/// The library's own name in the traces.
const LIBRARY: &str = env!("CARGO_PKG_NAME");

/// Traces that are being sent.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send the spans of this process, where the environment names a collector (`OTEL_EXPORTER_OTLP_ENDPOINT` or
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`); the SDK reads what else there is in it. To be called once, within tokio.
    ///
    /// # Errors
    /// An address that is none, or something else in the environment that can't be followed.
    pub fn start(application: &str) -> Result<Option<Self>> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if !is_set(OTEL_EXPORTER_OTLP_ENDPOINT) && !is_set(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
            || is_set("OTEL_SDK_DISABLED")
        {
            return Ok(None);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(exporter::Client::new()?)
            .build()
            .context("traces can't be sent as the variables OTEL_EXPORTER_OTLP_… ask for")?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource(application))
            .with_batch_exporter(exporter)
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(LIBRARY))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            // The libraries have spans of their own, by the thousand.
            .with_filter(Targets::new().with_target(LIBRARY, Level::INFO));
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))?;
        Ok(Some(Self(provider)))
    }

    /// Sends what is left, unless that takes too long.
    pub async fn stop(self) {
        // That a collector took nothing has been told.
        let _ = spawn_blocking(move || self.0.shutdown_with_timeout(PATIENCE)).await;
    }
}

/// Who sends the traces: by `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES`, else the application.
fn resource(application: &str) -> Resource {
    let resource = Resource::builder().build();
    let name = resource.get(&Key::from_static_str("service.name"));
    if name.is_some_and(|name| !name.as_str().starts_with("unknown_service")) {
        return resource;
    }
    Resource::builder()
        .with_service_name(application.to_owned())
        .build()
}
