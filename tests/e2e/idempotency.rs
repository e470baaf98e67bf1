//! `Idempotency-Key`: a booking that is safe to send again.

use cinema_tests::{Answer, Api, api::booking, day, shared, tag};
use futures::future::join_all;
use serde_json::Value;

async fn book(cinema: &Api, key: &str, body: &Value) -> Answer {
    let request = cinema
        .request("POST", "/bookings")
        .header("idempotency-key", key)
        .json(body);
    cinema.send(request).await
}

async fn evening(cinema: &Api, capacity: Option<u32>) -> (String, String, String) {
    let film = cinema.film("Again", "Idempotency", 7.0).await;
    let showtime = cinema.showtime(&day(), &[&film], capacity).await;
    (cinema.user(&tag()).await, showtime, film)
}

#[tokio::test]
async fn the_same_key_gives_the_same_booking() {
    let cinema = shared();
    let (user, showtime, film) = evening(&cinema, Some(3)).await;
    let (key, body) = (tag(), booking(&user, &showtime, &[&film], 2));
    let first = book(&cinema, &key, &body).await.expect(201);
    for _ in 0..3 {
        let again = book(&cinema, &key, &body).await.expect(201);
        assert_eq!(again.data(), first.data());
        assert_eq!(again.header("location"), first.header("location"));
    }
    // The order of members and the spaces between them are not what a body says.
    let same = format!(
        r#"{{ "seats":2, "movies":["{film}"], "showtimeid":"{showtime}",  "userid":"{user}" }}"#
    );
    let request = cinema
        .request("POST", "/bookings")
        .header("idempotency-key", &key)
        .header("content-type", "application/json")
        .body(same);
    assert_eq!(cinema.send(request).await.expect(201).id(), first.id());
    let all = cinema.all(&format!("/bookings?userid={user}")).await;
    assert_eq!(all.len(), 1);

    // Nor does it book anew what was cancelled since, or tell that it were booked.
    let path = format!("/bookings/{}", first.id());
    cinema.delete(&path).await.expect(204);
    let again = book(&cinema, &key, &body).await.problem(409);
    assert!(again["detail"].as_str().unwrap().contains("cancelled"));
    cinema.get(&path).await.problem(404);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_mistake() {
    let cinema = shared();
    let (user, showtime, film) = evening(&cinema, None).await;
    let key = tag();
    book(&cinema, &key, &booking(&user, &showtime, &[&film], 1))
        .await
        .expect(201);
    book(&cinema, &key, &booking(&user, &showtime, &[&film], 2))
        .await
        .problem(422);
    assert_eq!(
        cinema.all(&format!("/bookings?userid={user}")).await.len(),
        1
    );
    // Without a key, or with another, it is another booking.
    book(&cinema, &tag(), &booking(&user, &showtime, &[&film], 1))
        .await
        .expect(201);
    cinema.booking(&user, &showtime, &[&film], 1).await;
    assert_eq!(
        cinema.all(&format!("/bookings?userid={user}")).await.len(),
        3
    );
}

#[tokio::test]
async fn the_same_key_at_once_is_one_booking() {
    let cinema = shared();
    let (user, showtime, film) = evening(&cinema, Some(20)).await;
    for _ in 0..4 {
        let (key, body) = (tag(), booking(&user, &showtime, &[&film], 2));
        let answers = join_all((0..16).map(|_| book(&cinema, &key, &body))).await;
        let first = answers[0].data();
        for answer in answers {
            assert_eq!(answer.expect(201).data(), first);
        }
    }
    let all = cinema.all(&format!("/bookings?userid={user}")).await;
    assert_eq!(all.len(), 4);
    // And the ledger agrees: twelve seats are left, for whoever else wants them.
    let other = cinema.user(&tag()).await;
    cinema
        .post("/bookings", &booking(&other, &showtime, &[&film], 13))
        .await
        .problem(409);
    cinema.booking(&other, &showtime, &[&film], 12).await;
}

#[tokio::test]
async fn two_bodies_race_for_one_key_and_one_wins() {
    let cinema = shared();
    let (user, showtime, film) = evening(&cinema, Some(20)).await;
    let key = tag();
    let bodies = [1, 2].map(|seats| booking(&user, &showtime, &[&film], seats));
    let answers = join_all((0..8).map(|n| book(&cinema, &key, &bodies[n % 2]))).await;
    let all = cinema.all(&format!("/bookings?userid={user}")).await;
    assert_eq!(all.len(), 1);
    for (n, answer) in answers.iter().enumerate() {
        if all[0]["seats"] == bodies[n % 2]["seats"] {
            assert_eq!(answer.status, 201, "{answer:?}");
            assert_eq!(answer.id(), all[0]["id"]);
        } else {
            answer.problem(422);
        }
    }
}

#[tokio::test]
async fn what_found_no_seats_may_be_sent_again() {
    let cinema = shared();
    let (user, showtime, film) = evening(&cinema, Some(2)).await;
    let full = cinema.booking(&user, &showtime, &[&film], 2).await;
    let (key, body) = (tag(), booking(&user, &showtime, &[&film], 1));
    book(&cinema, &key, &body).await.problem(409);
    cinema
        .delete(&format!("/bookings/{full}"))
        .await
        .expect(204);
    let booked = book(&cinema, &key, &body).await.expect(201);
    let again = book(&cinema, &key, &body).await.expect(201);
    assert_eq!(again.data(), booked.data());
}

#[tokio::test]
async fn a_key_is_1_to_128_printable_characters() {
    let cinema = shared();
    let (user, showtime, film) = evening(&cinema, None).await;
    let body = booking(&user, &showtime, &[&film], 1);
    let longest = format!("{:x<128}", tag());
    book(&cinema, &longest, &body).await.expect(201);
    for bad in ["", &"x".repeat(129)] {
        let answer = book(&cinema, bad, &body).await;
        assert!(matches!(answer.status, 400 | 422), "{answer:?}");
        answer.problem(answer.status);
    }
    assert_eq!(
        cinema.all(&format!("/bookings?userid={user}")).await.len(),
        1
    );
}
