//! Requests by route and status, and how long they took.

use std::{collections::HashMap, sync::Arc, time::Duration};

use http::StatusCode;
use prometheus_client::{
    collector::Collector,
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::manifest::Route;

/// In place of a component or a route where there is none.
pub const NONE: &str = "-";

/// The bounds of the latency's buckets, in seconds.
const BUCKETS: [f64; 15] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Where a request went: never its path, of which there are as many as clients like.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Way {
    component: Arc<String>,
    route: Arc<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    component: Arc<String>,
    route: Arc<String>,
    status: u16,
}

/// What is counted of requests.
pub struct Requests {
    answered: Family<Answered, Counter>,
    durations: Family<Way, Histogram, fn() -> Histogram>,
    /// By the pattern of the route, so that a request looks up no text but that.
    ways: HashMap<String, (Way, Histogram)>,
}

impl Requests {
    /// Nothing yet, of these routes, of the one at which the host tells that it is up, and of what has no route.
    pub fn new<'a>(routes: impl Iterator<Item = &'a Route>, health: &str) -> Self {
        let durations =
            Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let own = [health, NONE].map(|pattern| (pattern.to_owned(), NONE.to_owned()));
        let ways = routes
            .map(|route| (route.pattern.clone(), route.component.clone()))
            .chain(own)
            .map(|(pattern, component)| {
                let way = Way {
                    component: Arc::new(component),
                    route: Arc::new(pattern.clone()),
                };
                let duration = Histogram::clone(&durations.get_or_create(&way));
                (pattern, (way, duration))
            })
            .collect();
        Self {
            answered: Family::default(),
            durations,
            ways,
        }
    }

    /// Counts a request: the pattern of its route, its status, and the time to the start of its answer.
    pub fn answered(&self, pattern: &str, status: StatusCode, duration: Duration) {
        let Some((way, histogram)) = self.ways.get(pattern) else {
            return;
        };
        histogram.observe(duration.as_secs_f64());
        self.answered
            .get_or_create(&Answered {
                component: Arc::clone(&way.component),
                route: Arc::clone(&way.route),
                status: status.as_u16(),
            })
            .inc();
    }

    /// All of it under its names, with what else there is to tell.
    pub fn registry(&self, others: impl Collector) -> Registry {
        let mut registry = Registry::default();
        registry.register(
            "http_server_requests",
            "Requests that were answered",
            self.answered.clone(),
        );
        registry.register_with_unit(
            "http_server_request_duration",
            "From the end of a request's head to the start of its answer",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register_collector(Box::new(others));
        registry
    }
}
