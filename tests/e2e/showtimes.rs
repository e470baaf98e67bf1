//! Showtimes: each route's good and bad ways.

use cinema_tests::{Api, NOBODY, api::ids, shared, tag};
use serde_json::json;

/// A day that no other test uses: tests share a store, and a day's list is the whole day's. It must be a real day, and
/// other runs against the same instance should not meet it either.
fn day() -> String {
    let tag = tag();
    let hash = tag.bytes().fold(7u32, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(byte.into())
    });
    format!(
        "{}-{:02}-{:02}",
        2100 + hash % 7800,
        1 + hash / 7800 % 12,
        1 + hash / 93_600 % 28
    )
}

async fn film(cinema: &Api) -> String {
    cinema.film("On the programme", "Showtimes", 7.0).await
}

#[tokio::test]
async fn a_showtime_is_added_read_and_deleted() {
    let cinema = shared();
    let (first, second, day) = (film(&cinema).await, film(&cinema).await, day());
    let body = json!({"date": day, "time": "20:15", "screen": "1", "movies": [second, first], "capacity": 40});
    let added = cinema.post("/showtimes", &body).await.expect(201);
    let path = format!("/showtimes/{}", added.id());
    assert_eq!(added.header("location"), path);
    let showtime = added.data();
    for field in ["date", "time", "screen", "movies", "capacity"] {
        assert_eq!(showtime[field], body[field], "{field}");
    }
    assert!(showtime["createdon"].is_string());
    assert_eq!(cinema.get(&path).await.expect(200).data(), showtime);

    cinema.delete(&path).await.expect(204);
    cinema.get(&path).await.problem(404);
    cinema.delete(&path).await.problem(404);
}

#[tokio::test]
async fn what_is_optional_is_left_out() {
    let cinema = shared();
    let film = film(&cinema).await;
    let id = cinema.showtime(&day(), &[&film], None).await;
    let showtime = cinema
        .get(&format!("/showtimes/{id}"))
        .await
        .expect(200)
        .data();
    for field in ["time", "screen", "capacity"] {
        assert!(showtime.get(field).is_none(), "{showtime}");
    }
}

#[tokio::test]
async fn every_fault_of_a_showtime_is_told_at_once() {
    let cinema = shared();
    let film = film(&cinema).await;
    let movies = [film.as_str()];
    let day = day();
    for (body, faults) in [
        (json!({}), vec!["date", "movies"]),
        (
            json!({"date": "2030-02-30", "movies": [], "time": "25:00", "capacity": 0}),
            vec!["capacity", "date", "movies", "time"],
        ),
        (
            json!({"date": 20300101, "movies": film, "time": 20, "screen": 1, "capacity": "40"}),
            vec!["capacity", "date", "movies", "screen", "time"],
        ),
        (json!({"date": "2030-1-5", "movies": movies}), vec!["date"]),
        (
            json!({"date": "30-01-2005", "movies": movies}),
            vec!["date"],
        ),
        (
            json!({"date": day, "movies": movies, "time": "7:30"}),
            vec!["time"],
        ),
        (
            json!({"date": day, "movies": movies, "time": "20:60"}),
            vec!["time"],
        ),
        (
            json!({"date": day, "movies": movies, "capacity": 10001}),
            vec!["capacity"],
        ),
        (
            json!({"date": day, "movies": movies, "capacity": 1.5}),
            vec!["capacity"],
        ),
        (
            json!({"date": day, "movies": movies, "capacity": -1}),
            vec!["capacity"],
        ),
        (json!({"date": day, "movies": [film, film]}), vec!["movies"]),
        (
            json!({"date": day, "movies": [film, film.to_uppercase()]}),
            vec!["movies"],
        ),
        (json!({"date": day, "movies": ["nonsense"]}), vec!["movies"]),
        (json!({"date": day, "movies": [1]}), vec!["movies"]),
        (
            json!({"date": day, "movies": [film, NOBODY]}),
            vec!["movies"],
        ),
        (
            json!({"date": "never", "movies": [NOBODY]}),
            vec!["date", "movies"],
        ),
    ] {
        let answer = cinema.post("/showtimes", &body).await;
        let told: Vec<_> = answer
            .faults()
            .iter()
            .map(|field| field.split(['[', '.']).next().unwrap().to_owned())
            .collect();
        assert_eq!(told, faults, "{body}");
    }
    assert!(
        cinema
            .get(&format!("/showtimes/{day}"))
            .await
            .expect(200)
            .list()
            .is_empty()
    );
}

#[tokio::test]
async fn a_showtime_has_fifty_films_at_most_and_each_exists() {
    let cinema = shared();
    let mut films = Vec::new();
    for _ in 0..51 {
        films.push(film(&cinema).await);
    }
    let body = json!({"date": day(), "movies": films});
    assert_eq!(cinema.post("/showtimes", &body).await.faults(), ["movies"]);
    films.pop();
    let body = json!({"date": day(), "movies": films, "capacity": 10000});
    let added = cinema.post("/showtimes", &body).await.expect(201).data();
    assert_eq!(added["movies"], json!(films));

    // A film that was deleted exists no more.
    cinema
        .delete(&format!("/movies/{}", films[7]))
        .await
        .expect(204);
    assert_eq!(
        cinema.post("/showtimes", &body).await.faults(),
        ["movies[7]"]
    );
}

#[tokio::test]
async fn a_day_has_a_list() {
    let cinema = shared();
    let (film, day) = (film(&cinema).await, day());
    let path = format!("/showtimes/{day}");
    let empty = cinema.get(&path).await.expect(200);
    assert!(empty.list().is_empty() && empty.next().is_none());
    let first = cinema.showtime(&day, &[&film], None).await;
    let second = cinema.showtime(&day, &[&film], Some(5)).await;
    let list = cinema.get(&path).await.expect(200).list();
    assert_eq!(ids(&list), [first.as_str(), second.as_str()]);
    let page = cinema.get(&format!("{path}?limit=1")).await.expect(200);
    assert_eq!(ids(&page.list()), [first.as_str()]);
    let rest = cinema.get(&page.next().unwrap()).await.expect(200);
    assert_eq!(ids(&rest.list()), [second.as_str()]);

    for bad in ["2030-02-30", "2030-13-01", "2030-1-1", "today", "20300101"] {
        cinema.get(&format!("/showtimes/{bad}")).await.problem(400);
    }
}

#[tokio::test]
async fn showtimes_are_found_by_date_span_and_film() {
    let cinema = shared();
    let (film, other) = (film(&cinema).await, film(&cinema).await);
    let mut all = Vec::new();
    for day in ["1931-03-01", "1931-03-02", "1931-03-03"] {
        all.push(cinema.showtime(day, &[&film, &other], None).await);
    }
    let search = async |query: &str| {
        let found = cinema
            .all(&format!("/showtimes?movie={film}&{query}"))
            .await;
        let of = |id: &&str| all.iter().position(|known| known == id).unwrap();
        ids(&found).iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(search("").await, [0, 1, 2]);
    assert_eq!(search("date=1931-03-02").await, [1]);
    assert_eq!(search("from=1931-03-02").await, [1, 2]);
    assert_eq!(search("to=1931-03-02").await, [0, 1]);
    assert_eq!(search("from=1931-03-02&to=1931-03-02").await, [1]);
    assert_eq!(search("from=1931-03-03&to=1931-03-01").await, [0; 0]);
    assert_eq!(search("date=1931-03-01&from=1931-03-02").await, [0; 0]);
    assert_eq!(search("limit=1").await, [0, 1, 2]);
    // Made last, and on before all of them.
    let soonest = cinema.showtime("1931-02-28", &[&film], None).await;
    let path = format!("/showtimes?movie={film}&order=date&limit=2");
    let page = cinema.get(&path).await.expect(200);
    assert_eq!(ids(&page.list()), [&soonest, &all[0]]);
    assert!(page.next().is_none(), "one page");
    assert!(
        cinema
            .get(&format!("/showtimes?movie={NOBODY}"))
            .await
            .expect(200)
            .list()
            .is_empty()
    );
    for bad in [
        "date=today",
        "date=",
        "from=1931-02-29",
        "to=x",
        "movie=x",
        "movie=",
        "order=id",
        &format!("order=date&after={soonest}"),
    ] {
        cinema.get(&format!("/showtimes?{bad}")).await.problem(400);
    }
}

#[tokio::test]
async fn a_showtime_outlives_its_films() {
    let cinema = shared();
    let film = film(&cinema).await;
    let path = format!(
        "/showtimes/{}",
        cinema.showtime(&day(), &[&film], None).await
    );
    cinema.delete(&format!("/movies/{film}")).await.expect(204);
    assert_eq!(
        cinema.get(&path).await.expect(200).data()["movies"],
        json!([film])
    );
}

#[tokio::test]
async fn showtimes_know_their_methods_bodies_and_ids() {
    let cinema = shared();
    let one = format!("/showtimes/{NOBODY}");
    let answer = cinema.send(cinema.request("PUT", "/showtimes")).await;
    assert_eq!(answer.allowed(), ["GET", "HEAD", "POST"]);
    for method in ["PUT", "POST", "PATCH"] {
        let answer = cinema.send(cinema.request(method, &one)).await;
        assert_eq!(answer.allowed(), ["DELETE", "GET", "HEAD"], "{method}");
    }
    cinema.refuses_malformed("/showtimes").await;
}
