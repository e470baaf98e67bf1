//! What every error looks like, and `HEAD` wherever `GET` is.

use cinema_tests::{NOBODY, day, shared, tag};
use serde_json::{Value, json};

#[tokio::test]
async fn an_error_names_where_it_happened() {
    let cinema = shared();
    for service in ["movies", "showtimes", "bookings", "users"] {
        let path = format!("/{service}/{NOBODY}");
        let problem = cinema.get(&path).await.problem(404);
        assert!(
            problem["instance"].as_str().unwrap().starts_with(&path),
            "{problem}"
        );
        let problem = cinema
            .get(&format!("/{service}?limit=0"))
            .await
            .problem(400);
        assert!(
            problem["detail"].as_str().unwrap().contains("limit"),
            "says what is wrong: {problem}"
        );
    }
}

#[tokio::test]
async fn no_such_route_is_404() {
    let cinema = shared();
    for service in ["movies", "showtimes", "bookings", "users", "auth"] {
        for rest in ["x/y", "x/y/z", &format!("{NOBODY}/nothing"), "healthz/x"] {
            cinema.get(&format!("/{service}/{rest}")).await.problem(404);
            let post = cinema
                .send(cinema.request("POST", &format!("/{service}/{rest}")))
                .await;
            assert_eq!(post.status, 404);
        }
    }
    for path in [
        "/nothing",
        "/moviesx",
        "/action/find",
        "/data-api",
        "/recommender",
    ] {
        assert_eq!(cinema.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn storage_is_nobodys_to_reach_from_outside() {
    let cinema = shared();
    let body =
        json!({"dataSource": "cinema", "database": "cinema", "collection": "users", "filter": {}});
    for path in ["/action/find", "/data-api/action/find", "/v1/action/find"] {
        let request = cinema
            .request("POST", path)
            .header("host", "data-api.spin.internal")
            .json(&body);
        assert_eq!(cinema.send(request).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let cinema = shared();
    let film = cinema.film("Head", &tag(), 5.0).await;
    let day = day();
    let showtime = cinema.showtime(&day, &[&film], None).await;
    let user = cinema.user(&tag()).await;
    let booking = cinema.booking(&user, &showtime, &[&film], 1).await;
    for path in [
        format!("/movies/{film}"),
        format!("/movies?ids={film}"),
        format!("/showtimes/{showtime}"),
        format!("/showtimes/{day}"),
        format!("/bookings/{booking}"),
        format!("/users/{user}"),
        format!("/users/{user}/bookings"),
        format!("/users/{user}/suggested"),
        "/movies/healthz".to_owned(),
        "/movies/healthy".to_owned(),
        format!("/movies/{NOBODY}"),
        "/movies/x".to_owned(),
        "/movies?limit=0".to_owned(),
    ] {
        let get = cinema.get(&path).await;
        let head = cinema.send(cinema.request("HEAD", &path)).await;
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_problem_says_nothing_of_the_inside() {
    let cinema = shared();
    let answers = [
        cinema.get("/movies/x").await,
        cinema.get("/movies?min_rating=x").await,
        cinema
            .post(
                "/movies",
                &json!({"title": {"$gt": ""}, "director": "x", "rating": 5}),
            )
            .await,
        cinema.post_as("/movies", "application/json", "{").await,
        cinema
            .post(
                "/showtimes",
                &json!({"date": "2030-01-01", "movies": [NOBODY]}),
            )
            .await,
    ];
    for answer in answers {
        // `problem` looks for what must not be there.
        let problem = answer.problem(answer.status);
        let members: Vec<_> = problem
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        for member in members {
            assert!(
                ["type", "title", "status", "detail", "instance", "errors"].contains(&member),
                "{problem}"
            );
        }
        if let Some(Value::Array(errors)) = problem.get("errors") {
            assert!(
                errors
                    .iter()
                    .all(|error| error["field"].is_string() && error["message"].is_string())
            );
        }
    }
}
