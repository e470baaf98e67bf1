//! A request, read with errors that say what to do.

use std::borrow::Cow;

use bson::oid::ObjectId;
use http::{HeaderMap, Method, StatusCode, header};

use crate::{
    Caller, Fields, PageRequest, Problem,
    access::{Access, Settings, sign_in},
    cookies, page,
};

/// What a handler sees of a request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method; `GET` where `HEAD` came in.
    pub method: Method,
    /// The path, as it came.
    pub path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) settings: Settings,
    caller: Option<Caller>,
}

impl Request {
    /// A request from its parts, without path parameters, from nobody yet.
    pub(crate) fn new(request: http::Request<Vec<u8>>, settings: Settings) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
            params: Vec::new(),
            settings,
            caller: None,
        }
    }

    /// Lets the request in where `access` allows it.
    pub(crate) fn admit(&mut self, access: Access) -> Result<(), Problem> {
        let param = |name: &str| self.param(name);
        self.caller = (self.settings).admit(access, &self.method, &self.headers, param)?;
        Ok(())
    }

    /// Who sent it; none where it came without a token, as it may on a route that is open to anyone.
    ///
    /// # Errors
    /// 401 for a token that may not be believed, 403 for a cookie without its CSRF token, 503 where there are no keys to verify with.
    pub fn caller(&self) -> Result<Option<Caller>, Problem> {
        match self.caller {
            Some(caller) => Ok(Some(caller)),
            None => self.settings.caller(&self.method, &self.headers),
        }
    }

    /// Who sent it, where somebody has to be signed in.
    ///
    /// # Errors
    /// As [`Request::caller`], and 401 where nobody is.
    pub fn signed_in(&self) -> Result<Caller, Problem> {
        self.caller()?.ok_or_else(sign_in)
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        cookies::get(&self.headers, name)
    }

    /// Whether the client came by https, as the host or a proxy before it says.
    pub fn is_https(&self) -> bool {
        self.header("x-forwarded-proto") == Some("https")
            || self
                .header("spin-full-url")
                .is_some_and(|url| url.starts_with("https:"))
    }

    /// A parameter of the path, percent-decoded; empty where the route has none of that name.
    pub fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(param, _)| param == name)
            .map_or("", |(_, value)| value)
    }

    /// A parameter of the path that is an id.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn id(&self, name: &str) -> Result<ObjectId, Problem> {
        object_id(name, self.param(name))
    }

    /// The first value of a query parameter, percent-decoded.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// A query parameter that is an id.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn query_id(&self, name: &str) -> Result<Option<ObjectId>, Problem> {
        self.query(name)
            .map(|value| object_id(name, &value))
            .transpose()
    }

    /// The `ids` of the query, for siblings who want just these.
    ///
    /// # Errors
    /// 400 where one is no id, or there are more than 100.
    pub fn query_ids(&self) -> Result<Option<Vec<ObjectId>>, Problem> {
        let Some(text) = self.query("ids") else {
            return Ok(None);
        };
        let ids = text
            .split(',')
            .map(|part| object_id("ids", part))
            .collect::<Result<Vec<_>, _>>()?;
        if ids.len() > page::MOST as usize {
            return Err(Problem::bad_request(format!(
                "ids: give at most {} at once",
                page::MOST
            )));
        }
        Ok(Some(ids))
    }

    /// Which page of a list is asked for.
    ///
    /// # Errors
    /// 400 where `limit` is not 1 to 100, or `after` is no id.
    pub fn page(&self) -> Result<PageRequest, Problem> {
        let default = PageRequest::default();
        let limit = self.query_number("limit", default.limit, page::MOST)?;
        Ok(PageRequest {
            limit,
            after: self.query_id("after")?,
        })
    }

    /// A whole number of the query, from 1 to `most`, or its default.
    ///
    /// # Errors
    /// 400 where it is something else.
    pub fn query_number(&self, name: &str, default: u32, most: u32) -> Result<u32, Problem> {
        match self.query(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (1..=most).contains(number))
                .ok_or_else(|| {
                    Problem::bad_request(format!("{name}: give a whole number from 1 to {most}"))
                }),
        }
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether there is such a header, readable or not.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The body, a JSON object.
    ///
    /// # Errors
    /// 415 where it is not said to be JSON, 400 where it is none, 422 where it is no object.
    pub fn body(&self) -> Result<Fields, Problem> {
        let media = self
            .header(header::CONTENT_TYPE.as_str())
            .unwrap_or_default();
        let essence = media.split(';').next().unwrap_or_default().trim();
        let merge = self.method == Method::PATCH
            && essence.eq_ignore_ascii_case("application/merge-patch+json");
        if !merge && !essence.eq_ignore_ascii_case("application/json") {
            let detail = "send the body as content-type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let value = serde_json::from_slice(&self.body).map_err(|error| {
            Problem::bad_request(format!("the body is not valid JSON: {error}"))
        })?;
        match value {
            serde_json::Value::Object(fields) => Ok(Fields::new(fields)),
            _ => Err(Problem::fault("body", "has to be a JSON object")),
        }
    }
}

fn object_id(name: &str, text: &str) -> Result<ObjectId, Problem> {
    ObjectId::parse_str(text)
        .map_err(|_| Problem::bad_request(format!("{name}: give an id of 24 hex digits")))
}
