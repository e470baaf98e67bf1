//! `cinema up`, told to stop before it serves.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// A component of nothing, which compiles and then cannot serve.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "empty"
[[trigger.http]]
route = "/..."
component = "empty"
[component.empty]
source = "empty.wasm"
"#;

fn up(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_cinema"))
        .args(["up", "--listen", "127.0.0.1:0", "--from"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn run(program: &str, arguments: &[&str]) {
    assert!(
        Command::new(program)
            .args(arguments)
            .status()
            .unwrap()
            .success()
    );
}

/// Waits for what must come, and ends a process that it does not come from.
fn wait_until(child: &mut Child, mut done: impl FnMut(&mut Child) -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done(child) {
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("nothing happens");
        }
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_signal_while_it_starts_ends_it() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("spin.toml"), MANIFEST).unwrap();
        fs::write(folder.path().join("empty.wasm"), EMPTY).unwrap();
        let refusal = up(folder.path()).wait_with_output().unwrap();
        assert!(String::from_utf8_lossy(&refusal.stderr).contains("cannot run on this host"));

        // To read what the cache has of the component takes for ever from now on, so the start never comes to its end.
        let state = folder.path().join(".spin");
        let cached = fs::read_dir(state.join("cache")).unwrap().next().unwrap();
        let cached = cached.unwrap().path();
        fs::remove_file(&cached).unwrap();
        run("mkfifo", &["-m", "600", cached.to_str().unwrap()]);
        fs::remove_file(state.join("cinema.lock")).unwrap();
        let mut child = up(folder.path());
        wait_until(&mut child, |_| state.join("cinema.lock").exists());
        run("kill", &["-s", signal, &child.id().to_string()]);
        wait_until(&mut child, |child| child.try_wait().unwrap().is_some());

        assert!(child.wait().unwrap().success(), "SIG{signal}");
        let mut said = String::new();
        child.stdout.unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(said, "");
    }
}
