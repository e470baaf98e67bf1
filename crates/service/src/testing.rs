//! A service without Spin, for native tests: requests by hand, answers to look at, siblings that are not there.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::Future,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::{Ask, Problem, Routes, Service, serve};

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

/// A request to be sent to a service.
#[derive(Debug, Clone)]
pub struct Call(http::request::Parts, Vec<u8>);

impl Call {
    /// A request without a body.
    ///
    /// # Panics
    /// Where the path is no path.
    pub fn new(method: &str, path: &str) -> Self {
        let mut request = http::Request::new(());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("a method");
        *request.uri_mut() = path.parse().expect("a path");
        Self(request.into_parts().0, Vec::new())
    }

    /// A `GET`.
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A request with a JSON body.
    pub fn json(method: &str, path: &str, body: &Value) -> Self {
        let mut call = Self::new(method, path).header("content-type", "application/json");
        call.1 = body.to_string().into_bytes();
        call
    }

    /// With a header.
    ///
    /// # Panics
    /// Where it is no header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.0
            .headers
            .insert(name, value.parse().expect("a header value"));
        self
    }

    /// Sends it through a service's routes.
    pub async fn send<S: Service>(
        self,
        name: &'static str,
        service: impl FnOnce() -> S,
        routes: impl FnOnce(&mut Routes<S>),
    ) -> Answer {
        let request = http::Request::from_parts(self.0, self.1);
        let response = serve::answer(name, request, |_| Ok(service()), routes).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }
}

type Answers = HashMap<String, Result<Vec<u8>, StatusCode>>;

/// A sibling that knows answers by path and query, and what it was asked.
#[derive(Debug, Clone, Default)]
pub struct FakeSibling {
    name: &'static str,
    answers: Rc<RefCell<Answers>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl FakeSibling {
    /// A sibling that knows nothing yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// Has it answer a path and query with a body.
    pub fn answer(&self, path: &str, body: &Value) -> &Self {
        self.answers
            .borrow_mut()
            .insert(path.to_owned(), Ok(body.to_string().into_bytes()));
        self
    }

    /// Has it fail at a path and query.
    pub fn fail(&self, path: &str) -> &Self {
        self.answers
            .borrow_mut()
            .insert(path.to_owned(), Err(StatusCode::SERVICE_UNAVAILABLE));
        self
    }

    /// What it was asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }
}

impl Ask for FakeSibling {
    fn name(&self) -> &str {
        self.name
    }

    async fn get(&self, path_and_query: &str) -> Result<Option<Vec<u8>>, Problem> {
        self.asked.borrow_mut().push(path_and_query.to_owned());
        match self.answers.borrow().get(path_and_query) {
            None => Ok(None),
            Some(Ok(body)) => Ok(Some(body.clone())),
            Some(Err(status)) => Err(Problem::unavailable(self.name, &status.to_string(), None)),
        }
    }
}

/// Runs a future that waits for nothing outside, as those on storage in memory are.
///
/// # Panics
/// Where it does wait.
pub fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future of a native test waits for something outside"),
    }
}
