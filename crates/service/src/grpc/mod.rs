//! gRPC: a second way in to the routes of a service. A method is a route by another name: its message becomes the request of that
//! route, which is let in, checked and carried out like any other, and what the handler replies becomes the method's message.
//!
//! - [`serve`]: the entry, of a service that is asked both ways
//! - [`Methods`]: which method is which route; [`Call`]: a method's message as a request
//! - [`converse`]: a method that is no route, and both of whose sides may stream
//! - `status`: a problem as gRPC tells it
//! - `deadline`: the time that a client gives
//! - `codec`: messages as bytes, so that what tonic does is compiled once and not once for each method

mod call;
mod codec;
mod converse;
mod deadline;
mod methods;
mod status;

use std::{convert::Infallible, fmt::Display, mem::take, rc::Rc};

use bytes::Bytes;
use door::{IncomingRequest, Reason, ResponseOutparam, Trace, log};
use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::{LocalBoxFuture, ready},
    stream::{self, LocalBoxStream},
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use proto::Timestamp;
use send_wrapper::SendWrapper;
use tonic::{Status, body::Body, metadata::MetadataMap, server::Grpc};
use tonic_web::GrpcWebLayer;
use tower::{Layer, Service as _, service_fn};

pub use call::Call;
pub use converse::{Messages, converse};
pub use methods::Methods;

use crate::{
    Caller, Context, Moment, Problem, Reply, Role, Routes, Service,
    serve::{self, BODY_LIMIT},
    settings::Settings,
};
use codec::Raw;
use deadline::Deadline;
use methods::{Form, Parts, Row};

/// How a request is one for a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Grpc,
    /// gRPC-Web, which puts into the body what browsers don't let pass.
    Web,
    /// By an encoding of messages that nobody here knows.
    Unknown,
}

impl Kind {
    /// None where it is none.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let media = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        match media.strip_prefix("application/grpc")? {
            "" | "+proto" => Some(Self::Grpc),
            "-web" | "-web+proto" | "-web-text" | "-web-text+proto" => Some(Self::Web),
            _ => Some(Self::Unknown),
        }
    }
}

/// Has a route answer.
type Ask = Rc<dyn Fn(Call) -> LocalBoxFuture<'static, Result<Reply, Problem>>>;

/// Serves one request of the service called `name`, by HTTP as [`serve`](crate::serve()) does, or by gRPC.
pub async fn serve<S: Service>(
    name: &'static str,
    request: IncomingRequest,
    out: ResponseOutparam,
    open: impl Fn(Context) -> Result<S, Problem> + Clone + 'static,
    routes: impl Fn(&mut Routes<S>) + Clone + 'static,
    methods: impl FnOnce(&mut Methods),
) {
    let received = door::receive(request, BODY_LIMIT).await;
    let headers = match &received {
        Ok(request) => request.headers(),
        Err(refused) => &refused.headers,
    };
    let Some(kind) = Kind::of(headers) else {
        return serve::serve_received(name, received, out, open, routes).await;
    };
    let trace = Trace::of(headers);
    log::begin(name, &trace.request_id);
    let response = match received {
        Ok(mut request) => {
            let headers = Rc::new(take(request.headers_mut()));
            let context = (trace.clone(), Settings::own());
            let ask = asking(Rc::clone(&headers), context, S::standing, open, routes);
            answer(kind, request, &headers, ask, methods).await
        }
        Err(refused) => {
            let detail = refused.reason.to_string();
            let status = match refused.reason {
                Reason::TooLarge(_) => Status::resource_exhausted(detail),
                _ => Status::internal(detail),
            };
            status.into_http()
        }
    };
    door::stream(out, identified(response, &trace)).await;
}

/// An answer that says which request it is to.
fn identified(mut response: Response<Body>, trace: &Trace) -> Response<Body> {
    if let Ok(id) = HeaderValue::from_str(&trace.request_id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// Asks the routes, with these headers.
pub(crate) fn asking<S: Service>(
    headers: Rc<HeaderMap>,
    (trace, settings): (Trace, Settings),
    standing: impl AsyncFn(Context, Caller) -> Result<Option<Role>, Problem> + Clone + 'static,
    open: impl Fn(Context) -> Result<S, Problem> + Clone + 'static,
    routes: impl Fn(&mut Routes<S>) + Clone + 'static,
) -> Ask {
    let context = Context::new(trace, settings.clone(), serve::token(&headers));
    Rc::new(move |call| {
        let mut table = Routes::new();
        routes(&mut table);
        let target = call
            .request(Rc::clone(&headers), settings.clone())
            .and_then(|(path, request)| table.named(path, request));
        let (standing, open, context) = (standing.clone(), open.clone(), context.clone());
        async move { serve::run(target, standing, open, context).await }.boxed_local()
    })
}

/// The answer to one request with these headers.
pub(crate) async fn answer(
    kind: Kind,
    request: Request<Vec<u8>>,
    headers: &HeaderMap,
    ask: Ask,
    methods: impl FnOnce(&mut Methods),
) -> Response<Body> {
    let path = request.uri().path();
    log::route(path);
    if request.method() != Method::POST {
        return bare(StatusCode::METHOD_NOT_ALLOWED);
    }
    // The service, and the method of it.
    let name = path.splitn(3, '/').nth(2).unwrap_or_default();
    let mut methods_of = Methods::looking_for(name);
    methods(&mut methods_of);
    let missing = || Status::unimplemented(format!("there is no method {path}"));
    let method = methods_of.found().ok_or_else(missing);
    let called = async |body| {
        let called = call(body, headers, &method, &ask).await;
        called.unwrap_or_else(Status::into_http)
    };
    match kind {
        Kind::Grpc => called(Ok(request.into_body().into())).await,
        Kind::Web => {
            let mut request = request.map(|body| Full::new(Bytes::from(body)));
            request.headers_mut().clone_from(headers);
            let called =
                service_fn(async |request| Ok::<_, Infallible>(called(whole(request).await).await));
            let Ok(response) = GrpcWebLayer::new().layer(called).call(request).await;
            response
        }
        Kind::Unknown => bare(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    }
}

/// An answer to what is no call at all, as HTTP has it.
fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_static("POST");
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// The body of a request as gRPC-Web brings it, once all of it is there.
async fn whole<B>(request: Request<B>) -> Result<Bytes, Status>
where
    B: http_body::Body<Data = Bytes, Error: Display>,
{
    let broken = |error| Status::internal(format!("the body is not valid: {error}"));
    let body = request.into_body().collect().await.map_err(broken)?;
    Ok(body.to_bytes())
}

/// One call of a method, where it is there and the body is.
async fn call(
    body: Result<Bytes, Status>,
    headers: &HeaderMap,
    method: &Result<Row, Status>,
    ask: &Ask,
) -> Result<Response<Body>, Status> {
    let method = method.as_ref().map_err(Status::clone)?;
    let deadline = Deadline::of(headers)?;
    let body = body?;
    // What a message's prefix says is its length is made room for, whatever follows.
    let length = body.get(1..5).and_then(|length| length.try_into().ok());
    if length.is_some_and(|length| u32::from_be_bytes(length) as usize > BODY_LIMIT) {
        let detail = format!("the message is larger than {BODY_LIMIT} bytes");
        return Err(Status::resource_exhausted(detail));
    }
    let mut request = Request::new(Full::new(body));
    // The one header that is tonic's to read.
    if let Some(encoding) = headers.get("grpc-encoding") {
        let encoding = encoding.clone();
        request.headers_mut().insert("grpc-encoding", encoding);
    }
    let mut grpc = Grpc::new(Raw).max_decoding_message_size(BODY_LIMIT);
    Ok(match &method.form {
        Form::Unary(message) => {
            let unary = service_fn(|request| async {
                let call = (method.call)(tonic::Request::into_inner(request))?;
                let mut reply = deadline.bound(ask(call)).await?;
                let headers = HeaderMap::from_iter(serve::headers(take(&mut reply.headers)));
                let message = message(reply).map_err(status::of)?;
                let mut response = tonic::Response::new(message);
                *response.metadata_mut() = MetadataMap::from_headers(headers);
                Ok(response)
            });
            grpc.unary(unary, request).await
        }
        Form::Stream(parts) => {
            let stream = service_fn(|request| {
                let call = (method.call)(tonic::Request::into_inner(request));
                let (parts, ask) = (Rc::clone(parts), Rc::clone(ask));
                ready(call.map(|call| tonic::Response::new(pages(call, parts, ask, deadline))))
            });
            grpc.server_streaming(stream, request).await
        }
    })
}

/// A moment, as messages have it.
pub fn timestamp(moment: Moment) -> Timestamp {
    proto::timestamp(moment.millis())
}

/// The messages of a list, from page to page.
fn pages(
    first: Call,
    parts: Parts,
    ask: Ask,
    deadline: Deadline,
) -> SendWrapper<LocalBoxStream<'static, Result<Vec<u8>, Status>>> {
    let pages = stream::try_unfold(Some(first), move |call| {
        let (parts, ask) = (Rc::clone(&parts), Rc::clone(&ask));
        async move {
            let Some(call) = call else {
                return Ok::<_, Status>(None);
            };
            let reply = deadline.bound(ask(call.clone())).await?;
            let (messages, next) = parts(reply).map_err(status::of)?;
            let next = next.map(|token| call.from(token));
            Ok(Some((stream::iter(messages).map(Ok), next)))
        }
    });
    SendWrapper::new(pages.try_flatten().boxed_local())
}
