//! What there is of everything, and has been, as it stands when somebody asks.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

use super::requests::Server;
use crate::{
    logs,
    runtime::{Ending, Loaded},
};

/// A server's own figures. It is not kept by them.
#[derive(Debug)]
pub struct Standing(Weak<Server>);

impl Standing {
    /// Those of this server.
    pub fn of(server: &Arc<Server>) -> Self {
        Self(Arc::downgrade(server))
    }
}

impl Collector for Standing {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Some(server) = self.0.upgrade() else {
            return Ok(());
        };
        let encoder = &mut encoder;
        requests(encoder, &server)?;
        instances(encoder, &server)?;
        let waits = server.runtime.waits();
        gauge(
            encoder,
            "sqlite_waiting",
            "Statements that wait for their turn or a lock",
            waits.waiting(),
        )?;
        counter(
            encoder,
            "sqlite_waits",
            "Times that a statement waited for its turn or a lock",
            waits.ended(),
        )?;
        let seconds = ConstCounter::new(waits.time().as_secs_f64());
        seconds.encode(encoder.encode_descriptor(
            "sqlite_wait",
            "How long statements waited for their turn or a lock, together",
            Some(&Unit::Seconds),
            MetricType::Counter,
        )?)?;
        counter(
            encoder,
            "sqlite_busy",
            "Statements that were given up, since a lock was held for too long",
            waits.refused(),
        )?;
        counter(
            encoder,
            "log_lines_dropped",
            "Lines of the log that were lost, since nobody read those before them",
            logs::lost(),
        )
    }
}

fn requests(encoder: &mut DescriptorEncoder<'_>, server: &Server) -> fmt::Result {
    let admission = &server.admission;
    gauge(
        encoder,
        "http_server_active_requests",
        "Requests that are worked on",
        number(admission.in_flight()),
    )?;
    gauge(
        encoder,
        "http_server_waiting_requests",
        "Requests that cost much, and wait for others of their kind",
        number(admission.waiting()),
    )?;
    gauge(
        encoder,
        "http_server_request_places",
        "Requests that may be worked on at once",
        number(admission.places()),
    )?;
    gauge(
        encoder,
        "http_server_connections",
        "Connections that are open",
        number(server.crowd.count()),
    )
}

fn instances(encoder: &mut DescriptorEncoder<'_>, server: &Server) -> fmt::Result {
    let components = || server.runtime.components();
    let mut family = encoder.encode_descriptor(
        "wasm_instances_made",
        "Instances that were made",
        None,
        MetricType::Counter,
    )?;
    for component in components() {
        let made = ConstCounter::new(component.counts().made());
        made.encode(family.encode_family(&[("component", component.id())])?)?;
    }
    let mut family = encoder.encode_descriptor(
        "wasm_instances_reused",
        "Requests given to an instance that had served before",
        None,
        MetricType::Counter,
    )?;
    for component in components() {
        let reused = ConstCounter::new(component.counts().reused());
        reused.encode(family.encode_family(&[("component", component.id())])?)?;
    }
    let mut family = encoder.encode_descriptor(
        "wasm_instances_ended",
        "Instances that ended, by why they did",
        None,
        MetricType::Counter,
    )?;
    for component in components() {
        for ending in Ending::ALL {
            let ended = ConstCounter::new(component.counts().ended(ending));
            let labels = [("component", component.id()), ("reason", ending.name())];
            ended.encode(family.encode_family(&labels)?)?;
        }
    }
    let mut family = encoder.encode_descriptor(
        "wasm_instances",
        "Instances that there are, by what they do",
        None,
        MetricType::Gauge,
    )?;
    for component in components() {
        let (idle, working) = states(component);
        for (state, count) in [("idle", idle), ("working", working)] {
            let labels = [("component", component.id()), ("state", state)];
            ConstGauge::new(count).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

/// How many instances wait, and how many work.
fn states(component: &Loaded) -> (i64, i64) {
    let counts = component.counts();
    let ended: u64 = Ending::ALL.map(|ending| counts.ended(ending)).iter().sum();
    let idle = number(component.waiting());
    // They are not read all at once.
    let working = counts.made().saturating_sub(ended).saturating_sub(idle);
    (signed(idle), signed(working))
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let counter = ConstCounter::new(value);
    counter.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let gauge = ConstGauge::new(signed(value));
    gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
