//! What a handler gives back.

use std::any::Any;

use data_api_client::Page;
use http::{HeaderName, StatusCode};
use serde::Serialize;

use crate::{Problem, Request};

/// An answer that is not an error.
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// Where the new thing is, for 201.
    pub location: Option<String>,
    /// The body.
    pub content: Content,
    /// The body's media type.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(HeaderName, String)>,
}

/// What a reply says.
pub enum Content {
    /// A body as it is sent; empty for 204.
    Bytes(Vec<u8>),
    /// What is sent as JSON, or as the message of a method.
    Value(Box<dyn Value>),
}

/// What can be said in a reply.
pub trait Value: Any {
    /// It as JSON.
    fn json(&self) -> serde_json::Result<Vec<u8>>;
}

impl<T: Any + Serialize> Value for T {
    fn json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }
}

#[allow(missing_docs, reason = "every description would repeat it")]
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct One<T> {
    pub data: T,
}

#[allow(missing_docs, reason = "every description would repeat it")]
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Many<T> {
    pub data: Vec<T>,
    /// The path and query of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Default for Content {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Content {
    /// The body.
    pub(crate) fn bytes(self) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Value(value) => (value.json())
                .map_err(|error| Problem::internal(format!("an answer is no JSON: {error}"))),
        }
    }
}

impl Reply {
    /// 200 with a single thing.
    pub fn one<T: Any + Serialize>(data: T) -> Self {
        Self::json(StatusCode::OK, One { data })
    }

    /// 201 with the new thing and the path it is at.
    pub fn created<T: Any + Serialize>(location: String, data: T) -> Self {
        Self {
            location: Some(location),
            ..Self::json(StatusCode::CREATED, One { data })
        }
    }

    /// 200 with a page of a list; `next` is the request again, from where this page ends.
    pub fn page<T: Any + Serialize>(request: &Request, page: Page<T>) -> Self {
        let next = page.next.map(|after| [("after", after.to_string())]);
        Self::part(request, page.items, next.as_ref().map(<[_; 1]>::as_slice))
    }

    /// 200 with a part of a list; `next` are the parameters with which the request gives what follows.
    pub fn part<T: Any + Serialize>(
        request: &Request,
        data: Vec<T>,
        next: Option<&[(&str, String)]>,
    ) -> Self {
        let next = next.map(|changed| {
            let others = form_urlencoded::parse(request.query.as_bytes())
                .filter(|(name, _)| changed.iter().all(|(changed, _)| changed != name));
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(others).extend_pairs(changed);
            format!("{}?{}", request.path, query.finish())
        });
        Self::json(StatusCode::OK, Many { data, next })
    }

    /// 200 with a list that is whole.
    pub fn list<T: Any + Serialize>(data: Vec<T>) -> Self {
        Self::json(StatusCode::OK, Many { data, next: None })
    }

    /// With one header more, which may stand beside others of its name.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// 204.
    pub fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            ..Self::new(Content::default(), "")
        }
    }

    /// 200 `ok`, as health checks have it.
    pub(crate) fn ok() -> Self {
        Self::text("text/plain; charset=utf-8", "ok")
    }

    /// 200 with a text of this media type.
    pub fn text(content_type: &'static str, text: impl Into<String>) -> Self {
        Self::new(Content::Bytes(text.into().into_bytes()), content_type)
    }

    /// A JSON body without the API's `data` around it, where a standard says what it looks like.
    pub fn json<T: Value>(status: StatusCode, value: T) -> Self {
        Self {
            status,
            ..Self::new(Content::Value(Box::new(value)), "application/json")
        }
    }

    fn new(content: Content, content_type: &'static str) -> Self {
        Self {
            status: StatusCode::OK,
            location: None,
            content,
            content_type,
            headers: Vec::new(),
        }
    }
}
