//! `cinema up`, whose standard error nobody reads.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{BufRead, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "quiet"
[[trigger.http]]
route = "/good"
component = "good"
[component.good]
source = "good.wasm"
"#;

/// Answers 200.
const GOOD: &str = "(call $drop-request (local.get $request)) (call $answer (local.get $out))";

/// More than the pipe and the queue have room for, at the length of their lines.
const REQUESTS: usize = 3000;

/// Sends requests, one after another on one connection, and gives how many were answered.
fn ask(address: &str, path: &str, requests: usize) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    let request = format!("HEAD {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut answered = 0;
    for _ in 0..requests {
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        answered += usize::from(line.starts_with("HTTP/1.1 "));
        while line != "\r\n" {
            line.clear();
            assert_ne!(answers.read_line(&mut line).unwrap(), 0);
        }
    }
    answered
}

#[test]
fn a_reader_of_the_log_that_stalls_holds_no_request_up_and_is_told_what_it_missed() {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("../../host/tests/support/component.wat").replace("BODY", GOOD);
    fs::write(
        folder.path().join("good.wasm"),
        wat::parse_str(text).unwrap(),
    )
    .unwrap();
    fs::write(folder.path().join("spin.toml"), MANIFEST).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cinema"))
        .args(["up", "--listen", "127.0.0.1:0", "--from"])
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    let address = said.trim().rsplit('/').next().unwrap().to_owned();

    let long = format!("/good/{}", "x".repeat(2000));
    assert_eq!(ask(&address, &long, REQUESTS), REQUESTS);
    assert_eq!(ask(&address, "/good", 10), 10);

    let mut stderr = child.stderr.take().unwrap();
    let reading = thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).unwrap();
        log
    });
    let stopped = Command::new("kill").arg(child.id().to_string()).status();
    assert!(stopped.unwrap().success());
    assert!(child.wait().unwrap().success());
    let log = reading.join().unwrap();
    let (mut logged, mut lost) = (0, 0);
    for line in log.lines() {
        match line.strip_prefix("warning ") {
            Some(gap) => lost += gap.split(' ').next().unwrap().parse::<usize>().unwrap(),
            None => logged += usize::from(line.contains("HEAD")),
        }
    }
    assert!(lost > 0);
    assert_eq!(logged + lost, REQUESTS + 10);
}
