//! What is counted, for Prometheus.

use std::{sync::Arc, time::Duration};

use data_api_protocol::Action;
use http::StatusCode;
use mongodb::event::{EventHandler, cmap::CmapEvent};
use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// The bounds of the latency's buckets, in seconds.
const BUCKETS: [f64; 15] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    action: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    action: &'static str,
}

/// Connections to the servers.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    open: Gauge,
    busy: Gauge,
}

impl Pool {
    /// What the driver tells of them.
    pub fn handler(&self) -> EventHandler<CmapEvent> {
        let pool = self.clone();
        EventHandler::callback(move |event| match event {
            CmapEvent::ConnectionCreated(_) => drop(pool.open.inc()),
            CmapEvent::ConnectionClosed(_) => drop(pool.open.dec()),
            CmapEvent::ConnectionCheckedOut(_) => drop(pool.busy.inc()),
            CmapEvent::ConnectionCheckedIn(_) => drop(pool.busy.dec()),
            _ => {}
        })
    }
}

/// What is counted of requests and connections.
#[derive(Clone)]
pub struct Metrics {
    /// Connections to the servers.
    pub pool: Pool,
    /// Requests at work.
    pub working: Gauge,
    /// Connections of clients.
    pub clients: Gauge,
    /// Documents in answers.
    pub documents: Counter,
    /// Answers that ended before they were whole.
    pub cut: Counter,
    answered: Family<Answered, Counter>,
    durations: Family<Asked, Histogram, fn() -> Histogram>,
    registry: Arc<std::sync::OnceLock<Registry>>,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            pool: Pool::default(),
            working: Gauge::default(),
            clients: Gauge::default(),
            documents: Counter::default(),
            cut: Counter::default(),
            answered: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            registry: Arc::default(),
        };
        let _ = metrics.registry.set(metrics.registered());
        metrics
    }
}

impl Metrics {
    fn registered(&self) -> Registry {
        let mut registry = Registry::with_prefix("gateway");
        registry.register(
            "requests",
            "Requests that were answered",
            self.answered.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "From the end of a request's head to the start of its answer",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register("requests_working", "Requests at work", self.working.clone());
        registry.register(
            "client_connections",
            "Connections of clients",
            self.clients.clone(),
        );
        registry.register("documents", "Documents in answers", self.documents.clone());
        registry.register(
            "answers_cut",
            "Answers that ended before they were whole",
            self.cut.clone(),
        );
        registry.register(
            "server_connections",
            "Connections to the servers",
            self.pool.open.clone(),
        );
        registry.register(
            "server_connections_busy",
            "Connections to the servers that an action has just now",
            self.pool.busy.clone(),
        );
        registry
    }

    /// Counts a request, and the time to the start of its answer.
    pub fn answered(&self, action: Option<Action>, status: StatusCode, duration: Duration) {
        let action = action.map_or("-", Action::name);
        let status = status.as_u16();
        self.answered
            .get_or_create(&Answered { action, status })
            .inc();
        self.durations
            .get_or_create(&Asked { action })
            .observe(duration.as_secs_f64());
    }

    /// All of it, as Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let Some(registry) = self.registry.get() {
            // Writing to a text fails nowhere.
            let _ = prometheus_text::encode(&mut text, registry);
        }
        text
    }
}
