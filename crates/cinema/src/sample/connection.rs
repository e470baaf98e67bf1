//! The way to one cinema: requests, sent again where that does no harm, and what the answers say.

use anyhow::{Context as _, Result, anyhow, bail};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    time::{Duration, SystemTime},
};
use tokio::time::sleep;

/// How often one request is sent at most while the server says that it is busy or cannot be reached.
const TRIES: u32 = 8;
/// The longest a server can make us wait before we ask again.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends requests to one running cinema, in nobody's name.
#[derive(Clone, Debug)]
pub struct Connection {
    http: reqwest::Client,
    base: Url,
}

/// The parts of a problem+json that are told.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    detail: String,
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    field: String,
    message: String,
}

impl Connection {
    /// A connection to the cinema at this address, `http://` or `https://`; a path is put before every route.
    pub fn new(base: Url) -> Result<Self> {
        // Taken already when the host itself has set it.
        _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .user_agent(concat!("cinema/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("cannot set up an HTTP client")?;
        Ok(Self { http, base })
    }

    /// The address, without a slash at its end.
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// A request to this cinema.
    pub fn request(&self, method: Method, path_and_query: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path_and_query}", self.base()))
    }

    /// Sends a request, and again when the server says that it is busy (429, 503) or when it was not reached at all. What may
    /// have arrived is not sent again: it could make a double.
    pub async fn send(&self, request: RequestBuilder, what: &str) -> Result<Response> {
        for attempt in 0.. {
            let wait = match copy(&request, what)?.send().await {
                Ok(answer) if is_busy(answer.status()) && attempt + 1 < TRIES => {
                    retry_after(&answer, SystemTime::now()).unwrap_or_else(|| backoff(attempt))
                }
                Ok(answer) => return Ok(answer),
                // The first request of all finds out whether anything is there: that is not waited for long.
                Err(e) if e.is_connect() && attempt < 2 => backoff(attempt),
                Err(e) if e.is_connect() => bail!(
                    "cannot reach {}: {}; is it running? `make up` starts it",
                    self.base(),
                    root_cause(&e)
                ),
                Err(e) => {
                    bail!(
                        "{what} got no answer: {}; load again, what is there is left as it is",
                        root_cause(&e)
                    )
                }
            };
            sleep(wait.min(LONGEST_WAIT)).await;
        }
        unreachable!("the loop ends by an answer or an error")
    }
}

/// The same request once more.
pub fn copy(request: &RequestBuilder, what: &str) -> Result<RequestBuilder> {
    let copy = request.try_clone();
    copy.ok_or_else(|| anyhow!("{what} cannot be sent twice"))
}

fn is_busy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    )
}

/// How long the server asks us to wait: seconds, or a date (RFC 9110, 10.2.3).
fn retry_after(answer: &Response, now: SystemTime) -> Option<Duration> {
    let value = answer
        .headers()
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(value)
            .ok()?
            .duration_since(now)
            .ok(),
    }
}

/// A wait that doubles from 100 ms, and differs between requests that failed together.
fn backoff(attempt: u32) -> Duration {
    let jitter = RandomState::new().build_hasher().finish() % 100;
    Duration::from_millis((100 << attempt.min(6)) + jitter)
}

/// The body of a success.
pub async fn read<T: DeserializeOwned>(answer: Response, what: &str) -> Result<T> {
    let status = answer.status();
    if !status.is_success() {
        bail!("{what} was answered {status}: {}", reason(answer).await);
    }
    let body = answer
        .bytes()
        .await
        .with_context(|| format!("{what}: the answer broke off"))?;
    serde_json::from_slice(&body).with_context(|| {
        format!("{what}: the answer is not what a cinema answers; is the address right?")
    })
}

/// What an answer that is no success says of itself.
pub async fn reason(answer: Response) -> String {
    let body = answer.bytes().await.unwrap_or_default();
    let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
    let faults = problem
        .errors
        .iter()
        .map(|fault| format!("{}: {}", fault.field, fault.message));
    let told: Vec<String> = (!problem.detail.is_empty())
        .then_some(problem.detail)
        .into_iter()
        .chain(faults)
        .collect();
    if told.is_empty() {
        "no reason given".to_owned()
    } else {
        told.join("; ")
    }
}

/// The innermost of an error's causes: the others say only that something inside went wrong.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
