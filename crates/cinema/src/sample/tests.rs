//! Loading, against a cinema in memory that answers as the services do.
#![allow(clippy::unwrap_used)]

use super::{
    Client, Staff,
    data::SampleData,
    load::{Report, load},
    web_address,
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
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
    /// The one who may sign in, with the password: a login gives the token `t<number>`, and no other is believed.
    staff: Option<(String, String)>,
    token: u32,
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
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cinema = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let cinema = cinema.clone();
                let service = service_fn(move |request| cinema.clone().answer(request));
                tokio::spawn(async move {
                    auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await
                });
            }
        });
        Client::new(format!("http://{address}/").parse().unwrap()).unwrap()
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let mut inside = self.inside();
        if let Some((status, retry_after)) = inside.failures.pop() {
            let problem =
                json!({"detail": "no", "errors": [{"field": "title", "message": "too long"}]});
            let mut answer = json_answer(status, &problem);
            answer
                .headers_mut()
                .insert("retry-after", retry_after.parse().unwrap());
            return Ok(answer);
        }
        let collection = head.uri.path().trim_start_matches('/').to_owned();
        if collection == "auth/login" {
            return Ok(inside.login(&serde_json::from_slice(&body).unwrap()));
        }
        let authorization = head.headers.get("authorization");
        let believed = format!("Bearer t{}", inside.token);
        if authorization.is_some_and(|given| given != believed.as_str()) {
            return Ok(json_answer(
                StatusCode::UNAUTHORIZED,
                &json!({"detail": "expired"}),
            ));
        }
        Ok(if head.method == Method::GET {
            json_answer(
                StatusCode::OK,
                &inside.page(&collection, head.uri.query().unwrap_or_default()),
            )
        } else {
            let key = head
                .headers
                .get("idempotency-key")
                .map(|key| key.to_str().unwrap().to_owned());
            inside.create(collection, key, serde_json::from_slice(&body).unwrap())
        })
    }
}

impl Inside {
    /// Pages of two, so that there are several.
    fn page(&self, collection: &str, query: &str) -> Value {
        let after = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("after="));
        let after: usize = after.map_or(0, |id| id.parse().unwrap());
        let items = self
            .collections
            .get(collection)
            .map_or(&[][..], Vec::as_slice);
        let page: Vec<&Value> = items.iter().skip(after).take(2).collect();
        let mut answer = json!({ "data": page });
        if after + 2 < items.len() {
            answer["next"] = json!(format!("/{collection}?after={}&limit=2", after + 2));
        }
        answer
    }

    fn login(&self, body: &Value) -> Response<Full<Bytes>> {
        let known = self.staff.as_ref().is_some_and(|(username, password)| {
            body == &json!({"username": username, "password": password})
        });
        if known {
            let token = format!("t{}", self.token);
            json_answer(StatusCode::OK, &json!({ "access_token": token }))
        } else {
            json_answer(StatusCode::UNAUTHORIZED, &json!({"detail": "wrong"}))
        }
    }

    fn create(
        &mut self,
        collection: String,
        key: Option<String>,
        mut body: Value,
    ) -> Response<Full<Bytes>> {
        if collection == "bookings" {
            self.keys.extend(key);
            if self.sold_out {
                return json_answer(StatusCode::CONFLICT, &json!({"detail": "sold out"}));
            }
        }
        if collection == "users" && body["username"] == "boss" {
            if self.staff.is_some() {
                return json_answer(StatusCode::CONFLICT, &json!({"detail": "taken"}));
            }
            let password = body["password"].as_str().unwrap().to_owned();
            self.staff = Some(("boss".to_owned(), password));
        }
        let items = self.collections.entry(collection).or_default();
        body["id"] = json!(format!("{:024x}", items.len()));
        items.push(body.clone());
        json_answer(StatusCode::CREATED, &json!({ "data": body }))
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .body(Full::from(body.to_string()))
        .unwrap()
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

fn boss(password: &str) -> Staff {
    Staff {
        username: "boss".to_owned(),
        password: password.to_owned(),
    }
}

#[tokio::test]
async fn the_first_of_the_staff_signs_up_once_and_in_as_often_as_it_takes() {
    let cinema = Cinema::default();
    let client = cinema.start().await.sign_in(boss("s3cret")).await.unwrap();
    assert_eq!(cinema.count("users"), 1);
    let films = async || client.all::<Value>("/movies").await;
    films().await.unwrap();
    // The token expires, and the next request has another.
    cinema.inside().token += 1;
    films().await.unwrap();
    client
        .create::<_, Value>("/movies", &json!({"title": "A"}), None)
        .await
        .unwrap();
    let again = cinema.start().await.sign_in(boss("s3cret")).await.unwrap();
    again.all::<Value>("/movies").await.unwrap();
    assert_eq!(cinema.count("users"), 1);
}

#[tokio::test]
async fn who_cannot_sign_in_is_told_so_without_the_password() {
    let cinema = Cinema::default();
    cinema.inside().staff = Some(("boss".to_owned(), "another".to_owned()));
    let error = cinema.start().await.sign_in(boss("s3cret")).await;
    let error = format!("{:?}", error.unwrap_err());
    assert!(error.contains("boss cannot sign in") && error.contains("wrong"));
    assert!(!error.contains("s3cret") && !format!("{:?}", boss("s3cret")).contains("s3cret"));
}

#[tokio::test]
async fn users_of_the_sample_have_passwords_of_their_own() {
    let (cinema, data) = (Cinema::default(), data());
    load(&cinema.start().await, &data, &ProgressBar::hidden())
        .await
        .unwrap();
    let inside = cinema.inside();
    let passwords: HashSet<_> = inside.collections["users"]
        .iter()
        .map(|user| user["password"].as_str().unwrap())
        .collect();
    assert_eq!(passwords.len(), data.users.len());
    assert!(passwords.iter().all(|password| password.len() == 24));
}

#[test]
fn web_addresses() {
    assert_eq!(
        web_address("https://example.com/base").unwrap().path(),
        "/base"
    );
    for text in ["", "127.0.0.1:3000", "localhost:3000", "ftp://example.com"] {
        assert!(
            web_address(text)
                .unwrap_err()
                .contains("http://127.0.0.1:3000"),
            "{text}"
        );
    }
}
