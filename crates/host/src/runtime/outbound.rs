//! Requests that components send: to other components in process, or to the network.

use std::{
    future::Future,
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use http::{Request, Response, Uri};
use http_body_util::BodyExt;
use tracing::{Instrument as _, Span};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

use super::{
    Runtime,
    call::{Call, Serving},
    failure, headers,
};
use crate::{
    logs,
    manifest::{Component, RouteMatch, chaining_target},
    traces,
};

/// How long a component's request may take where it does not say: as long as the component itself may.
const TIMEOUT: Duration = Duration::from_secs(30);

type Background = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(Response<WasiBody>, Background), Error>> + Send>;

/// The way out of one instance.
pub struct Outbound {
    /// Whose idle instance this may belong to.
    runtime: Weak<Runtime>,
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
    fn chain(&self, target: &str, request: Request<WasiBody>, timeout: Duration) -> Sent {
        let found = self.runtime.upgrade().and_then(|runtime| {
            let component = Arc::clone(runtime.component(target)?);
            Some((runtime, component))
        });
        let Some((runtime, component)) = found else {
            return Box::new(async { Err(Error::DestinationNotFound) });
        };
        let Call { origin, depth, .. } = self.serving.call();
        origin.chained.fetch_add(1, Ordering::Relaxed);
        Box::new(async move {
            let mut request = request;
            let path = request.uri().path().to_owned();
            headers::add(
                &mut request,
                &RouteMatch::chained(component.id(), &path),
                None,
            );
            let answer = runtime.call(&component, request, &origin, depth + 1);
            let response = match tokio::time::timeout(timeout, answer).await {
                Ok(Ok(response)) => response,
                Ok(Err(failure)) => failure::answer(&failure, component.id(), &path, &origin),
                Err(_) => return Err(Error::HttpResponseTimeout),
            };
            Ok((response, Box::new(async { Ok(()) }) as Background))
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
        let timeout = options
            .and_then(|options| options.first_byte_timeout)
            .unwrap_or(TIMEOUT);
        if let Some(target) = request.uri().host().and_then(chaining_target) {
            let target = target.to_owned();
            return traced(self.chain(&target, request, timeout), span);
        }
        let options = options.unwrap_or(RequestOptions {
            connect_timeout: Some(TIMEOUT),
            first_byte_timeout: Some(TIMEOUT),
            between_bytes_timeout: Some(TIMEOUT),
        });
        let sent = Box::new(async move {
            let (response, connection) = default_send_request(request, Some(options)).await?;
            Ok((
                response.map(BodyExt::boxed_unsync),
                Box::new(connection) as Background,
            ))
        });
        traced(sent, span)
    }
}

/// The same in its span, which is told of the answer.
fn traced(sent: Sent, span: Span) -> Sent {
    if span.is_disabled() {
        return sent;
    }
    let within = span.clone();
    let sent = async move {
        let result = Box::into_pin(sent).await;
        match &result {
            Ok((response, _)) => traces::responded(&within, response.status()),
            Err(error) => traces::failed(&within, error),
        }
        result
    };
    Box::new(sent.instrument(span))
}
