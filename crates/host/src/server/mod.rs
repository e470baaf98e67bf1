//! HTTP in front of the components: connections, limits, routes, and a clean stop.

pub mod headers;

use std::{
    convert::Infallible,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::{
    logs::{self, Served},
    manifest::{App, RouteTable, chaining_target},
    runtime::{Databases, Limits, Origin, Runtime, failure},
};

/// How long a client may take to send its headers.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(30);

/// How long requests in flight may take when the host is told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// The path at which Spin's hosts say that they are up.
const HEALTH: &str = "/.well-known/spin/health";

/// The longest request id that is taken over from a client.
const LONGEST_ID: usize = 128;

/// How to serve.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The address to listen at; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The folder of the store and the compile cache.
    pub state_dir: PathBuf,
    /// Whether each request is a line of the log.
    pub log_requests: bool,
    /// The memory of an instance, in bytes.
    pub memory: usize,
    /// The time of an instance.
    pub time: Duration,
    /// The largest body of a request, in bytes.
    pub body: usize,
    /// How many requests from outside are worked on at once; past that, the answer is 503.
    pub in_flight: usize,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            state_dir: ".spin".into(),
            log_requests: true,
            memory: 64 * 1024 * 1024,
            time: Duration::from_secs(30),
            body: 16 * 1024 * 1024,
            // A tenth of the instances there may be: each request may chain to several others, which must find room.
            in_flight: 100,
        }
    }
}

/// A host that serves.
pub struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, and waits for the requests in flight.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.accepting.await;
    }
}

/// Loads an application and serves it.
///
/// # Errors
/// A store that another host serves, a component that can't run, an address that can't be listened at.
pub async fn serve(app: App, options: ServeOptions) -> Result<Running> {
    let listener = TcpListener::bind(options.listen).await.with_context(|| {
        format!(
            "cannot listen at {}; choose another address by --listen",
            options.listen
        )
    })?;
    let address = listener.local_addr()?;
    let databases = Databases::open(&options.state_dir)?;
    let limits = Limits {
        memory: options.memory,
        time: options.time,
    };
    let cache = options.state_dir.join("cache");
    let (runtime, app) = tokio::task::spawn_blocking(move || {
        let runtime = Runtime::new(&app, limits, cache, databases)?;
        anyhow::Ok((runtime, app))
    })
    .await??;
    let server = Arc::new(Server {
        runtime,
        routes: app.routes,
        address,
        body: options.body,
        log_requests: options.log_requests,
        in_flight: Arc::new(Semaphore::new(options.in_flight)),
    });
    let (stop, stopped) = oneshot::channel();
    let accepting = tokio::spawn(accept(server, listener, stopped));
    Ok(Running {
        address,
        stop,
        accepting,
    })
}

struct Server {
    runtime: Arc<Runtime>,
    routes: RouteTable,
    address: SocketAddr,
    body: usize,
    log_requests: bool,
    in_flight: Arc<Semaphore>,
}

async fn accept(server: Arc<Server>, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => connect(&server, &graceful, stream, client),
                // Out of descriptors, say: that passes, and is no reason to stop serving.
                Err(error) => {
                    logs::fault(&format!("a connection could not be accepted: {error}"));
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown())
        .await
        .is_err()
    {
        logs::fault(&format!(
            "requests that took longer than {} s were cut off",
            STOP_TIMEOUT.as_secs()
        ));
    }
}

fn connect(
    server: &Arc<Server>,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    client: SocketAddr,
) {
    // Answers are sent whole, so there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let server = Arc::clone(server);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIMEOUT)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(200)
        .max_header_list_size(64 * 1024);
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, Infallible>(server.serve(request, client).await) }
    });
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A client that goes away or speaks no HTTP is its own affair.
        let _ = connection.await;
    });
}

impl Server {
    async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        client: SocketAddr,
    ) -> Response<WasiBody> {
        let start = Instant::now();
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let origin = Arc::new(Origin {
            request_id: request_id(request.headers()),
            address: self.address,
            chained: AtomicU32::new(0),
        });
        let mut component = None;
        let response = if path == HEALTH {
            health()
        } else {
            match self.find(&request) {
                Err((status, detail)) => {
                    failure::problem(status, &detail, &path, &origin.request_id)
                }
                Ok(found) => {
                    component = Some(found.clone());
                    self.answer(found, request, client, &origin).await
                }
            }
        };
        if self.log_requests {
            logs::served(&Served {
                method: method.as_str(),
                path: &path,
                component: component.as_deref().unwrap_or("-"),
                status: response.status().as_u16(),
                duration: start.elapsed(),
                chained: origin.chained.load(Ordering::Relaxed),
                request_id: &origin.request_id,
            });
        }
        response
    }

    /// The component a request is for, or why there is none: a status and what to tell.
    fn find(&self, request: &Request<Incoming>) -> Result<String, (StatusCode, String)> {
        let Some(route) = self.routes.lookup(request.uri().path()) else {
            return Err((StatusCode::NOT_FOUND, "there is no such route".to_owned()));
        };
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.body as u64) {
            let detail = format!("the body is larger than {} bytes", self.body);
            return Err((StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        Ok(route.component.to_owned())
    }

    /// Has a component answer, in a task of its own: a client that goes away does not stop what it asked for half-way.
    async fn answer(
        self: &Arc<Self>,
        component: String,
        request: Request<Incoming>,
        client: SocketAddr,
        origin: &Arc<Origin>,
    ) -> Response<WasiBody> {
        let path = request.uri().path().to_owned();
        let Ok(permit) = Arc::clone(&self.in_flight).try_acquire_owned() else {
            return failure::problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many requests at once; try again",
                &path,
                &origin.request_id,
            );
        };
        let Some(loaded) = self.runtime.component(&component).cloned() else {
            return failure::problem(
                StatusCode::NOT_FOUND,
                "there is no such route",
                &path,
                &origin.request_id,
            );
        };
        let (server, request_origin, asked) = (Arc::clone(self), Arc::clone(origin), path.clone());
        let limit = self.body;
        let task = tokio::spawn(async move {
            let _permit = permit;
            let mut request = request.map(|body| {
                Limited::new(body, limit)
                    .map_err(|error| Error::InternalError(Some(error.to_string())))
                    .boxed_unsync()
            });
            if let Some(route) = server.routes.lookup(&asked) {
                headers::add(&mut request, &route, Some(client));
            }
            prepare(request.headers_mut(), &request_origin);
            match server
                .runtime
                .call(&loaded, request, &request_origin, 0)
                .await
            {
                Ok(response) => response,
                Err(failed) => failure::answer(&failed, &loaded.id, &asked, &request_origin),
            }
        });
        match task.await {
            Ok(response) => response,
            Err(error) => {
                logs::trap(
                    &component,
                    &path,
                    &origin.request_id,
                    &format!("the host failed: {error}"),
                );
                failure::problem(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "something went wrong on our side",
                    &path,
                    &origin.request_id,
                )
            }
        }
    }
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
