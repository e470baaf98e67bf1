//! One request: its route, its limits, its line of the log.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tracing::Instrument as _;
use wasmtime_wasi_http::WasiBody;

use super::{
    admission::{Admission, Refusal},
    crowd::Crowd,
    drain::drain,
    framing,
};
use crate::{
    logs::{self, Served},
    manifest::{Route, RouteTable, chaining_target},
    metrics,
    runtime::{Failure, Origin, Runtime, failure, grpc, headers},
    traces,
};

/// The path at which Spin's hosts say that they are up.
pub const HEALTH: &str = "/.well-known/spin/health";

/// The longest request id that is taken over from a client.
const LONGEST_ID: usize = 128;

/// What every request is served with.
pub struct Server {
    pub runtime: Arc<Runtime>,
    pub routes: RouteTable,
    /// Where the host listens.
    pub address: SocketAddr,
    /// The largest body, in bytes.
    pub body: usize,
    pub log_requests: bool,
    pub admission: Admission,
    /// The connections that are open.
    pub crowd: Crowd,
    /// Where requests are counted, if anywhere.
    pub metrics: Option<metrics::Requests>,
}

impl Server {
    /// Answers one request.
    pub async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Response<WasiBody> {
        let start = Instant::now();
        let (method, version) = (request.method().clone(), request.version());
        let call = grpc::is_call(request.headers());
        let path = request.uri().path().to_owned();
        let origin = Arc::new(Origin {
            request_id: request_id(request.headers()),
            address: self.address,
            chained: AtomicU32::new(0),
        });
        let (mut component, mut route) = (metrics::NONE, metrics::NONE);
        let answer = if path == HEALTH {
            route = HEALTH;
            Ok(health())
        } else {
            match self.find(&request) {
                Err(refusal) => {
                    drain(request.into_body(), self.body);
                    Err(refusal)
                }
                Ok(found) => {
                    (component, route) = (&found.component, &found.pattern);
                    self.answer(component, request, peer, &origin).await
                }
            }
        };
        // Of a call that is refused, what it would be as plain HTTP.
        let status = match &answer {
            Ok(response) => response.status(),
            Err(refusal) => refusal.status,
        };
        let response = answer.unwrap_or_else(|refusal| {
            let problem = refused(&refusal, version, &path, &origin);
            match call {
                true => grpc::refused(problem, &refusal.detail),
                false => problem,
            }
        });
        let response = if method == Method::HEAD {
            framing::without_body(response)
        } else {
            response
        };
        let duration = start.elapsed();
        traces::answered(&method, route, status);
        if let Some(metrics) = &self.metrics {
            metrics.answered(route, status, duration);
        }
        if self.log_requests {
            logs::served(&Served {
                method: method.as_str(),
                path: &path,
                component,
                status: status.as_u16(),
                duration,
                chained: origin.chained.load(Ordering::Relaxed),
                request_id: &origin.request_id,
            });
        }
        response
    }

    /// The route a request is for, or why there is none.
    fn find(&self, request: &Request<Incoming>) -> Result<&Route, Refusal> {
        framing::check(request).map_err(|detail| Refusal::new(StatusCode::BAD_REQUEST, detail))?;
        let route = self.routes.route(request.uri().path());
        let route = route.ok_or_else(no_route)?;
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.body as u64) {
            let detail = format!("the body is larger than {} bytes", self.body);
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        Ok(route)
    }

    /// Has a component answer, in a task of its own: a client that goes away does not stop what it asked for half-way. A call of gRPC
    /// is what a client may cancel, and ends with it.
    async fn answer(
        self: &Arc<Self>,
        component: &str,
        request: Request<Incoming>,
        peer: SocketAddr,
        origin: &Arc<Origin>,
    ) -> Result<Response<WasiBody>, Refusal> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let address = self.admission.counted(peer.ip(), &parts.headers);
        if let Err(refusal) = self.admission.rate(&parts.method, &path, address) {
            drain(body, self.body);
            return Err(refusal);
        }
        let call = grpc::is_call(&parts.headers);
        let arrived = self.admission.arrive(body, call).await?;
        let place = self.admission.place(&parts.method, &path, address).await?;
        let loaded = self.runtime.component(component).ok_or_else(no_route)?;
        let loaded = Arc::clone(loaded);
        let mut request = Request::from_parts(parts, arrived.body);
        let (server, request_origin, asked) = (Arc::clone(self), Arc::clone(origin), path.clone());
        let work = async move {
            if let Some(route) = server.routes.lookup(&asked) {
                headers::add(&mut request, &route, Some(peer));
            }
            prepare(request.headers_mut(), &request_origin);
            let held = (place, arrived.room);
            let answer = server
                .runtime
                .call_holding(held, &loaded, request, &request_origin, 0);
            answer.await.map_err(|failed| {
                let (status, detail) = failure::told(&failed, loaded.id(), &asked, &request_origin);
                let status = match failed {
                    // gRPC tells it apart from other failures.
                    Failure::Time(_) if call => StatusCode::GATEWAY_TIMEOUT,
                    _ => status,
                };
                Refusal::new(status, detail)
            })
        };
        if call {
            return work.await;
        }
        tokio::spawn(work.in_current_span())
            .await
            .unwrap_or_else(|error| {
                let reason = format!("the host failed: {error}");
                logs::trap(component, &path, &origin.request_id, &reason);
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Err(Refusal::new(status, failure::FAILED))
            })
    }
}

fn no_route() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "there is no such route")
}

/// What somebody is told who is not let in.
fn refused(refusal: &Refusal, version: Version, path: &str, origin: &Origin) -> Response<WasiBody> {
    let Refusal { status, detail, .. } = refusal;
    let mut response = failure::problem(*status, detail, path, &origin.request_id);
    let headers = response.headers_mut();
    if let Some(wait) = refusal.retry_after {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    // What is left of the request is no request.
    if *status == StatusCode::REQUEST_TIMEOUT && version < Version::HTTP_2 {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The host's own answer to whoever asks whether it is up.
fn health() -> Response<WasiBody> {
    let body = http_body_util::Full::from("OK");
    Response::new(body.map_err(|never| match never {}).boxed_unsync())
}

/// What a component sees of the headers: never a `Host` that means another component, always a request id.
fn prepare(headers: &mut HeaderMap, origin: &Origin) {
    let chaining = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .is_none_or(|host| {
            let name = host.split(':').next().unwrap_or_default();
            chaining_target(&name.to_ascii_lowercase()).is_some()
        });
    if chaining {
        headers.insert(header::HOST, HeaderValue::from_static("localhost"));
    }
    if let Ok(id) = HeaderValue::from_str(&origin.request_id) {
        headers.insert("x-request-id", id);
    }
}

/// The client's own id where it is a sane one, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get("x-request-id").and_then(|id| id.to_str().ok());
    let sane = |id: &&str| {
        (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    };
    given
        .filter(sane)
        .map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), str::to_owned)
}
