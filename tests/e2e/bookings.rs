//! Bookings: each route's good and bad ways. Seats and idempotency have modules of their own.

use cinema_tests::{Api, NOBODY, api, api::ids, day, shared, tag};
use serde_json::json;

/// A user, a showtime of two films, and the films.
async fn evening(cinema: &Api, capacity: Option<u32>) -> (String, String, [String; 2]) {
    let films = [
        cinema.film("First", "Evening", 7.0).await,
        cinema.film("Second", "Evening", 8.0).await,
    ];
    let showtime = cinema
        .showtime(&day(), &[&films[0], &films[1]], capacity)
        .await;
    let user = cinema.user(&tag()).await;
    (user, showtime, films)
}

#[tokio::test]
async fn a_booking_is_made_read_and_cancelled() {
    let cinema = shared();
    let (user, showtime, films) = evening(&cinema, Some(10)).await;
    let body =
        json!({"userid": user, "showtimeid": showtime, "movies": [films[1], films[0]], "seats": 3});
    let made = cinema.post("/bookings", &body).await.expect(201);
    let path = format!("/bookings/{}", made.id());
    assert_eq!(made.header("location"), path);
    let booking = made.data();
    for field in ["userid", "showtimeid", "movies", "seats"] {
        assert_eq!(booking[field], body[field], "{field}");
    }
    let film = |id: &str, title: &str| json!({"id": id, "title": title});
    let bought = json!([film(&films[0], "First"), film(&films[1], "Second")]);
    assert_eq!(booking["films"], bought);
    let kept = cinema.get(&format!("/showtimes/{showtime}")).await.data();
    assert_eq!(booking["date"], kept["date"]);
    assert!(booking["createdon"].is_string());
    assert_eq!(cinema.get(&path).await.expect(200).data(), booking);

    cinema.delete(&path).await.expect(204);
    cinema.get(&path).await.problem(404);
    cinema.delete(&path).await.problem(404);
    cinema
        .delete(&format!("/bookings/{NOBODY}"))
        .await
        .problem(404);
}

#[tokio::test]
async fn a_seat_is_booked_when_nothing_is_said() {
    let cinema = shared();
    let (user, showtime, films) = evening(&cinema, None).await;
    let body = json!({"userid": user, "showtimeid": showtime, "movies": [films[0]]});
    assert_eq!(
        cinema.post("/bookings", &body).await.expect(201).data()["seats"],
        json!(1)
    );
}

#[tokio::test]
async fn every_fault_of_a_booking_is_told_at_once() {
    let cinema = shared();
    let (user, showtime, films) = evening(&cinema, Some(10)).await;
    let other = cinema.film("Not on that evening", "x", 5.0).await;
    let film = &films[0];
    for (body, faults) in [
        (json!({}), vec!["movies", "showtimeid"]),
        (
            json!({"userid": "x", "showtimeid": 1, "movies": "x", "seats": 0}),
            vec!["movies", "seats", "showtimeid", "userid"],
        ),
        (
            json!({"userid": user, "showtimeid": showtime, "movies": []}),
            vec!["movies"],
        ),
        (
            json!({"userid": user, "showtimeid": showtime, "movies": [other]}),
            vec!["movies"],
        ),
        (
            json!({"userid": user, "showtimeid": showtime, "movies": [film, other]}),
            vec!["movies"],
        ),
        (
            json!({"userid": user, "showtimeid": showtime, "movies": [film], "seats": 21}),
            vec!["seats"],
        ),
        (
            json!({"userid": user, "showtimeid": showtime, "movies": [film], "seats": "2"}),
            vec!["seats"],
        ),
        (
            json!({"userid": user, "showtimeid": showtime, "movies": [film], "seats": 1.5}),
            vec!["seats"],
        ),
        (
            json!({"userid": user, "showtimeid": NOBODY, "movies": [film]}),
            vec!["showtimeid"],
        ),
        (
            json!({"userid": [user], "showtimeid": showtime, "movies": [film]}),
            vec!["userid"],
        ),
    ] {
        let answer = cinema.post("/bookings", &body).await;
        let told: Vec<_> = answer
            .faults()
            .iter()
            .map(|field| field.split(['[', '.']).next().unwrap().to_owned())
            .collect();
        assert_eq!(told, faults, "{body}");
    }
    assert!(
        cinema
            .get(&format!("/bookings?userid={user}"))
            .await
            .expect(200)
            .list()
            .is_empty()
    );
}

#[tokio::test]
async fn bookings_are_found_by_user_and_showtime() {
    let cinema = shared();
    let (ann, first, films) = evening(&cinema, None).await;
    let second = cinema.showtime(&day(), &[&films[0]], None).await;
    let bob = cinema.user(&tag()).await;
    let movies = [films[0].as_str()];
    let a1 = cinema.booking(&ann, &first, &movies, 1).await;
    let b1 = cinema.booking(&bob, &first, &movies, 1).await;
    let a2 = cinema.booking(&ann, &second, &movies, 1).await;
    let search = async |query: String| {
        let found = cinema.all(&format!("/bookings?{query}")).await;
        ids(&found)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        search(format!("userid={ann}")).await,
        [a1.clone(), a2.clone()]
    );
    assert_eq!(
        search(format!("userid={ann}&limit=1")).await,
        [a1.clone(), a2.clone()]
    );
    assert_eq!(
        search(format!("showtimeid={first}")).await,
        [a1.clone(), b1]
    );
    assert_eq!(
        search(format!("userid={ann}&showtimeid={second}")).await,
        std::slice::from_ref(&a2)
    );
    assert_eq!(
        search(format!("userid={ann}&order=newest&limit=1")).await,
        [a2.clone(), a1.clone()]
    );
    let either = format!("userid={ann}&movies={NOBODY},{}", films[0]);
    assert_eq!(search(either).await, [a1, a2]);
    assert_eq!(
        search(format!("userid={ann}&movies={}", films[1])).await,
        [""; 0]
    );
    assert_eq!(search(format!("userid={NOBODY}")).await, [""; 0]);
    for bad in ["userid=x", "showtimeid=12", "movies=x", "order=id"] {
        cinema.get(&format!("/bookings?{bad}")).await.problem(400);
    }
}

#[tokio::test]
async fn a_booking_outlives_its_showtime() {
    let cinema = shared();
    let (user, showtime, films) = evening(&cinema, Some(4)).await;
    let booking = cinema.booking(&user, &showtime, &[&films[0]], 2).await;
    let removal = format!("/showtimes/{showtime}");
    let refused = cinema.delete(&removal).await.problem(409);
    assert!(refused["detail"].as_str().unwrap().contains(": 1;"));
    cinema
        .delete(&format!("{removal}?cancel_bookings=true"))
        .await
        .expect(204);
    let path = format!("/bookings/{booking}");
    let shown = cinema.get(&path).await.expect(200).data();
    assert_eq!(shown["showtimeid"], json!(showtime));
    assert_eq!(shown["cancelled"]["reason"], "the showtime was cancelled");
    let listed = cinema.all(&format!("/bookings?userid={user}")).await;
    assert_eq!(listed, [shown]);
    let body = api::booking(&user, &showtime, &[&films[0]], 1);
    assert_eq!(
        cinema.post("/bookings", &body).await.faults(),
        ["showtimeid"]
    );
    cinema.delete(&path).await.problem(409);
}

#[tokio::test]
async fn staff_book_for_those_who_exist() {
    let cinema = shared();
    let (user, showtime, films) = evening(&cinema, None).await;
    let body = |user: &str| api::booking(user, &showtime, &[&films[0]], 1);
    cinema.post("/bookings", &body(&user)).await.expect(201);
    assert_eq!(
        cinema.post("/bookings", &body(NOBODY)).await.faults(),
        ["userid"]
    );
}

#[tokio::test]
async fn bookings_know_their_methods_bodies_and_ids() {
    let cinema = shared();
    let one = format!("/bookings/{NOBODY}");
    let answer = cinema.send(cinema.request("PATCH", "/bookings")).await;
    assert_eq!(answer.allowed(), ["DELETE", "GET", "HEAD", "POST"]);
    for method in ["PUT", "POST", "PATCH"] {
        let answer = cinema.send(cinema.request(method, &one)).await;
        assert_eq!(answer.allowed(), ["DELETE", "GET", "HEAD"], "{method}");
    }
    cinema.refuses_malformed("/bookings").await;
}
