//! What a user should see next.

use cinema_tests::{
    Api, Host, NOBODY,
    api::{ids, in_days, programme_known},
    day, given, shared, tag,
};
use serde_json::{Value, json};

async fn suggested(cinema: &Api, user: &str, limit: usize) -> Vec<Value> {
    let path = format!("/users/{user}/suggested?limit={limit}");
    let list = cinema.get(&path).await.expect(200).list();
    for suggestion in &list {
        assert!(
            suggestion["score"].as_f64().is_some_and(f64::is_finite),
            "{suggestion}"
        );
        assert!(
            suggestion["reason"]
                .as_str()
                .is_some_and(|reason| reason.len() > 5),
            "{suggestion}"
        );
        for field in ["id", "title", "director", "rating", "createdon"] {
            assert!(!suggestion["movie"][field].is_null(), "{suggestion}");
        }
    }
    let scores: Vec<_> = list
        .iter()
        .map(|suggestion| suggestion["score"].as_f64().unwrap())
        .collect();
    assert!(
        scores.is_sorted_by(|one, other| one >= other),
        "best first: {scores:?}"
    );
    list
}

fn films(list: &[Value]) -> Vec<&str> {
    list.iter()
        .map(|suggestion| suggestion["movie"]["id"].as_str().unwrap())
        .collect()
}

/// What is best depends on everything there is, so these films need a store of their own.
#[tokio::test]
async fn without_bookings_the_best_rated_are_suggested() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    let user = cinema.user("newcomer").await;
    assert!(
        suggested(&cinema, &user, 5).await.is_empty(),
        "no films, no suggestions"
    );
    let mut known = Vec::new();
    for (title, rating) in [("D", 5.0), ("B", 9.0), ("C", 7.0), ("A", 9.0), ("E", 1.0)] {
        known.push(cinema.film(title, title, rating).await);
    }
    programme_known().await;
    let list = suggested(&cinema, &user, 20).await;
    let titles: Vec<_> = list
        .iter()
        .map(|suggestion| suggestion["movie"]["title"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        ["A", "B", "C", "D", "E"],
        "by rating, ties by title"
    );
    assert_eq!(suggested(&cinema, &user, 2).await, list[..2]);
    let three = cinema
        .get(&format!("/users/{user}/suggested"))
        .await
        .expect(200);
    assert_eq!(three.list(), list[..3], "three when nothing is said");
    assert!(three.next().is_none());
}

#[tokio::test]
async fn what_was_booked_steers_what_is_suggested() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    let seen = cinema.film("Seen", "Agnès Varda", 7.0).await;
    let near = cinema.film("Near", "Agnès Varda", 7.0).await;
    let far = cinema.film("Far", "Somebody Else", 7.0).await;
    let user = cinema.user("regular").await;
    let showtime = cinema.showtime(&day(), &[&seen], None).await;
    cinema.booking(&user, &showtime, &[&seen], 1).await;

    let list = suggested(&cinema, &user, 20).await;
    assert!(
        !films(&list).contains(&seen.as_str()),
        "never one that was booked"
    );
    assert_eq!(films(&list)[0], near, "the same director's");
    assert!(
        list[0]["reason"].as_str().unwrap().contains("Varda"),
        "{}",
        list[0]
    );
    for _ in 0..3 {
        assert_eq!(suggested(&cinema, &user, 20).await, list, "always the same");
    }

    // Booked too, it is suggested no more; deleted, neither.
    let showtime = cinema.showtime(&day(), &[&near], None).await;
    cinema.booking(&user, &showtime, &[&near], 1).await;
    assert_eq!(films(&suggested(&cinema, &user, 20).await), [far.as_str()]);
    cinema.delete(&format!("/movies/{far}")).await.expect(204);
    programme_known().await;
    assert!(suggested(&cinema, &user, 20).await.is_empty());
}

#[tokio::test]
async fn a_film_that_shows_soon_comes_before_its_equal() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    // By title it would be second.
    let first = cinema.film("Aardvark", "One", 7.0).await;
    let soon = cinema.film("Zebra", "Two", 7.0).await;
    let user = cinema.user("patient").await;
    assert_eq!(
        films(&suggested(&cinema, &user, 2).await),
        [first.as_str(), soon.as_str()]
    );
    cinema.showtime(&in_days(1), &[&soon], None).await;
    programme_known().await;
    assert_eq!(
        films(&suggested(&cinema, &user, 2).await),
        [soon.as_str(), first.as_str()]
    );
}

#[tokio::test]
async fn among_many_films_none_that_was_booked_is_suggested() {
    let host = match given() {
        Some(_) => None,
        None => Host::start(&[]),
    };
    let cinema = host.as_ref().map_or_else(|| given().unwrap(), Host::api);
    let director = tag();
    let mut known = Vec::new();
    for n in 0..130 {
        let rating = f64::from(n % 100) / 10.0;
        known.push(
            cinema
                .film(&format!("Film {n:03}"), &director, rating)
                .await,
        );
    }
    let user = cinema.user(&tag()).await;
    // More bookings than a page holds, of the first 120 films.
    for films in known[..120].chunks(20) {
        let films: Vec<_> = films.iter().map(String::as_str).collect();
        let showtime = cinema.showtime(&day(), &films, None).await;
        for film in &films {
            cinema.booking(&user, &showtime, &[film], 1).await;
        }
    }
    let list = suggested(&cinema, &user, 20).await;
    assert!(!list.is_empty());
    for film in films(&list) {
        assert!(
            !known[..120].iter().any(|booked| booked == film),
            "{film} was booked"
        );
    }
    let mine = cinema
        .all(&format!("/users/{user}/bookings?limit=100"))
        .await;
    assert_eq!(mine.len(), 120);
    assert!(
        mine.iter()
            .all(|booking| booking["movies"][0]["title"].is_string())
    );
    let mut sorted = ids(&mine);
    sorted.dedup();
    assert_eq!(sorted.len(), 120);
}

#[tokio::test]
async fn one_to_twenty_are_suggested_to_somebody_who_exists() {
    let cinema = shared();
    let user = cinema.user(&tag()).await;
    for limit in [1, 20] {
        assert!(suggested(&cinema, &user, limit).await.len() <= limit);
    }
    for bad in ["0", "21", "-1", "x", "", "1.5", "99999999999999999999"] {
        cinema
            .get(&format!("/users/{user}/suggested?limit={bad}"))
            .await
            .problem(400);
    }
    cinema
        .get(&format!("/users/{NOBODY}/suggested"))
        .await
        .problem(404);
    cinema.get("/users/x/suggested").await.problem(400);
    let problem = cinema.get("/users/x/suggested").await.problem(400);
    assert_eq!(problem["instance"], json!("/users/x/suggested"));
}
