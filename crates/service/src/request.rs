//! A request, read with errors that say what to do.

use std::{borrow::Cow, rc::Rc, str::FromStr};

use data_api_client::{Id, NotThat, PageRequest};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Map, Value};

use crate::{
    Caller, Fields, Problem,
    access::{Access, sign_in},
    cookies, json,
    names::{meant, shown},
    origin::Origin,
    settings::Settings,
};

/// What a handler sees of a request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method; `GET` where `HEAD` came in.
    pub method: Method,
    /// The path, as it came.
    pub path: String,
    pub(crate) query: String,
    pub(crate) headers: Rc<HeaderMap>,
    pub(crate) body: Sent,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) settings: Settings,
    caller: Option<Caller>,
}

/// A body, as it came.
#[derive(Debug, Clone)]
pub(crate) enum Sent {
    Bytes(Vec<u8>),
    /// Read already: of a method's message.
    Fields(Map<String, Value>),
}

impl Request {
    /// A request from its parts, without path parameters, from nobody yet.
    pub(crate) fn new(request: http::Request<Vec<u8>>, settings: Settings) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: Rc::new(parts.headers),
            body: Sent::Bytes(body),
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

    /// Whoever sent it and is about to change something, who was let in by what their token says.
    pub(crate) fn writer(&self) -> Option<Caller> {
        self.caller.filter(|_| !self.method.is_safe())
    }

    /// Looks again whether `access` allows it, by what whoever sent it may do now.
    pub(crate) fn admit_again(&mut self, access: Access, now: Caller) -> Result<(), Problem> {
        self.caller = Some(now);
        access.allows(now, |name| self.param(name))
    }

    /// Who sent it; none where it came without a token, as it may on a route that is open to anyone. 401 for a
    /// token that may not be believed, 403 for a cookie without its CSRF token, 503 where there are no keys to verify with.
    pub fn caller(&self) -> Result<Option<Caller>, Problem> {
        match self.caller {
            Some(caller) => Ok(Some(caller)),
            None => self.settings.caller(&self.method, &self.headers),
        }
    }

    /// Who sent it, where somebody has to be signed in; 401 where nobody is.
    pub fn signed_in(&self) -> Result<Caller, Problem> {
        self.caller()?.ok_or_else(sign_in)
    }

    /// Whose an access token is, for who takes them from cookies, and looks by itself whether whoever is signed in meant what was sent.
    pub fn believed(&self, token: &str) -> Result<Caller, Problem> {
        self.settings.believed(token)
    }

    /// The value of a cookie; 400 where there are two of the name.
    pub fn cookie(&self, name: &str) -> Result<Option<&str>, Problem> {
        cookies::get(&self.headers, name)
    }

    /// Where it came from, as the host says, or a proxy that the variable `trusted_proxies` names.
    pub fn origin(&self) -> Result<Origin, Problem> {
        let trusted = self.settings.get("trusted_proxies").unwrap_or_default();
        Origin::of(&self.headers, &trusted)
    }

    /// Whether there is no body.
    pub fn is_empty(&self) -> bool {
        match &self.body {
            Sent::Bytes(bytes) => bytes.is_empty(),
            Sent::Fields(fields) => fields.is_empty(),
        }
    }

    /// A parameter of the path, percent-decoded; empty where the route has none of that name.
    pub fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(param, _)| param == name)
            .map_or("", |(_, value)| value)
    }

    /// A parameter of the path that is an id; 400 where it is none.
    pub fn id(&self, name: &str) -> Result<Id, Problem> {
        parsed(name, self.param(name))
    }

    /// 400 where the query has a parameter that is none of these.
    pub(crate) fn knows(&self, names: &[&str]) -> Result<(), Problem> {
        let given = form_urlencoded::parse(self.query.as_bytes());
        match given
            .map(|(name, _)| name)
            .find(|name| !names.contains(&&**name))
        {
            None => Ok(()),
            Some(name) => Err(Problem::bad_request(format!(
                "there is no parameter {} here{}",
                shown(&name),
                meant(&name, names)
            ))),
        }
    }

    /// The first value of a query parameter, percent-decoded.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// A query parameter of this type, such as an [`Id`] or a day; 400 where it is none.
    pub fn query_as<T: FromStr<Err = NotThat>>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.query(name)
            .map(|value| parsed(name, &value))
            .transpose()
    }

    /// A query parameter of several ids, with commas between them, such as `ids`, for siblings who want just these: up to 100.
    pub fn query_ids(&self, name: &str) -> Result<Option<Vec<Id>>, Problem> {
        let Some(text) = self.query(name) else {
            return Ok(None);
        };
        let most = PageRequest::MOST as usize;
        if text.split(',').nth(most).is_some() {
            let detail = format!("{name}: give at most {most} at once");
            return Err(Problem::bad_request(detail));
        }
        let ids = text.split(',').map(|part| parsed(name, part));
        ids.collect::<Result<_, _>>().map(Some)
    }

    /// Which page of a list is asked for.
    pub fn page(&self) -> Result<PageRequest, Problem> {
        let default = PageRequest::default();
        let limit = self.query_number("limit", default.limit, PageRequest::MOST)?;
        Ok(PageRequest {
            limit,
            after: self.query_as("after")?,
            newest_first: false,
        })
    }

    /// Whether a query parameter has the one value that it may have; 400 where it has another.
    pub fn query_is(&self, name: &str, value: &str) -> Result<bool, Problem> {
        match self.query(name) {
            None => Ok(false),
            Some(given) if given == value => Ok(true),
            Some(_) => Err(Problem::bad_request(format!(
                "{name}: give {value}, or leave it out"
            ))),
        }
    }

    /// How many of an order that has but one page; 400 where another is asked for.
    pub fn only_page(&self) -> Result<u32, Problem> {
        let page = self.page()?;
        if page.after.is_some() {
            let detail = "after: this order has one page only; leave it out";
            return Err(Problem::bad_request(detail));
        }
        Ok(page.limit)
    }

    /// A whole number of the query, from 1 to `most`, or its default.
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

    /// The path and the query, as they came.
    pub fn target(&self) -> String {
        match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// The fields of a form, as pages send it; 415 where it is none.
    pub fn form(&self) -> Result<Vec<(String, String)>, Problem> {
        const FORM: &str = "application/x-www-form-urlencoded";
        if !self.media().eq_ignore_ascii_case(FORM) {
            let detail = format!("send the form as content-type: {FORM}");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        Ok(form_urlencoded::parse(self.bytes()).into_owned().collect())
    }

    fn bytes(&self) -> &[u8] {
        match &self.body {
            Sent::Bytes(bytes) => bytes,
            Sent::Fields(_) => &[],
        }
    }

    /// What the body is said to be.
    fn media(&self) -> &str {
        let media = self.header(header::CONTENT_TYPE.as_str());
        let media = media.unwrap_or_default().split(';').next();
        media.unwrap_or_default().trim()
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether there is such a header, readable or not.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The body, a JSON object, or the same as `data` of an object that has nothing else, as answers are wrapped.
    ///
    /// 415 where it is not said to be JSON, 400 where it is none, 422 where it is no object.
    pub fn body(&self) -> Result<Fields, Problem> {
        if let Sent::Fields(fields) = &self.body {
            return Ok(Fields::new(fields.clone()));
        }
        let essence = self.media();
        let merge = self.method == Method::PATCH
            && essence.eq_ignore_ascii_case("application/merge-patch+json");
        if !merge && !essence.eq_ignore_ascii_case("application/json") {
            let detail = "send the body as content-type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        if self.has_header(header::CONTENT_ENCODING.as_str()) {
            let detail = "send the body as it is, without a content-encoding";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let value = json::read(self.bytes()).map_err(|error| {
            Problem::bad_request(format!("the body is not valid JSON: {error}"))
        })?;
        match value {
            Value::Object(fields) => Ok(Fields::new(unwrapped(fields))),
            _ => Err(Problem::fault("body", "has to be a JSON object")),
        }
    }
}

fn unwrapped(mut fields: Map<String, Value>) -> Map<String, Value> {
    let alone = fields.len() == 1;
    match fields.get_mut("data") {
        Some(Value::Object(data)) if alone => std::mem::take(data),
        _ => fields,
    }
}

fn parsed<T: FromStr<Err = NotThat>>(name: &str, text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|NotThat(expected)| Problem::bad_request(format!("{name}: give {expected}")))
}
