//! A method's message, as a request of the route that the method is.

use std::rc::Rc;

use http::{HeaderMap, Method};
use proto::FieldMask;
use serde_json::{Map, Value};

use crate::{Problem, Request, request::Sent, settings::Settings};

/// What pages are found again by: what a page's token has.
const PLACE: [&str; 2] = ["after", "place"];

/// A request of a route.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    path: &'static str,
    params: Vec<(String, String)>,
    id: Option<&'static str>,
    query: Vec<(&'static str, String)>,
    token: String,
    body: Map<String, Value>,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $method:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(path: &'static str) -> Self {
            Self::new(Method::$method, path)
        }
    )*};
}

impl Call {
    fn new(method: Method, path: &'static str) -> Self {
        Self {
            method,
            path,
            params: Vec::new(),
            id: None,
            query: Vec::new(),
            token: String::new(),
            body: Map::new(),
        }
    }

    methods! {
        /// A `GET` of this route, which is named as the service names it.
        get GET;
        /// A `POST`.
        post POST;
        /// A `PUT`.
        put PUT;
        /// A `PATCH`.
        patch PATCH;
        /// A `DELETE`.
        delete DELETE;
    }

    /// With a parameter of the path.
    pub fn param(mut self, name: &str, value: String) -> Self {
        self.params.push((name.to_owned(), value));
        self
    }

    /// With a parameter of the path that has to be an id, where the route takes other things, too.
    pub fn id(mut self, name: &'static str, value: String) -> Self {
        self.id = Some(name);
        self.param(name, value)
    }

    /// With a parameter of the query, where it is given.
    pub fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query
            .extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// With a parameter of the query that is several, where there are any.
    pub fn several(self, name: &'static str, values: Vec<String>) -> Self {
        let given = (!values.is_empty()).then(|| values.join(","));
        self.query(name, given)
    }

    /// With a parameter of the query that is `true` or left out.
    pub fn flag(self, name: &'static str, is_set: bool) -> Self {
        self.query(name, is_set.then_some("true"))
    }

    /// For so many of a list, or as many as come where it is 0.
    pub fn size(self, page_size: i32) -> Self {
        self.query("limit", (page_size != 0).then_some(page_size))
    }

    /// The same from the page on that this token is of.
    pub(super) fn from(self, token: String) -> Self {
        Self { token, ..self }
    }

    /// For the page of a list that this token is of; for the first where it is empty.
    pub fn page(self, page_size: i32, page_token: String) -> Self {
        self.size(page_size).from(page_token)
    }

    /// With a field of the body.
    pub fn field(self, name: &str, value: impl Into<Value>) -> Self {
        self.given(name, Some(value))
    }

    /// With a field of the body, where it is given.
    pub fn given(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.body.insert(name.to_owned(), value.into());
        }
        self
    }

    /// With the changes of fields that a mask names: those that are not given are taken away. Without one, with those that are given.
    pub fn masked(mut self, mask: Option<FieldMask>) -> Self {
        if let Some(FieldMask { paths }) = mask {
            let given = std::mem::take(&mut self.body);
            for name in paths {
                let value = given.get(&name).cloned().unwrap_or_default();
                self.body.insert(name, value);
            }
        }
        self
    }

    /// The path of its route, and the request.
    pub(super) fn request(
        self,
        headers: Rc<HeaderMap>,
        settings: Settings,
    ) -> Result<(&'static str, Request), Problem> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query);
        for (name, value) in form_urlencoded::parse(self.token.as_bytes()) {
            if !PLACE.contains(&&*name) {
                let detail = "page_token: give what next_page_token says, or leave it out";
                return Err(Problem::bad_request(detail));
            }
            query.append_pair(&name, &value);
        }
        let mut request = Request::new(http::Request::new(Vec::new()), settings);
        request.method = self.method;
        request.headers = headers;
        request.query = query.finish();
        request.params = self.params;
        if let Some(name) = self.id {
            request.id(name)?;
        }
        request.body = Sent::Fields(self.body);
        Ok((self.path, request))
    }
}

/// The token of the page at a path and query.
pub(super) fn token(next: &str) -> String {
    let (_, query) = next.split_once('?').unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes());
    let place = pairs.filter(|(name, _)| PLACE.contains(&&**name));
    let mut token = form_urlencoded::Serializer::new(String::new());
    token.extend_pairs(place).finish()
}
