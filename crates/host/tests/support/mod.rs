//! Applications of tiny components, written as text, so that no test waits for a build of WebAssembly.
#![allow(
    dead_code,
    reason = "each file of tests has its own use for what is here"
)]

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
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
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
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = "spin_manifest_version = 2\n[application]\nname = \"tiny\"\n".to_owned();
        for (name, body) in components {
            let text = include_str!("component.wat").replace("BODY", body);
            let wasm = wat::parse_str(text).unwrap();
            fs::write(folder.path().join(format!("{name}.wasm")), wasm).unwrap();
            writeln!(
                manifest,
                "[[trigger.http]]\nroute = \"/{name}\"\ncomponent = \"{name}\"\n\
                 [component.{name}]\nsource = \"{name}.wasm\"\n\
                 sqlite_databases = [\"default\"]"
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
        told(self.serve_at(ANYWHERE, options).await)
    }

    /// Why it is not served at this address.
    pub async fn refusal_at(&self, listen: SocketAddr) -> String {
        told(self.serve_at(listen, ServeOptions::default()).await)
    }
}

fn told(result: Result<Running>) -> String {
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

/// A request to a component that [`WAITS`], which has reached it and lacks its body.
pub struct Held(TcpStream);

impl Held {
    /// Sends all but the body.
    pub async fn send(host: SocketAddr, component: &str) -> Self {
        let mut stream = TcpStream::connect(host).await.unwrap();
        let head = format!(
            "POST /{component} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-length: 1\r\nexpect: 100-continue\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The host sends this when the component asks for the body, so it runs.
        let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
        let mut told = [0; 25];
        stream.read_exact(&mut told).await.unwrap();
        assert_eq!(&told, expected);
        Self(stream)
    }

    /// Sends all of it at once.
    pub async fn post(host: SocketAddr, component: &str) -> Self {
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!(
            "POST /{component} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-length: 1\r\n\r\nx"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        Self(stream)
    }

    /// Sends the body, and gives the status of the answer.
    pub async fn finish(mut self) -> u16 {
        self.0.write_all(b"x").await.unwrap();
        self.status().await
    }

    /// The status of the answer, for which nothing more is sent.
    pub async fn status(mut self) -> u16 {
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}
