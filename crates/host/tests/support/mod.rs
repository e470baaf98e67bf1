//! Applications of tiny components, written as text, so that no test waits for a build of WebAssembly.
#![allow(
    dead_code,
    reason = "each file of tests has its own use for what is here"
)]

pub mod calls;
pub mod raw;

use std::{
    fmt::Write as _,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::Result;
use host::{
    manifest::{self, Sources},
    server::{self, Running, ServeOptions},
};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::yield_now,
    time::timeout,
};

/// Answers 200: the neighbour that must not suffer from what others do.
pub const GOOD: &str = "(call $drop-request (local.get $request)) (call $answer (local.get $out))";

/// Answers 200 once the body of the request is there: a test has it in hand how long that takes.
pub const WAITS: &str =
    "(call $await (local.get $request)) (call $drop-request (local.get $request))
    (call $answer (local.get $out))";

/// Fails at once.
pub const TRAPS: &str = "unreachable";

/// Works for ever.
pub const LOOPS: &str = "(loop $again (br $again))";

/// Takes memory until there is no more, and fails.
pub const HOGS: &str = "(loop $again
    (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    unreachable";

/// Answers 200 once the body of the request is there and something is written to the store.
pub const WRITES: &str =
    "(call $await (local.get $request)) (call $drop-request (local.get $request))
    (call $write) (call $answer (local.get $out))";

/// Answers 200 when it has read from the store.
pub const READS: &str = "(call $drop-request (local.get $request)) (call $read)
    (call $answer (local.get $out))";

/// Ends without an answer.
pub const SILENT: &str = "";

/// Any port that is free.
const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// An application in a folder of its own: each component answers at the path of its name.
pub struct Application(TempDir);

impl Application {
    /// Writes the manifest and the components, each a name and what it does.
    pub fn new(components: &[(&str, &str)]) -> Self {
        Self::beside("", components)
    }

    /// The same of components that may send to an address of the network.
    pub fn beside(elsewhere: &str, components: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = "spin_manifest_version = 2\n[application]\nname = \"tiny\"\n".to_owned();
        for (name, body) in components {
            let text = include_str!("component.wat")
                .replace("ELSEWHERE", elsewhere)
                .replace("9 (;long;)", &elsewhere.len().to_string())
                .replace("BODY", body);
            let wasm = wat::parse_str(text).unwrap();
            fs::write(folder.path().join(format!("{name}.wasm")), wasm).unwrap();
            writeln!(
                manifest,
                "[[trigger.http]]\nroute = \"/{name}\"\ncomponent = \"{name}\"\n\
                 [component.{name}]\nsource = \"{name}.wasm\"\n\
                 sqlite_databases = [\"default\"]\n\
                 allowed_outbound_hosts = [\"http://swallows.spin.internal\", \"*://127.0.0.1:*\"]"
            )
            .unwrap();
        }
        fs::write(folder.path().join("spin.toml"), manifest).unwrap();
        Self(folder)
    }

    /// Where its host keeps the store and the compile cache.
    pub fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    /// The store, in which nobody else can write until it is dropped.
    pub fn locked_store(&self) -> Connection {
        let store = Connection::open(self.state().join("sqlite_db.db")).unwrap();
        store.execute_batch("BEGIN IMMEDIATE").unwrap();
        store
    }

    /// The file of a component.
    pub fn wasm(&self, component: &str) -> PathBuf {
        self.0.path().join(format!("{component}.wasm"))
    }

    async fn serve_at(&self, listen: SocketAddr, options: ServeOptions) -> Result<Running> {
        let app = manifest::load(&self.0.path().join("spin.toml"), &Sources::default())?;
        let options = ServeOptions {
            listen,
            state_dir: self.state(),
            log_requests: false,
            ..options
        };
        server::serve(app, options).await
    }

    /// Serves it, at an address nobody else has.
    pub async fn serve(&self, options: ServeOptions) -> Running {
        self.serve_at(ANYWHERE, options).await.unwrap()
    }

    /// Why it is not served, in all the words there are.
    pub async fn refusal(&self, options: ServeOptions) -> String {
        why_not(self.serve_at(ANYWHERE, options).await)
    }

    /// Why it is not served at this address.
    pub async fn refusal_at(&self, listen: SocketAddr) -> String {
        why_not(self.serve_at(listen, ServeOptions::default()).await)
    }
}

fn why_not(result: Result<Running>) -> String {
    match result {
        Ok(_) => panic!("it is served"),
        Err(error) => format!("{error:#}"),
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// Asks a component, on a connection of its own.
pub async fn get(host: SocketAddr, component: &str) -> Answer {
    // Reqwest wants to know how to encrypt even where it never will.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        // So that a host that hangs fails the test.
        .timeout(Duration::from_secs(60))
        .no_proxy()
        .build()
        .unwrap();
    let url = format!("http://{host}/{component}");
    let response = client.get(url).send().await.unwrap();
    let content_type = response.headers().get("content-type");
    Answer {
        status: response.status().as_u16(),
        content_type: content_type.map_or_else(String::new, |value| value.to_str().unwrap().into()),
        body: response.text().await.unwrap(),
    }
}

/// Options of a host that tells its metrics.
pub fn counted() -> ServeOptions {
    ServeOptions {
        metrics: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        ..ServeOptions::default()
    }
}

/// All that is told by metrics.
pub async fn told(host: &Running) -> String {
    let answer = get(host.metrics().unwrap(), "metrics").await;
    assert_eq!(answer.status, 200);
    answer.body
}

/// The value of one of their series.
pub fn value(told: &str, series: &str) -> f64 {
    let value = told
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value
        .unwrap_or_else(|| panic!("no {series} in\n{told}"))
        .parse()
        .unwrap()
}

/// A request that is on its way.
pub struct Sent(TcpStream);

impl Sent {
    /// Sends these bytes, on a connection of their own.
    pub async fn new(host: SocketAddr, bytes: &[u8]) -> Self {
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        Self(stream)
    }

    /// Posts a body of one byte to a component.
    pub async fn post(host: SocketAddr, component: &str) -> Self {
        let head = head(host, component);
        Self::new(host, format!("{head}x").as_bytes()).await
    }

    /// The same, without the byte.
    pub async fn without_its_body(host: SocketAddr, component: &str) -> Self {
        Self::new(host, head(host, component).as_bytes()).await
    }

    /// All that comes back, until the connection is closed.
    pub async fn answer(mut self) -> String {
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// The status of the answer.
    pub async fn status(self) -> u16 {
        let answer = self.answer().await;
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

fn head(host: SocketAddr, component: &str) -> String {
    format!(
        "POST /{component} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 1\r\n\r\n"
    )
}

/// Waits until a request has its place.
pub async fn has_a_place(host: &Running) {
    let wait = async {
        while host.in_flight() == 0 {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(60), wait).await.unwrap();
}

/// Waits until no request has a place any more.
pub async fn is_free(host: &Running) {
    let wait = async {
        while host.in_flight() > 0 {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(60), wait).await.unwrap();
}

/// A request to a component that [`WRITES`], which has its place, and waits for a lock on the store that somebody else holds.
pub struct Held {
    store: Connection,
    request: Sent,
}

impl Held {
    /// Has one wait.
    pub async fn by(app: &Application, host: &Running, component: &str) -> Self {
        // The first one makes the store.
        assert_eq!(
            Sent::post(host.address(), component).await.status().await,
            200
        );
        let store = app.locked_store();
        let request = Sent::post(host.address(), component).await;
        has_a_place(host).await;
        Self { store, request }
    }

    /// Lets go of the lock, and gives the status of the answer.
    pub async fn finish(self) -> u16 {
        drop(self.store);
        self.request.status().await
    }

    /// The status of the answer, with the lock held.
    pub async fn status(self) -> u16 {
        self.request.status().await
    }
}
