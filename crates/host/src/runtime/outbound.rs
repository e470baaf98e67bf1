//! Requests that components send: to other components in process, or to the network.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use http::{Request, Response, Uri};
use tracing::{Instrument as _, Span};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::{
    Runtime,
    call::{Call, Serving},
    failure, headers,
    network::{Network, TIMEOUT},
};
use crate::{
    logs,
    manifest::{Component, RouteMatch, chaining_target},
    traces,
};

type Background = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(Response<WasiBody>, Background), Error>> + Send>;
type Answer = Pin<Box<dyn Future<Output = Result<Response<WasiBody>, Error>> + Send>>;

/// The way out of one instance.
pub struct Outbound {
    /// Whose idle instance this may belong to.
    runtime: Weak<Runtime>,
    network: Arc<Network>,
    component: Arc<Component>,
    serving: Serving,
}

impl Outbound {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        component: &Arc<Component>,
        serving: &Serving,
    ) -> Self {
        Self {
            runtime: Arc::downgrade(runtime),
            network: Arc::clone(&runtime.network),
            component: Arc::clone(component),
            serving: serving.clone(),
        }
    }

    /// Whether the manifest lets the component send to this address.
    fn allows(&self, uri: &Uri) -> bool {
        let scheme = uri.scheme_str().unwrap_or("https");
        let Some(authority) = uri.authority() else {
            return false;
        };
        let allowed = &self.component.allowed_outbound_hosts;
        allowed.allows(scheme, authority.host(), authority.port_u16())
            || (allowed.allows_self(scheme)
                && authority.as_str() == self.serving.call().origin.address.to_string())
    }

    /// Has another component of the application answer.
    fn chain(&self, target: &str, request: Request<WasiBody>, timeout: Duration) -> Answer {
        let found = self.runtime.upgrade().and_then(|runtime| {
            let component = Arc::clone(runtime.component(target)?);
            Some((runtime, component))
        });
        let Some((runtime, component)) = found else {
            return Box::pin(async { Err(Error::DestinationNotFound) });
        };
        let Call { origin, depth, .. } = self.serving.call();
        origin.chained.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let mut request = request;
            let path = request.uri().path().to_owned();
            headers::add(
                &mut request,
                &RouteMatch::chained(component.id(), &path),
                None,
            );
            let answer = runtime.call(&component, request, &origin, depth + 1);
            match tokio::time::timeout(timeout, answer).await {
                Ok(Ok(response)) => Ok(response),
                Ok(Err(failure)) => {
                    let (status, detail) = failure::told(&failure, component.id(), &path, &origin);
                    Ok(failure::problem(status, detail, &path, &origin.request_id))
                }
                Err(_) => Err(Error::HttpResponseTimeout),
            }
        })
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Background,
    ) -> Sent {
        if !self.allows(request.uri()) {
            let to = request
                .uri()
                .authority()
                .map(ToString::to_string)
                .unwrap_or_default();
            logs::fault(&format!(
                "component {} may not send to {to}: its allowed_outbound_hosts in the manifest do not name it",
                self.component.id
            ));
            return Box::new(async { Err(Error::HttpRequestDenied) });
        }
        let span = traces::outbound(&mut request);
        let options = options.unwrap_or_default();
        let answer = match request.uri().host().and_then(chaining_target) {
            Some(target) => {
                let target = target.to_owned();
                let timeout = options.first_byte_timeout.unwrap_or(TIMEOUT);
                self.chain(&target, request, timeout)
            }
            None => {
                let network = Arc::clone(&self.network);
                Box::pin(async move { network.send(request, options).await })
            }
        };
        traced(answer, span)
    }
}

/// The same in its span, which is told of the answer. Nothing of the request goes on in the background.
fn traced(answer: Answer, span: Span) -> Sent {
    let within = span.clone();
    let sent = async move {
        let answer = answer.await;
        match &answer {
            Ok(response) => traces::responded(&within, response.status()),
            Err(error) => traces::failed(&within, error),
        }
        Ok((answer?, Box::new(async { Ok(()) }) as Background))
    };
    Box::new(sent.instrument(span))
}
