//! From the start of a host to its stop.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use host::server::ServeOptions;
use support::{Application, GOOD, Held, READS, Sent, WRITES, get, has_a_place};

/// The compile cache: each file's name, and when it was written.
fn cached(state: &Path) -> BTreeMap<String, SystemTime> {
    fs::read_dir(state.join("cache"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, entry.metadata().unwrap().modified().unwrap())
        })
        .collect()
}

/// Starts a host, has a component answer, and stops it.
async fn answers(app: &Application, component: &str) {
    let host = app.serve(ServeOptions::default()).await;
    assert_eq!(get(host.address(), component).await.status, 200);
    host.stop().await;
}

#[tokio::test]
async fn a_component_is_compiled_once() {
    let app = Application::new(&[("good", GOOD)]);
    answers(&app, "good").await;
    let first = cached(&app.state());
    assert_eq!(first.len(), 1);
    answers(&app, "good").await;
    assert_eq!(cached(&app.state()), first);
}

#[tokio::test]
async fn a_damaged_cache_is_mended() {
    let app = Application::new(&[("good", GOOD)]);
    answers(&app, "good").await;
    let name = cached(&app.state()).into_keys().next().unwrap();
    let path = app.state().join("cache").join(name);
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for damaged in [&whole[..whole.len() / 2], &whole[..3], &[], &changed] {
        fs::write(&path, damaged).unwrap();
        answers(&app, "good").await;
        assert_eq!(fs::read(&path).unwrap().len(), whole.len());
    }
}

/// What a host keeps: the folders, and the files in them.
fn kept(state: &Path) -> Vec<PathBuf> {
    let within = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let cache = state.join("cache");
    [vec![state.to_owned()], within(state), within(&cache)].concat()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn give(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn what_is_kept_is_its_owners_alone() {
    let app = Application::new(&[("reads", READS)]);
    let state = app.state();
    for _ in 0..2 {
        let host = app.serve(ServeOptions::default()).await;
        assert_eq!(get(host.address(), "reads").await.status, 200);
        let kept = kept(&state);
        // Two folders, the lock, the compiled component, and SQLite's three.
        assert_eq!(kept.len(), 7, "{kept:?}");
        for path in &kept {
            assert_eq!(mode(path) & 0o077, 0, "{}", path.display());
        }
        host.stop().await;
        // As an earlier version, or whoever restored a backup, may have left them.
        for path in kept.iter().filter(|path| path.exists()) {
            give(path, if path.is_dir() { 0o755 } else { 0o644 });
        }
    }
}

/// A file of the cache is machine code, and its checksum can be made by anybody.
#[tokio::test]
async fn what_others_could_have_compiled_is_not_run() {
    let app = Application::new(&[("good", GOOD)]);
    answers(&app, "good").await;
    let cache = app.state().join("cache");
    let file = cache.join(cached(&app.state()).into_keys().next().unwrap());
    for (path, wrong, right) in [
        (&cache, 0o777, 0o700),
        (&file, 0o666, 0o600),
        (&file, 0o620, 0o600),
    ] {
        let before = cached(&app.state());
        give(path, wrong);
        answers(&app, "good").await;
        assert_ne!(cached(&app.state()), before, "{wrong:o}: compiled again");
        assert_eq!(mode(path), right);
    }
    let before = cached(&app.state());
    answers(&app, "good").await;
    assert_eq!(cached(&app.state()), before);
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_stops_nothing() {
    let app = Application::new(&[("good", GOOD)]);
    fs::create_dir_all(app.state()).unwrap();
    fs::write(app.state().join("cache"), "a file where a folder should be").unwrap();
    answers(&app, "good").await;
}

#[tokio::test]
async fn two_hosts_never_serve_one_store() {
    let app = Application::new(&[("good", GOOD)]);
    let first = app.serve(ServeOptions::default()).await;
    let refusal = app.refusal(ServeOptions::default()).await;
    assert!(
        refusal.contains("another host") && refusal.contains("--state-dir"),
        "{refusal}"
    );
    assert_eq!(get(first.address(), "good").await.status, 200);
    first.stop().await;
    answers(&app, "good").await;
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_stop() {
    let app = Application::new(&[("writes", WRITES)]);
    let host = app.serve(ServeOptions::default()).await;
    let address = host.address();
    let held = Held::by(&app, &host, "writes").await;
    let stopping = tokio::spawn(host.stop());
    // It listens no more once it has begun to stop.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished());
    assert_eq!(held.finish().await, 200);
    stopping.await.unwrap();
}

/// Its client has gone away, but what it asked for is not left half done, nor its store given to the next host.
#[tokio::test]
async fn a_component_that_runs_ends_before_the_stop() {
    let app = Application::new(&[
        ("good", GOOD),
        (
            "stays",
            "(call $await (local.get $request)) (loop $again (br $again))",
        ),
    ]);
    let host = app
        .serve(ServeOptions {
            time: Duration::from_millis(500),
            ..ServeOptions::default()
        })
        .await;
    let sent = Sent::post(host.address(), "stays").await;
    has_a_place(&host).await;
    drop(sent);
    host.stop().await;
    answers(&app, "good").await;
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let listen: SocketAddr = taken.local_addr().unwrap();
    let app = Application::new(&[("good", GOOD)]);
    let refusal = app.refusal_at(listen).await;
    assert!(
        refusal.contains(&listen.to_string()) && refusal.contains("--listen"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_component_that_is_not_there_is_named() {
    let app = Application::new(&[("good", GOOD), ("lost", GOOD)]);
    fs::remove_file(app.wasm("lost")).unwrap();
    let refusal = app.refusal(ServeOptions::default()).await;
    assert!(
        refusal.contains("component lost") && refusal.contains("lost.wasm"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_component_is_named() {
    for content in [&b""[..], b"nonsense", b"\0asm\x01\0\0\0"] {
        let app = Application::new(&[("odd", GOOD)]);
        fs::write(app.wasm("odd"), content).unwrap();
        let refusal = app.refusal(ServeOptions::default()).await;
        assert!(refusal.contains("component odd"), "{refusal}");
    }
}
