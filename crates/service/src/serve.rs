//! The entry: one request in, one answer out, whatever happens between.

use std::rc::Rc;

use http::{HeaderValue, Response, StatusCode, header};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};

use crate::{Context, Problem, Reply, Request, Routes, Service, Trace, entry, log, routes::Target};

/// The largest body a service takes, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// Serves one request of the service called `name`, which is also the first part of its paths.
///
/// `open` makes what the handlers need of the [`Context`]; it is not called for a request that reaches no handler.
pub async fn serve<S: Service>(
    name: &'static str,
    request: IncomingRequest,
    out: ResponseOutparam,
    open: impl FnOnce(Context) -> Result<S, Problem>,
    routes: impl FnOnce(&mut Routes<S>),
) {
    let response = match entry::receive(request, BODY_LIMIT).await {
        Ok(request) => answer(name, request, open, routes).await,
        Err(refused) => {
            let trace = Trace::of(&refused.headers);
            log::begin(name, &trace.request_id);
            respond(Err(refused.problem), &refused.path, &trace)
        }
    };
    entry::respond(out, response).await;
}

/// The answer to one request.
pub(crate) async fn answer<S: Service>(
    name: &'static str,
    request: http::Request<Vec<u8>>,
    open: impl FnOnce(Context) -> Result<S, Problem>,
    routes: impl FnOnce(&mut Routes<S>),
) -> Response<Vec<u8>> {
    let trace = Trace::of(request.headers());
    log::begin(name, &trace.request_id);
    let path = request.uri().path().to_owned();
    let mut table = Routes::new();
    routes(&mut table);
    let result = run(table.find(name, Request::from_http(request)), open, &trace).await;
    // A host sends no body in answer to HEAD; given one, it knows the length to tell.
    respond(result, &path, &trace)
}

async fn run<S: Service>(
    target: Result<Target<S>, Problem>,
    open: impl FnOnce(Context) -> Result<S, Problem>,
    trace: &Trace,
) -> Result<Reply, Problem> {
    match target? {
        Target::Live => Ok(Reply::ok()),
        Target::Ready => {
            open(Context::new(trace.clone()))?.ready().await?;
            Ok(Reply::ok())
        }
        Target::Handler(call) => call.run(Rc::new(open(Context::new(trace.clone()))?)).await,
    }
}

fn respond(result: Result<Reply, Problem>, path: &str, trace: &Trace) -> Response<Vec<u8>> {
    let mut response = match result {
        Ok(reply) => {
            let mut response = Response::new(reply.body);
            *response.status_mut() = reply.status;
            if reply.status != StatusCode::NO_CONTENT {
                response.headers_mut().insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static(reply.content_type),
                );
            }
            insert(&mut response, header::LOCATION, reply.location.as_deref());
            response
        }
        Err(problem) => {
            let mut response = Response::new(problem.body(path));
            *response.status_mut() = problem.status;
            let content_type = HeaderValue::from_static("application/problem+json");
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, content_type);
            insert(&mut response, header::ALLOW, problem.allow.as_deref());
            let seconds = problem
                .retry_after
                .map(|wait| wait.as_secs().max(1).to_string());
            insert(&mut response, header::RETRY_AFTER, seconds.as_deref());
            response
        }
    };
    insert(
        &mut response,
        header::HeaderName::from_static("x-request-id"),
        Some(&trace.request_id),
    );
    response
}

fn insert(response: &mut Response<Vec<u8>>, name: header::HeaderName, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
        response.headers_mut().insert(name, value);
    }
}
