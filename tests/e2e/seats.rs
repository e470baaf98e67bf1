//! A showtime with a capacity is never oversold, and cancelling gives seats back once.

use cinema_tests::{Api, api::booking, day, shared, tag};
use futures::future::join_all;

async fn showtime(cinema: &Api, capacity: u32) -> (String, String) {
    let film = cinema.film("Full house", "Seats", 7.0).await;
    (
        cinema.showtime(&day(), &[&film], Some(capacity)).await,
        film,
    )
}

async fn taken(cinema: &Api, showtime: &str) -> u64 {
    let bookings = cinema
        .all(&format!("/bookings?showtimeid={showtime}&limit=100"))
        .await;
    bookings
        .iter()
        .map(|booking| booking["seats"].as_u64().unwrap())
        .sum()
}

/// So many customers: one alone may have no more than twenty seats.
async fn crowd(cinema: &Api, many: usize) -> Vec<String> {
    join_all((0..many).map(async |_| cinema.user(&tag()).await)).await
}

/// How many seats are left, as anyone may see.
async fn left(cinema: &Api, showtime: &str) -> u64 {
    let path = format!("/bookings/availability?showtimeids={showtime}");
    let seats = cinema.anonymous().get(&path).await.expect(200).list();
    seats[0]["left"].as_u64().unwrap()
}

#[tokio::test]
async fn what_the_capacity_does_not_hold_is_a_conflict() {
    let cinema = shared();
    let (showtime, film) = showtime(&cinema, 5).await;
    let user = cinema.user(&tag()).await;
    let book = async |seats| {
        cinema
            .post("/bookings", &booking(&user, &showtime, &[&film], seats))
            .await
    };
    book(6).await.problem(409);
    book(3).await.expect(201);
    book(3).await.problem(409);
    let last = book(2).await.expect(201).id();
    book(1).await.problem(409);

    // Cancelled as often as one likes, it gives its two seats back once.
    for _ in 0..3 {
        cinema.delete(&format!("/bookings/{last}")).await;
    }
    book(3).await.problem(409);
    book(2).await.expect(201);
    book(1).await.problem(409);
    assert_eq!(taken(&cinema, &showtime).await, 5);
    assert_eq!(left(&cinema, &showtime).await, 0);
}

#[tokio::test]
async fn one_customer_has_twenty_seats_at_the_most() {
    let cinema = shared();
    let (showtime, film) = showtime(&cinema, 100).await;
    let user = cinema.user(&tag()).await;
    let body = booking(&user, &showtime, &[&film], 7);
    let answers = join_all((0..8).map(|_| cinema.post("/bookings", &body))).await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(sold <= 2, "{sold} sold");
    while cinema.post("/bookings", &body).await.status == 201 {}
    let refused = cinema.post("/bookings", &body).await.problem(409);
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .ends_with("left to them 6")
    );
    assert_eq!(taken(&cinema, &showtime).await, 14);
    assert_eq!(left(&cinema, &showtime).await, 86);
}

#[tokio::test]
async fn seats_of_who_leaves_are_free() {
    let cinema = shared();
    let (showtime, film) = showtime(&cinema, 4).await;
    let user = cinema.user(&tag()).await;
    cinema.booking(&user, &showtime, &[&film], 3).await;
    assert_eq!(left(&cinema, &showtime).await, 1);
    let path = format!("/users/{user}");
    cinema.delete(&path).await.expect(204);
    assert_eq!(taken(&cinema, &showtime).await, 0);
    assert_eq!(left(&cinema, &showtime).await, 4);
}

#[tokio::test]
async fn sixty_four_clients_sell_exactly_what_there_is() {
    let cinema = shared();
    let (showtime, film) = showtime(&cinema, 50).await;
    let bodies: Vec<_> = (crowd(&cinema, 4).await.iter())
        .map(|user| booking(user, &showtime, &[&film], 1))
        .collect();
    let answers = join_all((0..64).map(|n| cinema.post("/bookings", &bodies[n % 4]))).await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in &answers {
        match answer.status {
            201 => {}
            503 => drop(answer.problem(503)),
            _ => drop(answer.problem(409)),
        }
    }
    assert!(sold <= 50, "{sold} sold");
    assert_eq!(taken(&cinema, &showtime).await, sold as u64);
    // Who came while seats were contended may have been told to come again; then the rest is sold, and no more.
    let mut more = 0;
    while cinema.post("/bookings", &bodies[more % 4]).await.status == 201 {
        more += 1;
        assert!(sold + more <= 50);
    }
    assert_eq!(sold + more, 50);
    assert_eq!(taken(&cinema, &showtime).await, 50);
}

#[tokio::test]
async fn groups_of_all_sizes_at_once_never_oversell() {
    let cinema = shared();
    let (showtime, film) = showtime(&cinema, 40).await;
    let users = crowd(&cinema, 8).await;
    let bodies: Vec<_> = (0..32)
        .map(|n| booking(&users[n % 8], &showtime, &[&film], 1 + n as u32 % 7))
        .collect();
    let answers = join_all(bodies.iter().map(|body| cinema.post("/bookings", body))).await;
    let sold: u64 = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.data()["seats"].as_u64().unwrap())
        .sum();
    assert!((1..=40).contains(&sold), "{sold} sold");
    assert_eq!(taken(&cinema, &showtime).await, sold);
}

#[tokio::test]
async fn booking_and_cancelling_at_once_loses_no_seat() {
    let cinema = shared();
    let (showtime, film) = showtime(&cinema, 6).await;
    let user = cinema.user(&tag()).await;
    let body = booking(&user, &showtime, &[&film], 1);
    let comings_and_goings = (0..12).map(async |_| {
        for _ in 0..5 {
            let answer = cinema.post("/bookings", &body).await;
            if answer.status == 201 {
                let path = format!("/bookings/{}", answer.id());
                // Twice at once: only one of them gives the seat back.
                let twice = (cinema.delete(&path), cinema.delete(&path));
                let (one, other) = futures::join!(twice.0, twice.1);
                assert!(
                    one.status == 204 || other.status == 204,
                    "{one:?} {other:?}"
                );
            }
        }
    });
    join_all(comings_and_goings).await;
    assert_eq!(taken(&cinema, &showtime).await, 0);
    let mut sold = 0;
    while cinema.post("/bookings", &body).await.status == 201 {
        sold += 1;
        assert!(sold <= 6, "oversold");
    }
    assert_eq!(sold, 6);
}

#[tokio::test]
async fn without_a_capacity_there_is_no_end_of_seats() {
    let cinema = shared();
    let film = cinema.film("Open air", "Seats", 7.0).await;
    let showtime = cinema.showtime(&day(), &[&film], None).await;
    let bodies: Vec<_> = (crowd(&cinema, 8).await.iter())
        .map(|user| booking(user, &showtime, &[&film], 20))
        .collect();
    for answer in join_all(bodies.iter().map(|body| cinema.post("/bookings", body))).await {
        answer.expect(201);
    }
    assert_eq!(taken(&cinema, &showtime).await, 160);
}
