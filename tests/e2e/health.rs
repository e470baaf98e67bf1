//! Liveness and readiness.

use std::process::Command;

use cinema_tests::{Api, DataApi, Host, Way, shared};
use serde_json::json;

/// The services that need storage.
const SERVICES: [&str; 5] = ["movies", "showtimes", "bookings", "users", "auth"];

#[tokio::test]
async fn each_service_is_alive_and_ready() {
    let cinema = shared();
    for service in SERVICES {
        for kind in ["healthz", "healthy"] {
            let answer = cinema.get(&format!("/{service}/{kind}")).await.expect(200);
            assert_eq!(answer.body, b"ok", "{service}/{kind}");
            let post = cinema
                .send(cinema.request("POST", &format!("/{service}/{kind}")))
                .await;
            assert_eq!(post.allowed(), ["GET", "HEAD"]);
        }
    }
}

#[tokio::test]
async fn without_storage_a_service_is_alive_and_not_ready() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    for service in SERVICES {
        cinema.get(&format!("/{service}/healthy")).await.expect(200);
    }
    storage.always(Way::json(500, r#"{"error": "out of order"}"#));
    storage.seen();
    for service in SERVICES {
        cinema.get(&format!("/{service}/healthz")).await.expect(200);
    }
    assert!(storage.seen().is_empty(), "liveness touches nothing else");
    for service in SERVICES {
        cinema
            .get(&format!("/{service}/healthy"))
            .await
            .problem(503);
    }
    storage.always(Way::Good);
    for service in SERVICES {
        cinema.get(&format!("/{service}/healthy")).await.expect(200);
    }
}

#[tokio::test]
async fn the_host_tells_that_it_lives() {
    let Some(host) = Host::start(&[]) else { return };
    let answer = host.api().get("/.well-known/spin/health").await;
    assert_eq!(answer.status, 200);
}

/// The status of a service's readiness.
async fn readiness(cinema: &Api, service: &str) -> u16 {
    cinema.get(&format!("/{service}/healthy")).await.status
}

/// Bounds the size of a process's files, which is to it as a full disk; or takes the bound away.
fn bound_files(pid: u32, size: &str) {
    let arguments = [format!("--pid={pid}"), format!("--fsize={size}:")];
    let bounded = Command::new("prlimit").args(arguments).status();
    assert!(bounded.unwrap().success());
}

#[tokio::test]
async fn with_a_full_disk_a_service_is_not_ready_and_reads_go_on() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    let film = json!({"title": "Alien", "director": "Ridley Scott", "rating": 8.5});
    let id = cinema.post("/movies", &film).await.expect(201).id();
    for service in SERVICES {
        assert_eq!(readiness(&cinema, service).await, 200, "{service}");
    }
    bound_files(host.pid(), "1024");
    for service in SERVICES {
        assert_eq!(readiness(&cinema, service).await, 503, "{service}");
    }
    cinema.post("/movies", &film).await.problem(503);
    cinema.get(&format!("/movies/{id}")).await.expect(200);
    bound_files(host.pid(), "unlimited");
    for service in SERVICES {
        assert_eq!(readiness(&cinema, service).await, 200, "{service}");
    }
    cinema.post("/movies", &film).await.expect(201);
}

#[tokio::test]
async fn a_service_whose_writes_wait_for_a_backup_is_ready() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    assert_eq!(readiness(&cinema, "movies").await, 200);
    let backup = rusqlite::Connection::open(host.state_dir().join("sqlite_db.db")).unwrap();
    backup.execute_batch("BEGIN IMMEDIATE").unwrap();
    for service in SERVICES {
        assert_eq!(readiness(&cinema, service).await, 200, "{service}");
    }
}
