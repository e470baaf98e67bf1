//! Asking a sibling service.

use std::time::Duration;

use data_api_client::{Id, PageRequest};
use door::{Transport, TransportError};
use futures::future::try_join_all;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{Fault, Problem};

/// The longest that a sibling's answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The most pages of a list that are followed: far more than any list a service asks for, so that nonsense ends somewhere.
const MOST_PAGES: usize = 200;

/// A page of a sibling's list, as it comes.
#[derive(Debug, Deserialize)]
pub struct Listed<T> {
    /// What is on the page.
    pub data: Vec<T>,
    /// Path and query of the next page.
    #[serde(default)]
    pub next: Option<String>,
}

/// Why a sibling refused with 409.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Conflict {
    /// In words, for whoever asked.
    pub detail: String,
    /// The other members of its problem.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

/// A sibling's problem, as far as it is passed on.
#[derive(Deserialize)]
struct Refusal {
    detail: String,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct One<T> {
    data: T,
}

/// A sibling service over HTTP.
#[derive(Debug, Clone)]
pub struct Sibling<T> {
    name: &'static str,
    address: String,
    transport: T,
}

impl<T> Sibling<T> {
    /// The service called `name` at an address: scheme, host and port.
    pub fn new(name: &'static str, address: &str, transport: T) -> Self {
        Self {
            name,
            address: address.trim_end_matches('/').to_owned(),
            transport,
        }
    }
}

impl<T: Transport> Sibling<T> {
    /// A single thing; none where the service knows no such thing.
    pub async fn one<D: DeserializeOwned>(&self, path: &str) -> Result<Option<D>, Problem> {
        let Some(body) = self.get(path).await? else {
            return Ok(None);
        };
        read::<One<D>>(self.name, &body).map(|one| Some(one.data))
    }

    /// One page of a list.
    pub async fn page<D: DeserializeOwned>(
        &self,
        path_and_query: &str,
    ) -> Result<Listed<D>, Problem> {
        match self.get(path_and_query).await? {
            Some(body) => read(self.name, &body),
            None => Err(self.unavailable(format!("404 for {path_and_query}"), None)),
        }
    }

    /// A list, all its pages.
    pub async fn all<D: DeserializeOwned>(&self, path_and_query: &str) -> Result<Vec<D>, Problem> {
        let mut page = self.page(path_and_query).await?;
        let mut items = page.data;
        for _ in 1..MOST_PAGES {
            let Some(next) = page.next else {
                return Ok(items);
            };
            page = self.page(&next).await?;
            items.append(&mut page.data);
        }
        Err(self.unavailable(format!("{path_and_query} has no end"), None))
    }

    /// Those of the things with these ids that there are, asked for in hundreds, side by side. `path` is the list's.
    pub async fn by_ids<D: DeserializeOwned>(
        &self,
        path: &str,
        ids: &[Id],
    ) -> Result<Vec<D>, Problem> {
        let batches = ids.chunks(PageRequest::MOST as usize).map(|ids| {
            let ids: Vec<_> = ids.iter().map(|id| id.to_string()).collect();
            let path = format!("{path}?limit={}&ids={}", PageRequest::MOST, ids.join(","));
            async move { self.all(&path).await }
        });
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }

    /// Has the service do something, in the caller's name. What it refuses with 409 is given, to be passed on or gone by.
    pub async fn tell(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Result<(), Conflict>, Problem> {
        let response = self.send(request(method, body)?, path_and_query).await?;
        match response.status() {
            StatusCode::CONFLICT => read(self.name, response.body()).map(Err),
            status if status.is_success() => Ok(Ok(())),
            _ => Err(self.refused(&response, path_and_query)),
        }
    }

    /// Has the service do something, in the caller's name and with these headers, and gives its answer. What it refuses is refused in
    /// its own words, for who passes them on to people.
    pub async fn ask(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&impl Serialize>,
        headers: Vec<(HeaderName, String)>,
    ) -> Result<Response<Vec<u8>>, Problem> {
        let mut request = request(method, body)?;
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                request.headers_mut().insert(name, value);
            }
        }
        let response = self.send(request, path_and_query).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        match serde_json::from_slice::<Refusal>(response.body()) {
            Ok(told) if status.is_client_error() => {
                let mut problem = Problem::new(status, told.detail);
                (problem.errors, problem.retry_after) = (told.errors, after(&response));
                Err(problem)
            }
            _ => Err(self.unavailable(format!("{status} for {path_and_query}"), after(&response))),
        }
    }

    /// The same, and reads what is answered.
    pub async fn ask_for<D: DeserializeOwned>(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&impl Serialize>,
        headers: Vec<(HeaderName, String)>,
    ) -> Result<D, Problem> {
        let answer = self.ask(method, path_and_query, body, headers).await?;
        read(self.name, answer.body())
    }

    /// Removes what is there, in the caller's name; what is there no more, as where this was sent twice, is removed as well.
    pub async fn remove(&self, path_and_query: &str) -> Result<(), Problem> {
        let asked = self.ask(Method::DELETE, path_and_query, None::<&()>, Vec::new());
        match asked.await {
            Err(problem) if problem.status != StatusCode::NOT_FOUND => Err(problem),
            _ => Ok(()),
        }
    }

    /// The body of a `GET`; none where the service knows no such thing.
    async fn get(&self, path_and_query: &str) -> Result<Option<Vec<u8>>, Problem> {
        let request = http::Request::new(Vec::new());
        let response = self.send(request, path_and_query).await?;
        match response.status() {
            StatusCode::OK => Ok(Some(response.into_body())),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(self.refused(&response, path_and_query)),
        }
    }

    /// Sends a request there. 503 names the service where it is down or slow.
    async fn send(
        &self,
        mut request: http::Request<Vec<u8>>,
        path_and_query: &str,
    ) -> Result<Response<Vec<u8>>, Problem> {
        // What a sibling gives as the next page's place may be anything, another host's among them.
        if !path_and_query.starts_with('/') {
            return Err(self.unavailable(format!("{path_and_query} is no path"), None));
        }
        let address = format!("{}{path_and_query}", self.address).parse::<Uri>();
        *request.uri_mut() = address.map_err(|error| {
            self.unavailable(format!("{}_url is no address: {error}", self.name), None)
        })?;
        let sent = self.transport.send(request, TIMEOUT).await;
        sent.map_err(|error| match error {
            TransportError::Timeout => self.unavailable("no answer within 5 s".into(), None),
            error => self.unavailable(error.to_string(), None),
        })
    }

    /// What an answer that is of no use comes to.
    fn refused(&self, response: &Response<Vec<u8>>, path_and_query: &str) -> Problem {
        match response.status() {
            // The caller's own right is what counts there, too.
            StatusCode::UNAUTHORIZED => {
                Problem::invalid_token(format!("{} does not believe the token", self.name))
            }
            StatusCode::FORBIDDEN => {
                Problem::forbidden(format!("{} does not allow this", self.name))
            }
            status => self.unavailable(format!("{status} for {path_and_query}"), after(response)),
        }
    }

    fn unavailable(&self, reason: String, after: Option<Duration>) -> Problem {
        Problem::unavailable(self.name, reason, after)
    }
}

impl From<Conflict> for Problem {
    fn from(conflict: Conflict) -> Self {
        Self::conflict(conflict.detail)
    }
}

/// A request, with a JSON body where there is something to say.
fn request(
    method: Method,
    body: Option<&impl Serialize>,
) -> Result<http::Request<Vec<u8>>, Problem> {
    let mut request = http::Request::new(Vec::new());
    *request.method_mut() = method;
    if let Some(body) = body {
        let internal = |error| Problem::internal(format!("what is told is no JSON: {error}"));
        *request.body_mut() = serde_json::to_vec(body).map_err(internal)?;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    Ok(request)
}

/// How long an answer asks to wait.
fn after(response: &Response<Vec<u8>>) -> Option<Duration> {
    let after = response.headers().get(header::RETRY_AFTER)?;
    after.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

fn read<T: DeserializeOwned>(name: &str, body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::unavailable(name, format!("nonsense: {error}"), None))
}
