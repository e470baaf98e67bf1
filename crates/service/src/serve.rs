//! The entry: one request in, one answer out, whatever happens between.

use std::rc::Rc;

use door::{IncomingRequest, Refused, ResponseOutparam, Trace, log};
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};

use crate::{
    Caller, Context, Problem, Reply, Request, Role, Routes, Service, credentials,
    problem::Challenge, routes::Target, settings::Settings,
};

/// The largest body a service takes, in bytes.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

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
    let received = door::receive(request, BODY_LIMIT).await;
    serve_received(name, received, out, open, routes).await;
}

/// The same, of what was received.
pub(crate) async fn serve_received<S: Service>(
    name: &'static str,
    received: Result<http::Request<Vec<u8>>, Refused>,
    out: ResponseOutparam,
    open: impl FnOnce(Context) -> Result<S, Problem>,
    routes: impl FnOnce(&mut Routes<S>),
) {
    let response = match received {
        Ok(request) => {
            let settings = Settings::own();
            answer(name, request, settings, S::standing, open, routes).await
        }
        Err(refused) => {
            let trace = Trace::of(&refused.headers);
            log::begin(name, &trace.request_id);
            let reason = refused.reason;
            let problem = Problem::new(reason.status(), reason.to_string());
            respond(Err(problem), &refused.path, &trace)
        }
    };
    door::respond(out, response).await;
}

/// The answer to one request.
pub(crate) async fn answer<S: Service>(
    name: &'static str,
    request: http::Request<Vec<u8>>,
    settings: Settings,
    standing: impl AsyncFnOnce(Context, Caller) -> Result<Option<Role>, Problem>,
    open: impl FnOnce(Context) -> Result<S, Problem>,
    routes: impl FnOnce(&mut Routes<S>),
) -> Response<Vec<u8>> {
    let trace = Trace::of(request.headers());
    log::begin(name, &trace.request_id);
    let path = request.uri().path().to_owned();
    let mut table = Routes::new();
    routes(&mut table);
    let token = token(request.headers());
    let request = Request::new(request, settings.clone());
    let asked = S::FOR_PEOPLE.then(|| request.clone());
    let target = table.find(name, request);
    let context = Context::new(trace.clone(), settings, token);
    let is_personal = target.as_ref().is_ok_and(Target::is_personal);
    let result = match (target, asked) {
        (Err(problem), Some(request)) => told(request, problem, open, context).await,
        (target, _) => run(target, standing, open, context).await,
    };
    // A host sends no body in answer to HEAD; given one, it knows the length to tell.
    let mut response = respond(result, &path, &trace);
    if is_personal {
        // What somebody has to be signed in for is theirs, and nobody's to keep for others.
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            header::VARY,
            HeaderValue::from_static("authorization, cookie"),
        );
    }
    response
}

async fn told<S: Service>(
    request: Request,
    problem: Problem,
    open: impl FnOnce(Context) -> Result<S, Problem>,
    context: Context,
) -> Result<Reply, Problem> {
    Rc::new(open(context)?).told(request, problem).await
}

pub(crate) async fn run<S: Service>(
    target: Result<Target<S>, Problem>,
    standing: impl AsyncFnOnce(Context, Caller) -> Result<Option<Role>, Problem>,
    open: impl FnOnce(Context) -> Result<S, Problem>,
    context: Context,
) -> Result<Reply, Problem> {
    match target? {
        Target::Live => Ok(Reply::ok()),
        Target::Ready => {
            open(context)?.ready().await?;
            Ok(Reply::ok())
        }
        Target::Handler(mut call) => {
            call.admit()?;
            if let Some(caller) = call.writer() {
                call.admit_again(caller, standing(context.clone(), caller).await?)?;
            }
            call.run(Rc::new(open(context)?)).await
        }
    }
}

/// The caller's token, to be carried on as it came.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    let found = credentials::find(headers).ok()??;
    Some(found.token.to_owned())
}

fn respond(result: Result<Reply, Problem>, path: &str, trace: &Trace) -> Response<Vec<u8>> {
    let written = result.and_then(|mut reply| {
        let content = std::mem::take(&mut reply.content);
        Ok((content.bytes()?, reply))
    });
    let mut response = match written {
        Ok((body, reply)) => {
            let mut response = Response::new(body);
            *response.status_mut() = reply.status;
            if !reply.content_type.is_empty() {
                response.headers_mut().insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static(reply.content_type),
                );
            }
            insert(&mut response, header::LOCATION, reply.location.as_deref());
            response.headers_mut().extend(headers(reply.headers));
            response
        }
        Err(problem) => {
            problem.log();
            let mut response = Response::new(problem.body(path));
            *response.status_mut() = problem.status;
            let content_type = HeaderValue::from_static("application/problem+json");
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, content_type);
            insert(&mut response, header::ALLOW, problem.allow.as_deref());
            let challenge = problem.challenge.map(Challenge::header);
            insert(&mut response, header::WWW_AUTHENTICATE, challenge);
            let seconds = problem
                .retry_after
                .map(|wait| wait.as_secs().max(1).to_string());
            insert(&mut response, header::RETRY_AFTER, seconds.as_deref());
            response
        }
    };
    insert(
        &mut response,
        HeaderName::from_static("x-request-id"),
        Some(&trace.request_id),
    );
    insert(
        &mut response,
        header::X_CONTENT_TYPE_OPTIONS,
        Some("nosniff"),
    );
    response
}

/// Headers that can be written.
pub(crate) fn headers(
    headers: Vec<(HeaderName, String)>,
) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let written = |(name, value): (_, String)| Some((name, HeaderValue::from_str(&value).ok()?));
    headers.into_iter().filter_map(written)
}

fn insert(response: &mut Response<Vec<u8>>, name: HeaderName, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
        response.headers_mut().insert(name, value);
    }
}
