//! A day in the life of the cinema.

use cinema_tests::{
    Host,
    api::{ids, programme_known},
    day, given, tag,
};
use serde_json::json;

#[tokio::test]
async fn a_day_in_the_life() {
    let host = match given() {
        Some(_) => None,
        None => Host::start(&[]),
    };
    let cinema = host.as_ref().map_or_else(|| given().unwrap(), Host::api);
    let alone = host.is_some();

    // In the morning the catalogue is made, and one mistake in it mended.
    let varda = format!("Agnès Varda {}", tag());
    let cleo = cinema.film("Cléo from 5 to 7", &varda, 7.8).await;
    let gleaners = cinema.film("The Gleaners and I", &varda, 7.6).await;
    let vagabond = cinema.film("Vagabond", &varda, 7.6).await;
    let ran = cinema.film("Ran", "Akira Kurosawa", 2.8).await;
    cinema
        .patch(&format!("/movies/{ran}"), &json!({"rating": 8.2}))
        .await
        .expect(200);
    let found = cinema
        .get(&format!("/movies?director={}", varda.replace(' ', "%20")))
        .await
        .expect(200);
    assert_eq!(found.list().len(), 3);

    // Then the programme.
    let day = day();
    let evening =
        json!({"date": day, "time": "20:15", "screen": "1", "movies": [cleo, ran], "capacity": 4});
    let evening = cinema.post("/showtimes", &evening).await.expect(201).id();
    let matinee = cinema.showtime(&day, &[&gleaners], None).await;
    let list = cinema
        .get(&format!("/showtimes/{day}"))
        .await
        .expect(200)
        .list();
    assert_eq!(ids(&list), [&evening, &matinee]);

    // People sign up; who has booked nothing is suggested the best.
    let (ann, bob) = (cinema.user(&tag()).await, cinema.user(&tag()).await);
    let suggested = async |user: &str| {
        let list = cinema
            .get(&format!("/users/{user}/suggested?limit=20"))
            .await
            .expect(200)
            .list();
        list.iter()
            .map(|one| one["movie"]["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    if alone {
        assert_eq!(suggested(&ann).await[0], ran);
        assert_eq!(suggested(&ann).await.len(), 4);
    }

    // They book, and the evening fills up.
    let booked = cinema.booking(&ann, &evening, &[&cleo], 3).await;
    let full = cinema_tests::api::booking(&bob, &evening, &[&ran], 2);
    cinema.post("/bookings", &full).await.problem(409);
    cinema.booking(&bob, &evening, &[&ran], 1).await;

    // Ann's suggestions have changed: nothing she has booked, and first the director she likes.
    let list = suggested(&ann).await;
    assert!(!list.contains(&cleo));
    if alone {
        assert_eq!(list, [gleaners.clone(), vagabond.clone(), ran.clone()]);
        assert!(!suggested(&bob).await.contains(&ran));
    }
    let mine = cinema
        .get(&format!("/users/{ann}/bookings"))
        .await
        .expect(200)
        .list();
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0]["movies"][0]["title"], json!("Cléo from 5 to 7"));
    assert_eq!(mine[0]["showtime"]["time"], json!("20:15"));

    // What people have booked stays as it is; what nobody has may go: first the showtime, and then its film.
    for film in [&cleo, &gleaners] {
        cinema.delete(&format!("/movies/{film}")).await.problem(409);
    }
    let evening_path = format!("/showtimes/{evening}");
    for changes in [json!({"capacity": 3}), json!({"movies": [ran]})] {
        cinema.patch(&evening_path, &changes).await.problem(409);
    }
    cinema.delete(&evening_path).await.problem(409);
    cinema
        .delete(&format!("/showtimes/{matinee}"))
        .await
        .expect(204);
    cinema
        .delete(&format!("/movies/{gleaners}"))
        .await
        .expect(204);
    programme_known().await;
    assert!(!suggested(&ann).await.contains(&gleaners));

    // Ann cancels, and Bob gets his seats after all.
    cinema
        .delete(&format!("/bookings/{booked}"))
        .await
        .expect(204);
    cinema.post("/bookings", &full).await.expect(201);
    assert!(
        cinema
            .get(&format!("/users/{ann}/bookings"))
            .await
            .expect(200)
            .list()
            .is_empty()
    );
    assert_eq!(
        cinema
            .all(&format!("/bookings?showtimeid={evening}"))
            .await
            .len(),
        2
    );

    // The projector breaks. Bob is told so.
    cinema
        .delete(&format!("{evening_path}?cancel_bookings=true"))
        .await
        .expect(204);
    cinema.get(&evening_path).await.problem(404);
    cinema.post("/bookings", &full).await.faults();
    let list = cinema.all(&format!("/bookings?userid={bob}")).await;
    assert_eq!(list.len(), 2);
    assert!(list.iter().all(|one| one["cancelled"]["on"].is_string()));
    cinema.delete(&format!("/movies/{cleo}")).await.expect(204);
}
