//! The way to the store that the settings name: the embedded one in process, any other at its address.

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, atomic::AtomicU32},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use bytes::Bytes;
use data_api_client::{Client, Config};
use door::{Transport, TransportError};
use host::{
    manifest::{App, RouteMatch, chaining_target},
    runtime::{Databases, Loaded, Origin, Runtime, headers},
    server::ServeOptions,
};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};

/// A client of the store that the application's settings name. The embedded store is locked until it is dropped.
///
/// # Errors
/// Settings that can't be used; an embedded store that a running host holds, or that is not built.
pub fn open(app: App, state_dir: &Path) -> Result<Client<Way>> {
    let settings = app
        .components
        .iter()
        .find(|component| component.variables.get("data_api_url").is_some())
        .context("no component of the manifest has a variable data_api_url")?
        .variables
        .clone();
    let config = Config::from_settings(|name| settings.get(name).map(str::to_owned))?;
    let address: Uri = config.url.parse()?;
    let to = match address.host().and_then(chaining_target) {
        Some(component) => To::Component(Embedded::open(app, component, state_dir)?),
        None => To::Address(remote()?),
    };
    let begun = Instant::now();
    Ok(Client::new(config, Way { to, begun }))
}

/// How requests get to the store.
pub struct Way {
    to: To,
    begun: Instant,
}

enum To {
    Component(Embedded),
    Address(reqwest::Client),
}

struct Embedded {
    runtime: Arc<Runtime>,
    component: Arc<Loaded>,
    origin: Arc<Origin>,
}

impl Embedded {
    fn open(mut app: App, id: &str, state_dir: &Path) -> Result<Self> {
        let databases = Databases::open(state_dir)?;
        app.components.retain(|component| component.id == id);
        let runtime = Runtime::new(
            &app,
            ServeOptions::default().limits(),
            state_dir.join("cache"),
            databases,
        )?;
        let component = runtime.component(id).cloned();
        Ok(Self {
            component: component.with_context(|| {
                format!("data_api_url names no component of the manifest: {id}")
            })?,
            runtime,
            origin: Arc::new(Origin {
                request_id: "adopt".to_owned(),
                address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                chained: AtomicU32::new(0),
            }),
        })
    }

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
        let path = request.uri().path().to_owned();
        let body = |bytes| Full::from(Bytes::from(bytes)).map_err(|never| match never {});
        let mut request = request.map(|bytes| body(bytes).boxed_unsync());
        let route = RouteMatch::chained(self.component.id(), &path);
        headers::add(&mut request, &route, None);
        let answer = self.runtime.call(&self.component, request, &self.origin, 1);
        let (head, body) = answer
            .await
            .map_err(|failure| anyhow!("{failure:?}"))?
            .into_parts();
        let body = body.collect().await?.to_bytes().to_vec();
        Ok(Response::from_parts(head, body))
    }
}

fn remote() -> Result<reqwest::Client> {
    // Taken already where it was set before.
    _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("cinema/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("cannot set up an HTTP client")
}

async fn ask(
    client: &reqwest::Client,
    request: Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, TransportError> {
    let failed = |error: reqwest::Error| {
        // The address is the settings', and known.
        let connect = error.is_connect();
        let text = format!("{:#}", anyhow!(error.without_url()));
        if connect {
            TransportError::Connect(text)
        } else {
            TransportError::Other(text)
        }
    };
    let mut answer = client
        .execute(request.try_into().map_err(failed)?)
        .await
        .map_err(failed)?;
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let mut response = Response::new(answer.bytes().await.map_err(failed)?.to_vec());
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
}

impl Transport for Way {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        match &self.to {
            To::Component(embedded) => {
                let failed = |error| TransportError::Other(format!("{error:#}"));
                let answer = async { embedded.send(request).await.map_err(failed) };
                within(timeout, answer).await
            }
            To::Address(client) => within(timeout, ask(client, request)).await,
        }
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn random(&self) -> f64 {
        // Without random numbers retries are only less spread.
        f64::from(getrandom::u32().unwrap_or_default()) / 2f64.powi(32)
    }
}

async fn within<T>(
    timeout: Duration,
    answer: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    tokio::time::timeout(timeout, answer)
        .await
        .unwrap_or(Err(TransportError::Timeout))
}
