//! One request, from its head to its answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use data_api_protocol::{Action, Body as Asked, Dialect, Failure, action};
use http::{HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;

use super::{
    answers::{self, Body},
    form::Form,
    place::Places,
    probes::Readiness,
    received::{self, REQUEST_ID},
};
use crate::{
    access::{Access, Caller, Demands},
    actions::{self, Answer, Bounds},
    metrics::Metrics,
    settings::Settings,
    sources::Sources,
};

/// What answers requests.
pub struct Service {
    settings: Settings,
    access: Access,
    sources: Sources,
    metrics: Metrics,
    places: Places,
    readiness: Readiness,
    stopping: AtomicBool,
}

/// What is known of a request, for the log.
#[derive(Default)]
struct Known {
    action: Option<Action>,
    caller: Option<Caller>,
    code: Option<String>,
}

impl Service {
    /// What answers requests, by these settings.
    pub fn new(settings: Settings, access: Access, sources: Sources, metrics: Metrics) -> Self {
        Self {
            places: Places::new(settings.requests),
            settings,
            access,
            sources,
            metrics,
            readiness: Readiness::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The connections of clients, counted.
    pub fn clients(&self) -> Gauge {
        self.metrics.clients.clone()
    }

    /// From now on it is not ready.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// The answer to a request, and a line about it. `stalled` is told where the client does not take it.
    pub async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        stalled: Arc<Notify>,
    ) -> Response<Body> {
        if let Some(probed) = self.probed(&request).await {
            return probed;
        }
        let begun = Instant::now();
        let id = received::request_id(request.headers());
        let mut known = Known::default();
        let answer = self.act(request, &id, stalled, &mut known).await;
        let mut response = answer.unwrap_or_else(|failure| {
            if failure.status == 500 {
                tracing::error!(
                    request_id = text(&id),
                    reason = failure.message,
                    "a request failed"
                );
            }
            known.code = Some(failure.code.to_string());
            answers::failed(&failure)
        });
        let (status, duration) = (response.status(), begun.elapsed());
        self.metrics.answered(known.action, status, duration);
        tracing::info!(
            request_id = text(&id),
            action = known.action.map_or("-", Action::name),
            caller = known.caller.as_ref().map_or("-", |caller| &caller.name),
            status = status.as_u16(),
            code = known.code.as_deref().unwrap_or("-"),
            duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
        response.headers_mut().insert(REQUEST_ID, id);
        response
    }

    async fn probed(&self, request: &Request<Incoming>) -> Option<Response<Body>> {
        if request.method() != Method::GET {
            return None;
        }
        let (status, said) = match request.uri().path() {
            "/livez" => (200, "it lives\n"),
            "/readyz" if self.stopping.load(Ordering::Relaxed) => (503, "it stops\n"),
            "/readyz" if self.readiness.of(&self.sources).await => (200, "it is ready\n"),
            "/readyz" => (503, "the database is away\n"),
            _ => return None,
        };
        Some(answers::whole(status, "text/plain; charset=utf-8", said))
    }

    async fn act(
        &self,
        request: Request<Incoming>,
        id: &HeaderValue,
        stalled: Arc<Notify>,
        known: &mut Known,
    ) -> Result<Response<Body>, Failure> {
        let action = action(&request)?;
        known.action = Some(action);
        received::refuse_pages(request.headers(), self.settings.is_open())?;
        let caller = self.access.admit(request.headers()).await?;
        known.caller = Some(caller.clone());
        let place = self.places.take(id, &self.metrics).await?;
        let form = Form::of(request.headers(), self.settings.json);
        let time = self.settings.time();
        let bytes = received::body(request, self.settings.body_limit, time).await?;

        let mut body = Asked::parse(action, Dialect::Extended, &bytes)?;
        drop(bytes);
        let namespace = body.namespace()?;
        let client = self.sources.get(namespace.data_source.as_deref())?;
        // What is inserted is kept, and never looked at by the server.
        let demands = match action {
            Action::InsertOne | Action::InsertMany => Demands::default(),
            _ => Demands::of(body.left())?,
        };
        caller.rules.permit(action, &namespace, &demands)?;
        let bounds = Bounds {
            documents: self.settings.documents,
            time,
        };
        match actions::run(client, &namespace, body, bounds).await? {
            Answer::Whole(status, answer) => {
                let mut text = Vec::new();
                form.write(&answer, &mut text).map_err(Failure::damaged)?;
                Ok(answers::whole(status, form.media_type(), text))
            }
            Answer::Documents(documents) => {
                let stall = Duration::from_secs(self.settings.stall);
                answers::documents(documents, form, stall, stalled, place).await
            }
        }
    }
}

fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or("-")
}
