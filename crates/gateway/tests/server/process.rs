//! Programs that end with the tests, however those end.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

/// A running program.
pub struct Process {
    /// A shell that ends it when its own input is closed.
    shell: Child,
    /// The program's own.
    pid: String,
    /// What it wrote on standard error.
    lines: Arc<Mutex<Vec<String>>>,
}

impl Process {
    pub fn start(program: &str, arguments: &[String], variables: &[(&str, &str)]) -> Self {
        let mut shell = Command::new("sh")
            .args([
                "-c",
                r#""$@" & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null"#,
                "sh",
                program,
            ])
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        let mut told = BufReader::new(shell.stdout.take().unwrap());
        told.read_line(&mut pid).unwrap();
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let (heard, written) = (shell.stderr.take().unwrap(), Arc::clone(&lines));
        thread::spawn(move || {
            for line in BufReader::new(heard).lines().map_while(Result::ok) {
                written.lock().unwrap().push(line);
            }
        });
        thread::spawn(move || told.lines().for_each(drop));
        Self {
            shell,
            pid: pid.trim().to_owned(),
            lines,
        }
    }

    /// What it has written so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub fn signal(&self, signal: &str) {
        let kill = Command::new("kill")
            .args(["-s", signal, &self.pid])
            .status();
        assert!(kill.unwrap().success());
    }

    pub fn is_running(&self) -> bool {
        // One that has ended has no status any more, or is a zombie.
        !self.status("State:").starts_with('Z')
    }

    /// Of the program's memory what is resident, in KiB, at its highest.
    pub fn peak(&self) -> u64 {
        let peak = self.status("VmHWM:");
        peak.split_whitespace().next().unwrap().parse().unwrap()
    }

    fn status(&self, name: &str) -> String {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or("Z").trim().to_owned()
    }
}

/// As a crash would: `kill -9`.
impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
