//! Loading, against a cinema in memory that answers as the services do.
#![allow(clippy::unwrap_used)]

use super::*;
use axum::{
    Json, Router,
    extract::{Path as PathParameter, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::get,
};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use time::macros::date;

/// What there is, by collection, and what is to go wrong.
#[derive(Default)]
struct Inside {
    collections: HashMap<String, Vec<Value>>,
    keys: Vec<String>,
    /// The next requests are answered with these.
    failures: Vec<(StatusCode, &'static str)>,
    sold_out: bool,
}

#[derive(Clone, Default)]
struct Cinema(Arc<Mutex<Inside>>);

impl Cinema {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    fn count(&self, collection: &str) -> usize {
        self.inside()
            .collections
            .get(collection)
            .map_or(0, Vec::len)
    }

    async fn start(&self) -> Client {
        let routes = Router::new()
            .route("/{collection}", get(list).post(create))
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Client::new(format!("http://{address}/").parse().unwrap()).unwrap()
    }
}

/// Pages of two, so that there are several.
async fn list(
    State(cinema): State<Cinema>,
    PathParameter(collection): PathParameter<String>,
    uri: Uri,
) -> Response {
    if let Some(failure) = cinema.inside().failures.pop() {
        return failed(failure);
    }
    let after = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("after="));
    let after: usize = after.map_or(0, |id| id.parse().unwrap());
    let inside = cinema.inside();
    let items = inside
        .collections
        .get(&collection)
        .cloned()
        .unwrap_or_default();
    let page: Vec<Value> = items.iter().skip(after).take(2).cloned().collect();
    let mut answer = json!({ "data": page });
    if after + 2 < items.len() {
        answer["next"] = json!(format!("/{collection}?after={}&limit=2", after + 2));
    }
    Json(answer).into_response()
}

async fn create(
    State(cinema): State<Cinema>,
    PathParameter(collection): PathParameter<String>,
    headers: HeaderMap,
    Json(mut body): Json<Value>,
) -> Response {
    let mut inside = cinema.inside();
    if let Some(failure) = inside.failures.pop() {
        return failed(failure);
    }
    if collection == "bookings" {
        inside
            .keys
            .push(headers["idempotency-key"].to_str().unwrap().to_owned());
        if inside.sold_out {
            return (StatusCode::CONFLICT, Json(json!({"detail": "sold out"}))).into_response();
        }
    }
    let items = inside.collections.entry(collection).or_default();
    body["id"] = json!(format!("{:024x}", items.len()));
    items.push(body.clone());
    (StatusCode::CREATED, Json(json!({ "data": body }))).into_response()
}

fn failed((status, retry_after): (StatusCode, &'static str)) -> Response {
    let problem = json!({"detail": "no", "errors": [{"field": "title", "message": "too long"}]});
    (status, [("retry-after", retry_after)], Json(problem)).into_response()
}

fn data() -> SampleData {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    SampleData::read(&folder, date!(2026 - 12 - 30)).unwrap()
}

#[tokio::test]
async fn everything_is_made_once_however_often_it_is_loaded() {
    let (cinema, data) = (Cinema::default(), data());
    let client = cinema.start().await;
    let progress = ProgressBar::hidden();
    let report = load(&client, &data, &progress).await.unwrap();
    assert_eq!(
        report,
        Report {
            made: data.len(),
            there: 0,
            sold_out: 0
        }
    );
    assert_eq!(progress.position(), data.len() as u64);
    assert_eq!(cinema.count("movies"), data.movies.len());
    assert_eq!(cinema.count("bookings"), data.bookings.len());

    let report = load(&client, &data, &ProgressBar::hidden()).await.unwrap();
    assert_eq!(
        report,
        Report {
            made: 0,
            there: data.len(),
            sold_out: 0
        }
    );
    assert_eq!(cinema.count("movies"), data.movies.len());
    assert_eq!(cinema.count("bookings"), data.bookings.len());

    cinema
        .inside()
        .collections
        .get_mut("bookings")
        .unwrap()
        .pop();
    let report = load(&client, &data, &ProgressBar::hidden()).await.unwrap();
    assert_eq!((report.made, report.there), (1, data.len() - 1));
}

#[tokio::test]
async fn references_become_ids_and_each_booking_has_its_key() {
    let (cinema, data) = (Cinema::default(), data());
    load(&cinema.start().await, &data, &ProgressBar::hidden())
        .await
        .unwrap();
    let inside = cinema.inside();
    let showtimes = &inside.collections["showtimes"];
    for booking in &inside.collections["bookings"] {
        let showtime = showtimes
            .iter()
            .find(|showtime| showtime["id"] == booking["showtimeid"])
            .unwrap();
        let shown = showtime["movies"].as_array().unwrap();
        let booked = booking["movies"].as_array().unwrap();
        assert!(!booked.is_empty() && booked.iter().all(|movie| shown.contains(movie)));
    }
    let mut keys = inside.keys.clone();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), data.bookings.len());
    assert!(keys.iter().all(|key| key.len() <= 128));
}

#[tokio::test]
async fn a_busy_server_is_given_the_time_it_asks_for() {
    let cinema = Cinema::default();
    let client = cinema.start().await;
    cinema.inside().failures = vec![
        (StatusCode::SERVICE_UNAVAILABLE, "1"),
        (
            StatusCode::TOO_MANY_REQUESTS,
            "Sun, 06 Nov 1994 08:49:37 GMT",
        ),
    ];
    let start = Instant::now();
    let films: Vec<Value> = client.all("/movies").await.unwrap();
    assert!(films.is_empty());
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn what_goes_wrong_is_told() {
    let (cinema, data) = (Cinema::default(), data());
    let client = cinema.start().await;
    cinema.inside().failures = vec![(StatusCode::UNPROCESSABLE_ENTITY, "0")];
    let error = load(&client, &data, &ProgressBar::hidden())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("GET /movies") && error.contains("422") && error.contains("title: too long"),
        "{error}"
    );

    cinema.inside().sold_out = true;
    let report = load(&client, &data, &ProgressBar::hidden()).await.unwrap();
    assert_eq!(report.sold_out, data.bookings.len());
    assert_eq!(report.made, data.len() - data.bookings.len());

    let nobody = Client::new("http://127.0.0.1:1".parse().unwrap()).unwrap();
    let error = load(&nobody, &data, &ProgressBar::hidden())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("http://127.0.0.1:1") && error.contains("make up"),
        "{error}"
    );
}
