//! Storage in memory that answers the Data API's protocol, for native tests, and fails as it is told to.
//!
//! A clone shares the documents. Time is a clock of its own that moves only when somebody sleeps, so a test of retries
//! takes no time and always the same way.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use bson::{Bson, DateTime, Document, doc};
use data_api_protocol::{self as protocol, memory};
use door::{Transport, TransportError};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use crate::{Auth, Client, Config, Id};

const DATABASE: &str = "cinema";

/// Storage in memory.
#[derive(Clone, Default)]
pub struct Memory {
    inner: Rc<Inner>,
}

#[derive(Default)]
struct Inner {
    documents: memory::Memory,
    faults: RefCell<VecDeque<Fault>>,
    down: Cell<bool>,
    requests: RefCell<Vec<(String, String)>>,
    scans: RefCell<Vec<String>>,
    now: Cell<Duration>,
}

/// A way for one request to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No connection; nothing is done.
    Connect,
    /// No answer in time; nothing is done.
    Timeout,
    /// The request is carried out, and its answer is lost.
    LostAnswer,
    /// An answer with this status, headers and body; nothing is done.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The value of `Retry-After`, if there is to be one.
        retry_after: Option<&'static str>,
        /// The body, such as `{"error": "busy"}` or `<html>`.
        body: &'static str,
    },
}

impl Memory {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client of this storage.
    pub fn client(&self) -> Client<Self> {
        self.client_by(self.clone())
    }

    /// A client of this storage by a way of its own.
    pub fn client_by<T: Transport>(&self, transport: T) -> Client<T> {
        let config = Config {
            url: "http://memory.invalid".to_owned(),
            path: String::new(),
            data_source: "cinema".to_owned(),
            database: DATABASE.to_owned(),
            auth: Auth::None,
        };
        Client::new(config, transport)
    }

    /// Stores a document as some other program would have: whatever it holds. It should have an `_id`.
    pub fn put(&self, collection: &str, document: Document) {
        self.inner.documents.put(&namespace(collection), document);
    }

    /// Every document of a collection, in the order in which they were stored.
    pub fn documents(&self, collection: &str) -> Vec<Document> {
        self.inner.documents.all(&namespace(collection))
    }

    /// Makes the next request fail; called again, the one after it, and so on.
    pub fn fail_next(&self, fault: Fault) {
        self.inner.faults.borrow_mut().push_back(fault);
    }

    /// Refuses every connection from now on.
    pub fn go_down(&self) {
        self.inner.down.set(true);
    }

    /// Serves again.
    pub fn come_back(&self) {
        self.inner.down.set(false);
    }

    /// How many requests were sent, failed ones among them.
    pub fn request_count(&self) -> usize {
        self.inner.requests.borrow().len()
    }

    /// What was asked, as pairs of action and collection, failed requests among them.
    pub fn requests(&self) -> Vec<(String, String)> {
        self.inner.requests.borrow().clone()
    }

    /// The requests for which the embedded Data API would look through a collection, since no index answers them: the action and
    /// the body.
    pub fn scans(&self) -> Vec<String> {
        self.inner.scans.borrow().clone()
    }

    /// Answers one request, as a server over HTTP would: `path` ends in `/action/{name}`, `body` is Extended JSON.
    pub fn answer(&self, path: &str, body: &[u8]) -> Response<Vec<u8>> {
        let mut request = Request::new(body.to_vec());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path.parse().unwrap_or_default();
        let documents = &self.inner.documents;
        let before = documents.scans();
        let answer = protocol::answer(&request, || Ok(documents));
        if documents.scans() > before {
            let body = String::from_utf8_lossy(body);
            let mut scans = self.inner.scans.borrow_mut();
            scans.push(format!("{} {body}", action(path)));
        }
        answer.unwrap_or_else(|failure| failure.response())
    }
}

fn namespace(collection: &str) -> String {
    format!("{DATABASE}.{collection}")
}

fn action(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The action and the collection of a request.
fn describe(path: &str, body: &[u8]) -> (String, String) {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let collection = body["collection"].as_str().unwrap_or_default();
    (action(path).to_owned(), collection.to_owned())
}

impl Transport for Memory {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let path = request.uri().path();
        self.inner
            .requests
            .borrow_mut()
            .push(describe(path, request.body()));
        if self.inner.down.get() {
            return Err(TransportError::Connect("connection refused".to_owned()));
        }
        let fault = self.inner.faults.borrow_mut().pop_front();
        match fault {
            None => Ok(self.answer(path, request.body())),
            Some(Fault::Connect) => Err(TransportError::Connect("connection refused".to_owned())),
            Some(Fault::Timeout) => {
                self.sleep(timeout).await;
                Err(TransportError::Timeout)
            }
            Some(Fault::LostAnswer) => {
                self.answer(path, request.body());
                Err(TransportError::Other(
                    "the connection was closed".to_owned(),
                ))
            }
            Some(Fault::Answer {
                status,
                retry_after,
                body,
            }) => {
                let mut answer = Response::new(body.as_bytes().to_vec());
                *answer.status_mut() =
                    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let headers = answer.headers_mut();
                let json = HeaderValue::from_static("application/json");
                headers.insert(header::CONTENT_TYPE, json);
                if let Some(value) = retry_after {
                    headers.insert(header::RETRY_AFTER, HeaderValue::from_static(value));
                }
                Ok(answer)
            }
        }
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.now.set(self.inner.now.get() + duration);
    }

    fn elapsed(&self) -> Duration {
        self.inner.now.get()
    }

    fn random(&self) -> f64 {
        0.5
    }
}

/// Values that no field expects, for tests of what becomes of them.
pub fn odd_values() -> Vec<Bson> {
    vec![
        Bson::Null,
        Bson::Undefined,
        Bson::Boolean(true),
        Bson::Int32(-1),
        Bson::Int64(i64::MAX),
        Bson::Double(f64::NAN),
        Bson::Double(f64::INFINITY),
        Bson::Double(1e300),
        Bson::Decimal128("9.99E+6100".parse().expect("a number")),
        Bson::String(String::new()),
        Bson::String("x".repeat(100_000)),
        Bson::Array(vec![Bson::Null, Bson::Array(vec![])]),
        Bson::Document(doc! {"date": "never", "a": {"b": []}}),
        Bson::DateTime(DateTime::MAX),
        Bson::DateTime(DateTime::MIN),
        Bson::MinKey,
        Bson::MaxKey,
        Bson::Symbol("s".into()),
        Bson::JavaScriptCode("f()".into()),
        Id::LEAST.into(),
    ]
}
