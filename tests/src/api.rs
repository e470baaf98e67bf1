//! A client of the cinema, and what every answer must look like.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use data_api_client::Moment;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Request, RequestBuilder};
use serde_json::{Value, json};

use crate::staff;

/// An id that nothing has.
pub const NOBODY: &str = "000000000000000000000000";

/// A client of one running cinema, signed in as somebody or as nobody.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    http: Client,
    who: Who,
}

/// As whom a client sends its requests.
#[derive(Debug, Clone)]
enum Who {
    Stranger,
    Staff(staff::Token),
    Bearer(String),
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// What was asked, for messages.
    pub asked: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// A word that no other test and no earlier run has used, to tell one's own data from what else is stored.
pub fn tag() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("t{now:x}-{:x}-{count:x}", std::process::id())
}

/// A day to come that no other test uses: tests share a store, and a day's programme is the whole day's.
pub fn day() -> String {
    const DAYS: u64 = 3500;
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // Where the days begin, so that other runs against the same instance hardly meet it.
    let run = u64::from(std::process::id()) * 37;
    let day = (run + COUNT.fetch_add(1, Ordering::Relaxed)) % DAYS;
    in_days(30 + i64::try_from(day).unwrap())
}

/// The day so many days from today, in UTC.
pub fn in_days(days: i64) -> String {
    Moment::now().day().plus_days(days).to_string()
}

/// Waits until what changed on the programme is known to who suggests films, as long as the description says.
pub async fn programme_known() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

impl Api {
    /// A stranger's client of the cinema at `base`, such as `http://127.0.0.1:3000`.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            http: http(),
            who: Who::Stranger,
        }
    }

    /// A client of the cinema at `base` for those who run it.
    pub(crate) fn staff(base: &str, token: staff::Token) -> Self {
        Self {
            who: Who::Staff(token),
            ..Self::new(base)
        }
    }

    /// The same without a token.
    pub fn anonymous(&self) -> Self {
        Self {
            who: Who::Stranger,
            ..self.clone()
        }
    }

    /// The same with this access token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            who: Who::Bearer(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same with connections of its own, as another machine would have.
    pub fn apart(&self) -> Self {
        Self {
            http: http(),
            ..self.clone()
        }
    }

    /// What `Authorization` says in this client's requests, for those made by hand.
    pub async fn authorization(&self) -> Option<String> {
        let token = match &self.who {
            Who::Stranger => return None,
            Who::Staff(token) => &token.get(self).await,
            Who::Bearer(token) => token,
        };
        Some(format!("Bearer {token}"))
    }

    /// Host and port, for connections made by hand.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// A request to be sent by [`Api::send`], which adds the token unless the request has an `Authorization` of its own.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request. There must be an answer, whatever its status.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// Sends a request that may find nobody there.
    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let mut request = request.build()?;
        if !request.headers().contains_key(AUTHORIZATION)
            && let Some(value) = self.authorization().await
        {
            let value = HeaderValue::try_from(value).unwrap();
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        self.execute(request).await
    }

    /// Sends a request as it is.
    pub(crate) async fn execute(&self, request: Request) -> reqwest::Result<Answer> {
        let asked = format!("{} {}", request.method(), request.url());
        let response = self.http.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        Ok(Answer {
            asked,
            status,
            headers,
            body,
        })
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).json(body)).await
    }

    /// `PATCH` with a JSON merge patch.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("PATCH", path).json(body)).await
    }

    /// `POST` of any bytes as any type.
    pub async fn post_as(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let request = self
            .request("POST", path)
            .header("content-type", content_type)
            .body(body.into());
        self.send(request).await
    }

    /// Asserts what every service with a list and items answers to bodies and ids that are none.
    pub async fn refuses_malformed(&self, list: &str) {
        self.get(&format!("{list}/{NOBODY}")).await.problem(404);
        self.get(&format!("{list}/x")).await.problem(400);
        self.delete(&format!("{list}/x")).await.problem(400);
        for (content_type, body, status) in [
            ("application/json", "[".to_owned(), 400),
            ("text/html", "{}".to_owned(), 415),
            ("application/json", " ".repeat(1024 * 1024 + 1), 413),
        ] {
            self.post_as(list, content_type, body).await.problem(status);
        }
    }

    /// A whole list: `next` is followed, exactly as given, to the end.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut next = Some(path.to_owned());
        let mut pages = 0;
        while let Some(path) = next {
            let page = self.get(&path).await.expect(200).json();
            all.extend(page["data"].as_array().unwrap().iter().cloned());
            next = page
                .get("next")
                .map(|next| next.as_str().unwrap().to_owned());
            pages += 1;
            assert!(pages < 10_000, "a list without an end: {path}");
        }
        all
    }

    /// Adds a film, and gives its id.
    pub async fn film(&self, title: &str, director: &str, rating: f64) -> String {
        let body = json!({"title": title, "director": director, "rating": rating});
        self.post("/movies", &body).await.expect(201).id()
    }

    /// Adds a showtime, and gives its id.
    pub async fn showtime(&self, date: &str, movies: &[&str], capacity: Option<u32>) -> String {
        let mut body = json!({"date": date, "movies": movies});
        if let Some(capacity) = capacity {
            body["capacity"] = json!(capacity);
        }
        self.post("/showtimes", &body).await.expect(201).id()
    }

    /// Adds a user, and gives its id.
    pub async fn user(&self, username: &str) -> String {
        (self.post("/users", &person(username)).await.expect(201)).id()
    }

    /// Books, and gives the booking's id.
    pub async fn booking(&self, user: &str, showtime: &str, movies: &[&str], seats: u32) -> String {
        let body = booking(user, showtime, movies, seats);
        self.post("/bookings", &body).await.expect(201).id()
    }
}

fn http() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}

/// The body of a sign-up, with the password that all of this run's users have.
pub fn person(username: &str) -> Value {
    json!({"username": username, "firstname": "Ada", "lastname": "Okafor", "password": staff::password()})
}

/// The body of a booking.
pub fn booking(user: &str, showtime: &str, movies: &[&str], seats: u32) -> Value {
    json!({"userid": user, "showtimeid": showtime, "movies": movies, "seats": seats})
}

/// The ids of a list, in its order.
pub fn ids(list: &[Value]) -> Vec<&str> {
    list.iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect()
}

impl Answer {
    /// The answer itself when it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.describe());
        self
    }

    /// A header's value, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// The body as JSON, which says so in its content type.
    #[track_caller]
    pub fn json(&self) -> Value {
        let kind = self.header("content-type");
        assert!(
            kind.starts_with("application/json"),
            "{kind:?}: {}",
            self.describe()
        );
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.describe()))
    }

    /// What is under `data`.
    #[track_caller]
    pub fn data(&self) -> Value {
        let mut json = self.json();
        assert!(json.get("data").is_some(), "{}", self.describe());
        json["data"].take()
    }

    /// The things of a list.
    #[track_caller]
    pub fn list(&self) -> Vec<Value> {
        match self.data() {
            Value::Array(list) => list,
            other => panic!("no list: {other}"),
        }
    }

    /// The path of the next page.
    #[track_caller]
    pub fn next(&self) -> Option<String> {
        self.json()
            .get("next")
            .map(|next| next.as_str().unwrap().to_owned())
    }

    /// The id of the one thing given: 24 hex digits.
    #[track_caller]
    pub fn id(&self) -> String {
        let id = self.data()["id"].as_str().unwrap_or_default().to_owned();
        let is_id = id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_id, "no id: {}", self.describe());
        id
    }

    /// The problem of an error answer with this status, by RFC 9457 and with nothing of the inside in it.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.describe());
        let kind = self.header("content-type");
        assert!(
            kind.starts_with("application/problem+json"),
            "{kind:?}: {}",
            self.describe()
        );
        let problem: Value =
            serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.describe()));
        for member in ["type", "title", "detail", "instance"] {
            assert!(
                problem[member].is_string(),
                "no `{member}`: {}",
                self.describe()
            );
        }
        assert_eq!(problem["status"], json!(status), "{}", self.describe());
        assert_eq!(
            problem.get("errors").is_some(),
            status == 422,
            "{}",
            self.describe()
        );
        for inside in [
            "panicked",
            ".rs:",
            "RUST_BACKTRACE",
            "/src/",
            "spin.internal",
            "dataSource",
        ] {
            assert!(!problem.to_string().contains(inside), "{}", self.describe());
        }
        if matches!(status, 429 | 503) {
            let wait = self.header("retry-after");
            assert!(
                wait.parse::<u32>().is_ok(),
                "Retry-After {wait:?}: {}",
                self.describe()
            );
        }
        if status == 401 {
            let challenge = self.header("www-authenticate");
            assert!(challenge.starts_with("Bearer"), "{}", self.describe());
        }
        problem
    }

    /// The fields at fault of a 422, each once, in the alphabet's order.
    #[track_caller]
    pub fn faults(&self) -> Vec<String> {
        let problem = self.problem(422);
        let errors = problem["errors"].as_array().unwrap();
        assert!(!errors.is_empty(), "{}", self.describe());
        let mut fields = Vec::new();
        for error in errors {
            let message = error["message"].as_str().unwrap_or_default();
            assert!(!message.is_empty(), "{}", self.describe());
            fields.push(error["field"].as_str().unwrap().to_owned());
        }
        fields.sort();
        fields.dedup();
        fields
    }

    /// The methods of a 405's `Allow`, in the alphabet's order.
    #[track_caller]
    pub fn allowed(&self) -> Vec<String> {
        self.problem(405);
        let mut methods: Vec<_> = self
            .header("allow")
            .split(',')
            .map(|method| method.trim().to_owned())
            .collect();
        methods.sort();
        methods
    }

    fn describe(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let body: String = body.chars().take(2000).collect();
        format!(
            "{} -> {} {:?}\n{body}",
            self.asked, self.status, self.headers
        )
    }
}
