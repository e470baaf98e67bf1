//! Every answered write is there after a crash.

use std::sync::Mutex;
use std::time::Duration;

use cinema_tests::{Api, Host, api, day, tag};
use futures::future::join_all;
use serde_json::json;

/// One customer may stand for many.
const CROWD: (&str, &str) = ("seats_per_customer", "10000");

/// Writes films, users and bookings until nobody answers any more, and gives the paths of what was answered.
async fn write_until_the_end(cinema: &Api, written: &Mutex<Vec<String>>) {
    let known = |path| written.lock().unwrap().push(path);
    let film = cinema.film("Before", "Before", 5.0).await;
    let user = cinema.user(&tag()).await;
    let showtime = cinema.showtime(&day(), &[&film], None).await;
    let writer = async |n: usize| {
        loop {
            let name = tag();
            let (path, body) = match n % 3 {
                0 => (
                    "/movies",
                    json!({"title": name, "director": "Durability", "rating": 5}),
                ),
                1 => ("/users", api::person(&name)),
                _ => ("/bookings", api::booking(&user, &showtime, &[&film], 1)),
            };
            let Ok(answer) = cinema
                .try_send(cinema.request("POST", path).json(&body))
                .await
            else {
                return;
            };
            known(format!("{path}/{}", answer.expect(201).id()));
        }
    };
    join_all((0..9).map(writer)).await;
}

#[tokio::test]
async fn kill_9_loses_nothing_that_was_answered() {
    let Some(mut host) = Host::start(&[CROWD]) else {
        return;
    };
    let written = Mutex::new(Vec::new());
    for round in 1..=3 {
        let api = host.api();
        let writing = write_until_the_end(&api, &written);
        let killing = async {
            while written.lock().unwrap().len() < round * 150 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            host.kill();
        };
        futures::join!(writing, killing);
        host.restart();
        let cinema = host.api();
        let paths = written.lock().unwrap().clone();
        for some in paths.chunks(32) {
            for answer in join_all(some.iter().map(|path| cinema.get(path))).await {
                answer.expect(200);
            }
        }
        // It can still be written to.
        cinema.film("After", "After", 5.0).await;
    }
    // Nothing is there twice, and no list is broken.
    for path in ["/movies", "/users", "/bookings"] {
        let all = host.api().all(&format!("{path}?limit=100")).await;
        let mut seen = api::ids(&all);
        let count = seen.len();
        seen.dedup();
        assert_eq!(seen.len(), count);
        let known = written.lock().unwrap();
        let known = known.iter().filter(|known| known.starts_with(path)).count();
        assert!(count >= known, "{path}: {count} of {known}");
    }
}

/// Whenever the crash comes, a seat is neither sold twice nor lost for more than a while.
#[tokio::test]
async fn kill_9_amid_bookings_never_oversells() {
    let Some(mut host) = Host::start(&[CROWD]) else {
        return;
    };
    let cinema = host.api();
    let film = cinema.film("Full", "Full", 5.0).await;
    let user = cinema.user("crowd").await;
    let showtime = cinema.showtime(&day(), &[&film], Some(60)).await;
    let body = api::booking(&user, &showtime, &[&film], 1);
    let answered = Mutex::new(Vec::new());
    for round in 1..=3 {
        let cinema = host.api();
        let writer = async |_| {
            while let Ok(answer) = cinema
                .try_send(cinema.request("POST", "/bookings").json(&body))
                .await
            {
                match answer.status {
                    201 => answered.lock().unwrap().push(answer.id()),
                    409 => return,
                    _ => {}
                }
            }
        };
        let writing = join_all((0..8).map(writer));
        let killing = async {
            while answered.lock().unwrap().len() < round * 12 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            host.kill();
        };
        futures::join!(writing, killing);
        host.restart();
    }
    let cinema = host.api();
    let all = cinema
        .all(&format!("/bookings?showtimeid={showtime}&limit=100"))
        .await;
    let stored = api::ids(&all);
    for id in answered.lock().unwrap().iter() {
        assert!(
            stored.contains(&id.as_str()),
            "{id} was answered and is not there"
        );
    }
    // Sell the rest: never more than there is, with holds whose booking was never written taken into account.
    let mut more = 0;
    loop {
        let answer = cinema.post("/bookings", &body).await;
        match answer.status {
            201 => more += 1,
            _ => {
                answer.problem(409);
                break;
            }
        }
    }
    let all = cinema
        .all(&format!("/bookings?showtimeid={showtime}&limit=100"))
        .await;
    assert_eq!(all.len(), stored.len() + more);
    assert!(all.len() <= 60, "{} sold", all.len());
}

/// Whenever the crash comes, a removal that is sent again ends, and leaves nothing booked.
#[tokio::test]
async fn kill_9_amid_a_removal_leaves_nothing_booked_once_it_is_sent_again() {
    let Some(mut host) = Host::start(&[CROWD]) else {
        return;
    };
    let cinema = host.api();
    let film = cinema.film("Off", "Off", 5.0).await;
    let user = cinema.user("crowd").await;
    for round in 0..3 {
        let cinema = host.api();
        let showtime = cinema.showtime(&day(), &[&film], Some(500)).await;
        let body = api::booking(&user, &showtime, &[&film], 1);
        for _ in 0..4 {
            let some = join_all((0..20).map(|_| cinema.post("/bookings", &body))).await;
            assert!(some.iter().all(|answer| matches!(answer.status, 201 | 503)));
        }
        let path = format!("/showtimes/{showtime}?cancel_bookings=true");
        let removing = cinema.try_send(cinema.request("DELETE", &path));
        let booking = async {
            while let Ok(answer) = cinema
                .try_send(cinema.request("POST", "/bookings").json(&body))
                .await
            {
                assert!(matches!(answer.status, 201 | 409 | 422 | 503), "{answer:?}");
            }
        };
        let killing = async {
            tokio::time::sleep(Duration::from_millis(3 + 9 * round)).await;
            host.kill();
        };
        drop(futures::join!(removing, booking, killing));
        host.restart();
        let cinema = host.api();
        let again = cinema.delete(&path).await;
        assert!(matches!(again.status, 204 | 404), "{again:?}");
        let all = cinema
            .all(&format!("/bookings?showtimeid={showtime}&limit=100"))
            .await;
        assert!(all.len() > 40);
        assert!(all.iter().all(|booking| booking["cancelled"].is_object()));
        cinema.post("/bookings", &body).await.problem(422);
    }
}

#[tokio::test]
async fn two_hosts_never_serve_one_store() {
    let Some(mut host) = Host::start(&[]) else {
        return;
    };
    let cinema = host.api();
    let film = cinema.film("Mine", "Mine", 5.0).await;
    let refused = host.second_on_the_same_store();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned()
        + String::from_utf8_lossy(&refused.stdout).as_ref();
    assert!(
        refused.status.code().is_some_and(|code| code != 0),
        "{:?}: {said}",
        refused.status
    );
    assert!(!said.contains("Serving "), "{said}");
    let store = host.state_dir().to_string_lossy().into_owned();
    assert!(said.contains(&store), "it says which store: {said}");
    assert!(
        said.contains(&host.pid().to_string()) || said.contains("another"),
        "and who has it: {said}"
    );
    assert!(!said.contains("panicked"), "{said}");
    // The first one has not noticed.
    cinema.get(&format!("/movies/{film}")).await.expect(200);
    cinema.film("Mine too", "Mine", 5.0).await;

    // A host that was killed leaves no lock behind.
    host.kill();
    host.restart();
    assert_eq!(host.api().all("/movies").await.len(), 2);
}
