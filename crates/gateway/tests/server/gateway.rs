//! The gateway, started, killed and started again, and a client of it.

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::process::{Process, free_port};

/// A running gateway.
pub struct Gateway {
    uri: String,
    address: SocketAddr,
    arguments: Vec<String>,
    running: Option<Process>,
    client: Client,
}

/// An answer of it.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body, of an answer with this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.body
    }

    /// The code of an error with this status.
    #[track_caller]
    pub fn refused(self, status: u16) -> String {
        self.expect(status)["error_code"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

impl Gateway {
    /// In front of the server at an address, with these options.
    pub fn start(uri: &str, options: &[&str]) -> Self {
        // Any provider of TLS will do, and one has to be named.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut gateway = Self {
            uri: uri.to_owned(),
            address: SocketAddr::from(([127, 0, 0, 1], free_port())),
            arguments: options.iter().map(|option| (*option).to_owned()).collect(),
            running: None,
            client: Client::new(),
        };
        gateway.restart();
        gateway
    }

    pub fn restart(&mut self) {
        let mut arguments = vec![
            "serve".to_owned(),
            "--listen".to_owned(),
            self.address.to_string(),
        ];
        arguments.extend(self.arguments.iter().cloned());
        let variables = [("GATEWAY_URI", self.uri.as_str())];
        let program = env!("CARGO_BIN_EXE_data-api-gateway");
        let process = Process::start(
            program,
            &arguments,
            &variables[..usize::from(!self.uri.is_empty())],
        );
        let deadline = Instant::now() + Duration::from_secs(30);
        while !process
            .lines()
            .iter()
            .any(|line| line.contains(r#""message":"serving""#))
        {
            assert!(
                process.is_running() && Instant::now() < deadline,
                "{:?}",
                process.lines()
            );
            thread::sleep(Duration::from_millis(10));
        }
        self.running = Some(process);
        // The connections of the one before are of no use.
        self.client = Client::new();
    }

    pub fn kill(&mut self) {
        self.running = None;
    }

    pub fn process(&self) -> &Process {
        self.running.as_ref().unwrap()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A request for an action on the test's own collection of `tests`, where the body does not name another.
    pub fn request(&self, action: &str, mut body: Value) -> RequestBuilder {
        for (field, value) in [
            ("dataSource", "any"),
            ("database", "tests"),
            ("collection", &collection()),
        ] {
            if body.get(field).is_none() {
                body[field] = json!(value);
            }
        }
        let url = format!("{}/app/x/endpoint/data/v1/action/{action}", self.url());
        self.client.post(url).json(&body)
    }

    pub async fn act(&self, action: &str, body: Value) -> Answer {
        send(self.request(action, body)).await.unwrap()
    }

    /// The body of an answer that is no error.
    #[track_caller]
    pub fn ok(&self, action: &str, body: Value) -> impl Future<Output = Value> {
        let asked = self.act(action, body);
        async {
            let answer = asked.await;
            assert!(answer.status < 300, "{answer:?}");
            answer.body
        }
    }
}

/// The collection of this test, named like it: on the server of `MONGODB_URI` are others at the same time.
pub fn collection() -> String {
    let test = thread::current();
    let name = test.name().unwrap_or_default();
    name.rsplit("::").next().unwrap_or_default().to_owned()
}

/// The answer to a request; an error where none comes whole.
pub async fn send(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await?;
    Ok(Answer {
        status,
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}
