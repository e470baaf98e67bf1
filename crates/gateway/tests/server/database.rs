//! The server behind the gateway.

use std::{
    net::{SocketAddr, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::process::{Process, free_port};

/// A server with a database of its own.
pub enum Database {
    /// FerretDB, which is ours to control.
    Ours(Box<Ferret>),
    /// The server of `MONGODB_URI`.
    Given(String),
}

pub struct Ferret {
    folder: tempfile::TempDir,
    port: u16,
    running: Option<Process>,
}

impl Database {
    pub fn start() -> Self {
        match std::env::var("MONGODB_URI") {
            Ok(uri) if !uri.is_empty() => Self::Given(uri),
            _ => Self::Ours(Box::new(Ferret::start())),
        }
    }

    /// One that can be killed; none, and a word about it, where it is not ours.
    pub fn controlled() -> Option<Box<Ferret>> {
        match Self::start() {
            Self::Ours(ferret) => Some(ferret),
            Self::Given(_) => {
                let test = thread::current().name().unwrap_or("a test").to_owned();
                eprintln!("{test}: skipped, for it controls the server and MONGODB_URI is set");
                None
            }
        }
    }

    pub fn uri(&self) -> String {
        match self {
            Self::Ours(ferret) => ferret.uri(),
            Self::Given(uri) => uri.clone(),
        }
    }

    pub fn is_ferret(&self) -> bool {
        matches!(self, Self::Ours(_))
    }
}

impl Ferret {
    fn start() -> Self {
        let mut ferret = Self {
            folder: tempfile::tempdir().unwrap(),
            port: free_port(),
            running: None,
        };
        ferret.restart();
        ferret
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn uri(&self) -> String {
        format!("mongodb://{}", self.address())
    }

    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Stops it, with `STOP`, or lets it go on, with `CONT`.
    pub fn signal(&self, signal: &str) {
        self.running.as_ref().unwrap().signal(signal);
    }

    /// Starts again on what is stored.
    pub fn restart(&mut self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let program = root.join("target/ferretdb/ferretdb");
        assert!(
            program.exists(),
            "`make test-gateway` builds {}",
            program.display()
        );
        let folder = self.folder.path().display();
        let arguments = [
            "--handler=sqlite".to_owned(),
            format!("--sqlite-url=file:{folder}/"),
            format!("--state-dir={folder}"),
            format!("--listen-addr={}", self.address()),
            "--debug-addr=-".to_owned(),
            "--telemetry=disable".to_owned(),
            "--log-level=error".to_owned(),
        ];
        self.running = Some(Process::start(program.to_str().unwrap(), &arguments, &[]));
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(self.address()).is_err() {
            assert!(Instant::now() < deadline, "FerretDB does not listen");
            thread::sleep(Duration::from_millis(20));
        }
    }
}
