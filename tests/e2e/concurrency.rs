//! Sixty-four clients at once.

use std::collections::BTreeSet;

use cinema_tests::{api, day, shared, tag};
use futures::future::join_all;
use serde_json::json;

#[tokio::test]
async fn every_answered_write_of_sixty_four_clients_is_there() {
    let cinema = shared();
    let director = tag();
    let client = async |n: usize| {
        let own = cinema.apart();
        let mut written = Vec::new();
        for m in 0..8 {
            let body = json!({"title": format!("{n}-{m}"), "director": director, "rating": 5});
            let answer = own.post("/movies", &body).await;
            match answer.status {
                201 => written.push((answer.id(), format!("{n}-{m}"))),
                // A host that has enough to do may say so, and clearly.
                _ => assert_eq!(answer.status, 503, "{answer:?}"),
            }
        }
        written
    };
    let written: Vec<_> = join_all((0..64).map(client))
        .await
        .into_iter()
        .flatten()
        .collect();
    assert!(
        written.len() >= 64,
        "{} of 512 were answered",
        written.len()
    );
    let unique: BTreeSet<_> = written.iter().map(|(id, _)| id).collect();
    assert_eq!(unique.len(), written.len(), "an id was given twice");
    let all = cinema
        .all(&format!("/movies?director={director}&limit=100"))
        .await;
    for (id, title) in &written {
        let film = all.iter().find(|film| film["id"] == json!(id));
        assert_eq!(
            film.unwrap_or_else(|| panic!("{id} is not there"))["title"],
            json!(title)
        );
    }
    assert_eq!(all.len(), written.len());
    cinema.assert_no_trap();
}

#[tokio::test]
async fn changes_of_one_film_at_once_leave_it_whole() {
    let cinema = shared();
    let path = format!("/movies/{}", cinema.film("0", "0", 5.0).await);
    let change = async |n: usize| {
        let body = match n % 2 {
            0 => json!({"title": format!("{n}")}),
            _ => json!({"director": format!("{n}")}),
        };
        cinema.patch(&path, &body).await.expect(200);
    };
    join_all((2..34).map(change)).await;
    // No change of one member undid one of the other.
    let film = cinema.get(&path).await.expect(200).data();
    let number = |field: &str| film[field].as_str().unwrap().parse::<usize>().unwrap();
    assert!(number("title") >= 2 && number("title") % 2 == 0, "{film}");
    assert!(
        number("director") >= 3 && number("director") % 2 == 1,
        "{film}"
    );
}

#[tokio::test]
async fn readers_and_writers_of_all_kinds_at_once() {
    let cinema = shared();
    let film = cinema.film("Busy", &tag(), 5.0).await;
    let showtime = cinema.showtime(&day(), &[&film], Some(10_000)).await;
    let users = [cinema.user(&tag()).await, cinema.user(&tag()).await];
    let client = async |n: usize| {
        let user = &users[n / 6 % 2];
        for _ in 0..3 {
            let answer = match n % 6 {
                0 => cinema.get(&format!("/movies/{film}")).await,
                1 => cinema.get(&format!("/users/{user}/suggested")).await,
                2 => cinema.get(&format!("/users/{user}/bookings")).await,
                3 => {
                    cinema
                        .post("/bookings", &api::booking(user, &showtime, &[&film], 1))
                        .await
                }
                4 => cinema.get("/movies?limit=5").await,
                _ => cinema.get(&format!("/showtimes?movie={film}")).await,
            };
            match answer.status {
                200 | 201 => {}
                _ => drop(answer.problem(503)),
            }
        }
    };
    join_all((0..48).map(client)).await;
    cinema.assert_no_trap();
}

#[tokio::test]
async fn what_is_booked_while_its_showtime_is_removed_is_shown_as_cancelled() {
    let cinema = shared();
    let film = cinema.film("Off", &tag(), 5.0).await;
    let showtime = cinema.showtime(&day(), &[&film], Some(200)).await;
    let users = join_all((0..6).map(async |_| cinema.user(&tag()).await)).await;
    let bodies: Vec<_> = (users.iter())
        .map(|user| api::booking(user, &showtime, &[&film], 1))
        .collect();
    let booking = join_all((0..90).map(|n| cinema.post("/bookings", &bodies[n % 6])));
    let removing = async {
        let some = format!("/bookings?showtimeid={showtime}&limit=1");
        while cinema.get(&some).await.expect(200).list().is_empty() {}
        let path = format!("/showtimes/{showtime}?cancel_bookings=true");
        // Who was told that there was too much to do sends it again.
        while cinema.delete(&path).await.status == 503 {}
    };
    let (answers, ()) = futures::join!(booking, removing);
    let all = cinema
        .all(&format!("/bookings?showtimeid={showtime}&limit=100"))
        .await;
    assert!(all.iter().all(|booking| booking["cancelled"].is_object()));
    for answer in answers {
        match answer.status {
            201 => assert!(api::ids(&all).contains(&answer.id().as_str())),
            status => assert!(matches!(status, 409 | 422 | 503), "{answer:?}"),
        }
    }
    let late = cinema.post("/bookings", &bodies[0]).await;
    assert_eq!(late.faults(), ["showtimeid"]);
    let path = format!("/users/{}/bookings", users[0]);
    for booking in cinema.all(&path).await {
        assert!(booking["showtime"]["date"].is_string());
        assert_eq!(booking["cancelled"]["reason"], "the showtime was cancelled");
    }
    cinema.assert_no_trap();
}
