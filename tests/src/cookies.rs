//! What a browser keeps: the cookies it is signed in by.

use reqwest::RequestBuilder;
use serde_json::json;

use crate::{Answer, Api, staff};

/// A cookie that an answer sets.
#[derive(Debug, Clone)]
pub struct SetCookie {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// The attributes, in lower case and in the alphabet's order.
    pub attributes: Vec<String>,
}

/// The cookies that an answer sets, in its order.
pub fn set_by(answer: &Answer) -> Vec<SetCookie> {
    let lines = answer.headers.get_all("set-cookie").iter();
    lines
        .map(|line| {
            let mut parts = line.to_str().unwrap().split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let mut attributes: Vec<_> = parts.map(str::to_lowercase).collect();
            attributes.sort();
            SetCookie {
                name: name.to_owned(),
                value: value.to_owned(),
                attributes,
            }
        })
        .collect()
}

/// Somebody signed in by cookies.
#[derive(Debug, Clone)]
pub struct Session {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// The CSRF token.
    pub csrf: String,
}

impl Session {
    /// The one that a login or a refresh begins.
    #[track_caller]
    pub fn of(answer: Answer) -> Self {
        let answer = answer.expect(200);
        let set = set_by(&answer);
        let value = |name: &str| {
            let mut named = set.iter().filter(|cookie| cookie.name == name);
            let cookie = named.next().unwrap_or_else(|| panic!("no {name}: {set:?}"));
            assert!(named.next().is_none(), "{name} is set twice: {set:?}");
            cookie.value.clone()
        };
        Self {
            access: value("cinema_access"),
            refresh: value("cinema_refresh"),
            csrf: value("cinema_csrf"),
        }
    }

    /// Signs in somebody who signed up in this run.
    pub async fn begin(api: &Api, username: &str) -> Self {
        Self::of(login(api, username).await)
    }

    /// A request that a browser sends, from a page that knows no CSRF token.
    pub fn request(&self, api: &Api, method: &str, path: &str) -> RequestBuilder {
        let Self {
            access,
            refresh,
            csrf,
        } = self;
        let cookies =
            format!("cinema_csrf={csrf}; cinema_access={access}; cinema_refresh={refresh}");
        api.request(method, path).header("cookie", cookies)
    }

    /// A request that one of the cinema's own pages sends.
    pub fn own_request(&self, api: &Api, method: &str, path: &str) -> RequestBuilder {
        self.request(api, method, path)
            .header("x-csrf-token", &self.csrf)
    }
}

/// `POST /auth/login` that asks for cookies.
pub async fn login(api: &Api, username: &str) -> Answer {
    let body = json!({"username": username, "password": staff::password(), "cookies": true});
    api.anonymous().post("/auth/login", &body).await
}
