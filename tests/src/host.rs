//! The bundled host, on a store of its own: started, killed, restarted, and its logs gathered.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Api, DataApi, staff};

/// Hosts that run at once, beside the shared one: the machine may be small.
const AT_ONCE: usize = 2;

/// A running host.
pub struct Host {
    state: TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    running: Option<Running>,
    logs: Logs,
    storage: Option<DataApi>,
    _permit: Option<Permit>,
}

struct Running {
    child: Child,
    url: String,
    staff: staff::Token,
    // Closed when this process ends, however it ends: then the watchdog ends the host.
    watchdog: (Child, Option<ChildStdin>),
}

/// The lines that a host has written so far.
#[derive(Clone, Default)]
pub struct Logs(Arc<Mutex<Vec<String>>>);

impl Logs {
    fn gather(&self, stream: impl Read + Send + 'static) {
        let logs = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n') {
                let Ok(line) = line else { break };
                logs.push(String::from_utf8_lossy(&line).into_owned());
            }
        });
    }

    fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    /// How many lines there are so far: a mark to begin from later.
    pub fn mark(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The lines from a mark on.
    pub fn since(&self, mark: usize) -> Vec<String> {
        self.0.lock().unwrap()[mark..].to_vec()
    }

    /// The lines from a mark on that tell of a component that trapped or panicked.
    pub fn traps_since(&self, mark: usize) -> Vec<String> {
        let told = |line: &String| {
            let lower = line.to_lowercase();
            ["trap", "panic", "wasm backtrace", "unreachable"]
                .iter()
                .any(|word| lower.contains(word))
        };
        self.since(mark).into_iter().filter(told).collect()
    }

    /// Asserts that no component has trapped or panicked since the host started.
    pub fn tell_of_no_trap(&self) {
        let traps = self.traps_since(0);
        assert!(traps.is_empty(), "{traps:?}");
    }

    /// The log lines that are JSON objects, from a mark on.
    pub fn json_since(&self, mark: usize) -> Vec<Value> {
        self.since(mark)
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(Value::is_object)
            .collect()
    }

    /// Shows the last lines, of a test that has failed.
    pub fn show_since(&self, mark: usize) {
        let lines = self.since(mark);
        let skipped = lines.len().saturating_sub(200);
        eprintln!("--- what the host wrote ({skipped} lines before these) ---");
        for line in &lines[skipped..] {
            eprintln!("{line}");
        }
    }
}

impl Host {
    /// A host on a fresh store, with these variables set, and with keys and a first staff user unless they say otherwise.
    /// `None`, and a word about it, when `CINEMA_URL` names an instance that is not ours to control.
    pub fn start(variables: &[(&str, &str)]) -> Option<Self> {
        Self::start_within(&[], variables)
    }

    /// The same in this environment.
    pub fn start_within(environment: &[(&str, &str)], variables: &[(&str, &str)]) -> Option<Self> {
        if crate::cinema::url().is_some() {
            let test = thread::current().name().unwrap_or("a test").to_owned();
            eprintln!("{test}: skipped, for it controls the host and CINEMA_URL is set");
            return None;
        }
        Some(Self::begin(environment, variables, Some(Permit::take())))
    }

    /// The one that tests share, beside those counted.
    pub(crate) fn start_shared() -> Self {
        Self::begin(&[], &[], None)
    }

    fn begin(
        environment: &[(&str, &str)],
        variables: &[(&str, &str)],
        permit: Option<Permit>,
    ) -> Self {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let storage = std::env::var_os("CINEMA_INDEXED").map(|_| DataApi::start());
        let state = tempfile::tempdir().unwrap();
        if permit.is_some() {
            hand_on_compiled(crate::cinema::host(), state.path()).unwrap();
        }
        let mut host = Self {
            state,
            arguments: arguments(variables),
            environment: environment.iter().map(owned).collect(),
            running: None,
            logs: Logs::default(),
            storage,
            _permit: permit,
        };
        host.restart();
        host
    }

    /// Starts again on the same store, after [`Host::kill`] or [`Host::stop`].
    pub fn restart(&mut self) {
        assert!(self.running.is_none(), "the host is running");
        let mut child = self.command().spawn().unwrap_or_else(|error| {
            panic!(
                "{} does not start: {error}; `make build` makes it",
                binary().display()
            )
        });
        let watchdog = watchdog(child.id(), self.state.path());
        let (ready, serving) = mpsc::channel();
        self.logs.gather(child.stderr.take().unwrap());
        let (stdout, logs) = (child.stdout.take().unwrap(), self.logs.clone());
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("Serving ") {
                    let _ = ready.send(url.trim().to_owned());
                }
                logs.push(line);
            }
        });
        let mut running = Running {
            child,
            url: String::new(),
            staff: staff::Token::default(),
            watchdog,
        };
        match serving.recv_timeout(Duration::from_secs(180)) {
            Ok(url) => running.url = url,
            Err(_) => {
                running.end();
                self.logs.show_since(0);
                panic!("the host did not say that it is serving");
            }
        }
        self.running = Some(running);
    }

    /// Starts again on the same store with other variables.
    pub fn restart_with(&mut self, variables: &[(&str, &str)]) {
        self.arguments = arguments(variables);
        self.restart();
    }

    fn command(&self) -> Command {
        let mut command = Command::new("sh");
        command
            // A file that may not grow is to be an error, and not the end.
            .args(["-c", r#"trap '' XFSZ; exec "$@""#, "sh"])
            .arg(binary())
            .arg("up")
            .arg("--from")
            .arg(root().join("spin.toml"))
            .arg("--state-dir")
            .arg(self.state.path())
            .args(["--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(self.storage())
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        without_settings(&mut command);
        command.envs(self.environment.iter().cloned());
        command
    }

    /// The settings for storage elsewhere: in one that refuses what no index answers, where the variable `CINEMA_INDEXED` asks for
    /// it, or in a database of the host's own at the Data API whose address is in `CINEMA_STORAGE`.
    fn storage(&self) -> Vec<String> {
        let is_given = |argument: &String| argument.starts_with("data_api_url=");
        let url = match (&self.storage, std::env::var("CINEMA_STORAGE")) {
            (Some(storage), _) => storage.url().to_owned(),
            (None, Ok(url)) => url,
            (None, Err(_)) => return Vec::new(),
        };
        if self.arguments.iter().any(is_given) {
            return Vec::new();
        }
        let folder = self.state.path().to_string_lossy().into_owned();
        let database = folder.rsplit(|it: char| !it.is_alphanumeric()).next();
        let database = format!("cinema_{}", database.unwrap_or_default());
        [("data_api_url", url), ("data_api_database", database)]
            .into_iter()
            .flat_map(|(name, value)| ["--variable".to_owned(), format!("{name}={value}")])
            .collect()
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the host is not running")
    }

    /// Where it answers, such as `http://127.0.0.1:34567`.
    pub fn url(&self) -> &str {
        &self.running().url
    }

    /// A client of this host for those who run it. Its tokens are signed with [`crate::keys::ours`].
    pub fn api(&self) -> Api {
        let running = self.running();
        Api::staff(&running.url, running.staff.clone())
    }

    /// What it has written.
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Waits until the host has written nothing for a moment, for tests that read what it wrote.
    pub fn settle(&self) {
        let mut before = usize::MAX;
        while before != self.logs.mark() {
            before = self.logs.mark();
            thread::sleep(Duration::from_millis(300));
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.running().child.id()
    }

    /// The folder of its store.
    pub fn state_dir(&self) -> &Path {
        self.state.path()
    }

    /// Ends it as a crash would: `kill -9`.
    pub fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            running.end();
        }
    }

    /// Asks it to stop, as Ctrl-C or an orchestrator does, with the signal `INT` or `TERM`, and waits until it has.
    pub fn stop(&mut self, signal: &str) -> ExitStatus {
        let mut running = self.running.take().expect("the host is not running");
        self::signal(running.child.id(), signal);
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = running.child.try_wait().unwrap() {
                running.end();
                return status;
            }
            if Instant::now() > deadline {
                running.end();
                self.logs.show_since(0);
                panic!("the host did not stop within a minute of SIG{signal}");
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts a second host on the same store, which should refuse, and gives what it said. One that serves nevertheless is
    /// ended after a while.
    pub fn second_on_the_same_store(&self) -> Output {
        let mut child = self.command().spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        // Of no effect on one that has ended.
        let _ = child.kill();
        child.wait_with_output().unwrap()
    }
}

impl Running {
    fn end(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let (watchdog, pipe) = &mut self.watchdog;
        // It must not outlive the host's process id, which may soon be another's.
        let _ = watchdog.kill();
        let _ = watchdog.wait();
        drop(pipe.take());
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if thread::panicking() {
            self.logs.show_since(0);
        }
        self.kill();
    }
}

fn arguments(variables: &[(&str, &str)]) -> Vec<String> {
    let mut settings = staff::settings();
    settings.retain(|(name, _)| !variables.iter().any(|(given, _)| given == name));
    let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
    settings
        .chain(variables.iter().copied())
        .flat_map(|(name, value)| ["--variable".to_owned(), format!("{name}={value}")])
        .collect()
}

/// Gives a store what a host has compiled, which takes a new one longer than most tests do.
fn hand_on_compiled(host: &Host, state: &Path) -> io::Result<()> {
    let (from, to) = (host.state_dir().join("cache"), state.join("cache"));
    fs::create_dir(&to)?;
    fs::set_permissions(&to, fs::metadata(&from)?.permissions())?;
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::hard_link(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}

/// A shell that waits for this process to end, and then ends the host and removes its store: a static is never dropped, and
/// a test run may itself be killed.
fn watchdog(pid: u32, state: &Path) -> (Child, Option<ChildStdin>) {
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(r#"cat >/dev/null; kill -9 "$1" 2>/dev/null; rm -rf "$2""#)
        .args(["watchdog", &pid.to_string()])
        .arg(state)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let pipe = child.stdin.take();
    (child, pipe)
}

fn signal(pid: u32, signal: &str) {
    let status = Command::new("kill")
        .args(["-s", signal, &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Runs a command of the binary to its end, in an environment without settings.
pub fn cinema(arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    without_settings(&mut command);
    command.args(arguments).output().unwrap()
}

/// Settings of whoever runs the tests are not the tests'.
fn without_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("SPIN_VARIABLE_") || name.starts_with("OTEL_") {
            command.env_remove(name.as_ref());
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn binary() -> PathBuf {
    match std::env::var_os("CINEMA_BIN") {
        Some(path) => path.into(),
        None => root().join("target/host/cinema"),
    }
}

/// The right to run a host.
struct Permit;

static FREE: (Mutex<usize>, Condvar) = (Mutex::new(AT_ONCE), Condvar::new());

impl Permit {
    fn take() -> Self {
        let mut free = FREE
            .1
            .wait_while(FREE.0.lock().unwrap(), |free| *free == 0)
            .unwrap();
        *free -= 1;
        Self
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *FREE.0.lock().unwrap() += 1;
        FREE.1.notify_one();
    }
}
