//! Liveness and readiness.

use cinema_tests::{DataApi, Host, Way, shared};

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
