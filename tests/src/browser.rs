//! A browser without scripts: it keeps cookies, follows nothing by itself, and sends forms with what their pages say.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::{Client, redirect::Policy};

use crate::{Answer, cookies::set_by, staff};

/// Somebody who looks at the website.
pub struct Browser {
    base: String,
    http: Client,
    cookies: Mutex<BTreeMap<String, String>>,
    language: &'static str,
}

/// A page, or whatever came in its place.
pub struct Page(pub Answer);

impl Browser {
    /// Somebody new at the cinema at `base`, who reads English.
    pub fn new(base: &str) -> Self {
        let http = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(60));
        Self {
            base: base.trim_end_matches('/').to_owned(),
            http: http.build().unwrap(),
            cookies: Mutex::default(),
            language: "en",
        }
    }

    /// The same, and they read this.
    pub fn reading(self, language: &'static str) -> Self {
        Self { language, ..self }
    }

    /// The value of a cookie, if it has it.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Has a cookie, in place of what it had.
    pub fn keep(&self, name: &str, value: &str) {
        self.cookies
            .lock()
            .unwrap()
            .insert(name.to_owned(), value.to_owned());
    }

    /// Drops a cookie, as at its end.
    pub fn drop(&self, name: &str) {
        self.cookies.lock().unwrap().remove(name);
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Page {
        self.send("GET", path, None).await
    }

    /// `POST` of a form's fields.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let encoded = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        self.send("POST", path, Some(encoded.collect::<Vec<_>>().join("&")))
            .await
    }

    async fn send(&self, method: &str, path: &str, body: Option<String>) -> Page {
        let mut request = self
            .http
            .request(method.parse().unwrap(), format!("{}{path}", self.base));
        request = request
            .header("accept", "text/html,*/*;q=0.8")
            .header("accept-language", self.language);
        let cookies: Vec<_> = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap().to_vec();
        let answer = Answer {
            asked: format!("{method} {path}"),
            status,
            headers,
            body,
        };
        for cookie in set_by(&answer) {
            if cookie
                .attributes
                .iter()
                .any(|attribute| attribute == "max-age=0")
            {
                self.drop(&cookie.name);
            } else {
                self.keep(&cookie.name, &cookie.value);
            }
        }
        Page(answer)
    }

    /// Signs up by the form, and is signed in.
    pub async fn sign_up(&self, username: &str) {
        let token = self.get("/sign-up").await.token();
        let fields = [
            ("csrf", token.as_str()),
            ("username", username),
            ("firstname", "Ada"),
            ("lastname", "Okafor"),
            ("password", staff::password()),
        ];
        self.post("/sign-up", &fields).await.leads_to("/");
    }
}

/// A text as a form sends it.
pub fn encoded(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if kept(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

impl Page {
    /// Its text.
    pub fn html(&self) -> String {
        String::from_utf8(self.0.body.clone()).unwrap()
    }

    /// The page, which has this status.
    #[track_caller]
    pub fn shows(self, status: u16) -> Self {
        assert_eq!(self.0.status, status, "{}: {}", self.0.asked, self.html());
        assert_eq!(
            self.0.header("content-type"),
            "text/html; charset=utf-8",
            "{}",
            self.0.asked
        );
        self
    }

    /// Asserts that it leads on to this path.
    #[track_caller]
    pub fn leads_to(&self, path: &str) {
        assert_eq!(
            (self.0.status, self.0.header("location")),
            (303, path),
            "{}: {}",
            self.0.asked,
            self.html()
        );
    }

    /// Whether it has this in it, as it is written.
    pub fn has(&self, text: &str) -> bool {
        self.html().contains(text)
    }

    /// The value of the first field of its main part with this name.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let html = self.html();
        let main = html
            .split_once("<main")
            .map_or(html.as_str(), |(_, main)| main);
        let (_, rest) = main
            .split_once(&format!("name=\"{name}\""))
            .unwrap_or_else(|| panic!("no field {name}: {main}"));
        let (_, value) = rest.split_once("value=\"").unwrap();
        value.split('"').next().unwrap().to_owned()
    }

    /// What its forms prove by where they come from.
    #[track_caller]
    pub fn token(&self) -> String {
        self.field("csrf")
    }
}
