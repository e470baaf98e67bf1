//! The host itself: a clean stop, data that stays, and logs that can be read by programs.

use std::time::Duration;

use cinema_tests::{DataApi, Host, Way};

#[tokio::test]
async fn a_stop_lets_requests_in_flight_finish_and_keeps_the_data() {
    let storage = DataApi::start();
    let Some(mut host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    cinema.get("/movies").await.expect(200);
    storage.seen();
    storage.always(Way::Slow(Duration::from_secs(2)));
    let asking = {
        let cinema = cinema.clone();
        tokio::spawn(async move { cinema.get("/movies").await })
    };
    while storage.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (host, status) = tokio::task::spawn_blocking(move || {
        let status = host.stop("TERM");
        (host, status)
    })
    .await
    .unwrap();
    assert!(status.success(), "{status:?}");
    asking.await.unwrap().expect(200);
    drop(host);
}

#[tokio::test]
async fn a_clean_stop_and_a_start_keep_the_data() {
    let Some(mut host) = Host::start(&[]) else {
        return;
    };
    let film = host.api().film("Kept", "Kept", 5.0).await;
    for signal in ["INT", "TERM"] {
        assert!(host.stop(signal).success());
        host.restart();
        let cinema = host.api();
        cinema.get(&format!("/movies/{film}")).await.expect(200);
        assert_eq!(cinema.all("/movies").await.len(), 1);
    }
}

#[tokio::test]
async fn each_request_is_a_line_of_json_in_the_log() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    let request = cinema
        .request("GET", "/movies?title=find-me-in-the-log")
        .header("x-request-id", "log-me-1");
    cinema.send(request).await.expect(200);
    host.settle();
    let logs = host.logs().json_since(0);
    let line = logs
        .iter()
        .map(ToString::to_string)
        .find(|line| line.contains("/movies") && line.contains("GET"));
    let line = line.unwrap_or_else(|| panic!("no line for the request: {logs:#?}"));
    for part in ["200", "movies"] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

/// What `make up` does for a newcomer, and `make sample` after it.
#[tokio::test]
async fn keys_are_made_once_and_the_sample_data_is_loaded_by_the_first_of_the_staff() {
    let Some(mut host) = Host::start(&[]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    let keys =
        || cinema_tests::host::cinema(&["keys", "--write", "--env-file", path.to_str().unwrap()]);
    assert!(keys().status.success());
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(keys().status.success());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
    let settings = settings(&written);
    host.kill();
    let variables: Vec<_> = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    host.restart_with(&variables);

    let url = format!("http://{}", host.api().address());
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");
    let load = |env_file: &str| {
        cinema_tests::host::cinema(&[
            "sample",
            "--url",
            &url,
            "--data",
            data,
            "--env-file",
            env_file,
        ])
    };
    let nobody = load("/nowhere");
    let told = String::from_utf8(nobody.stderr).unwrap();
    assert!(
        !nobody.status.success() && told.contains("only staff"),
        "{told}"
    );
    for expected in [" made", "were there already"] {
        let loaded = load(path.to_str().unwrap());
        let told = String::from_utf8(loaded.stdout).unwrap();
        assert!(loaded.status.success() && told.contains(expected), "{told}");
    }
    let films = host.api().anonymous().all("/movies").await;
    assert!(films.len() > 10);
    let password = &settings
        .iter()
        .find(|(name, _)| name == "first_staff_password")
        .unwrap()
        .1;
    assert!(
        !host
            .logs()
            .since(0)
            .iter()
            .any(|line| line.contains(password))
    );
}

/// The variables of a `.env` file that `cinema keys` wrote.
fn settings(text: &str) -> Vec<(String, String)> {
    text.lines()
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap();
            let name = name.strip_prefix("SPIN_VARIABLE_").unwrap().to_lowercase();
            (name, value.trim_matches('\'').to_owned())
        })
        .collect()
}
