//! A transport for this crate's own tests: answers by a script, on a clock that moves only when told to.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, Response};
use serde_json::Value;

use crate::{Auth, Client, Config};
use door::{Transport, TransportError};

/// One exchange: what comes back, and how long it takes.
pub(crate) struct Exchange {
    answer: Result<Response<Vec<u8>>, TransportError>,
    takes: Duration,
}

/// An answer with a status and a JSON body.
pub(crate) fn answer(status: u16, body: &str) -> Exchange {
    with_headers(status, &[], body)
}

/// The same with headers.
pub(crate) fn with_headers(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Exchange {
        answer: Ok(response.body(body.as_bytes().to_vec()).unwrap()),
        takes: Duration::from_millis(1),
    }
}

/// No answer.
pub(crate) fn failure(error: TransportError) -> Exchange {
    Exchange {
        answer: Err(error),
        takes: Duration::from_millis(1),
    }
}

impl Exchange {
    /// The same, after a while.
    pub(crate) fn after(mut self, takes: Duration) -> Self {
        self.takes = takes;
        self
    }
}

/// What was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) uri: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
    pub(crate) timeout: Duration,
}

#[derive(Clone, Default)]
pub(crate) struct Scripted {
    script: Rc<RefCell<VecDeque<Exchange>>>,
    pub(crate) sent: Rc<RefCell<Vec<Sent>>>,
    pub(crate) slept: Rc<RefCell<Vec<Duration>>>,
    now: Rc<Cell<Duration>>,
    pub(crate) random: Rc<Cell<f64>>,
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Exchange>) -> Self {
        Self {
            script: Rc::new(RefCell::new(script.into_iter().collect())),
            ..Self::default()
        }
    }

    pub(crate) fn client(&self) -> Client<Self> {
        self.client_with(Auth::None)
    }

    pub(crate) fn client_with(&self, auth: Auth) -> Client<Self> {
        let config = Config {
            url: "http://storage.test:8080".to_owned(),
            path: "/v1".to_owned(),
            data_source: "source".to_owned(),
            database: "base".to_owned(),
            auth,
        };
        Client::new(config, self.clone())
    }

    /// How many requests were sent.
    pub(crate) fn count(&self) -> usize {
        self.sent.borrow().len()
    }

    /// The paths' last parts, in order.
    pub(crate) fn actions(&self) -> Vec<String> {
        let last = |sent: &Sent| sent.uri.rsplit('/').next().unwrap().to_owned();
        self.sent.borrow().iter().map(last).collect()
    }
}

impl Transport for Scripted {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        self.sent.borrow_mut().push(Sent {
            uri: request.uri().to_string(),
            headers: request.headers().clone(),
            body: serde_json::from_slice(request.body()).unwrap(),
            timeout,
        });
        let exchange = self.script.borrow_mut().pop_front();
        let exchange = exchange.expect("one request more than the script has answers");
        if exchange.takes > timeout {
            self.now.set(self.now.get() + timeout);
            return Err(TransportError::Timeout);
        }
        self.now.set(self.now.get() + exchange.takes);
        exchange.answer
    }

    async fn sleep(&self, duration: Duration) {
        self.slept.borrow_mut().push(duration);
        self.now.set(self.now.get() + duration);
    }

    fn elapsed(&self) -> Duration {
        self.now.get()
    }

    fn random(&self) -> f64 {
        self.random.get()
    }
}
