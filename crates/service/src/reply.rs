//! What a handler gives back.

use data_api_client::Page;
use http::{HeaderName, StatusCode};
use serde::Serialize;

use crate::{Problem, Request};

/// An answer that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// Where the new thing is, for 201.
    pub location: Option<String>,
    /// The body; empty for 204.
    pub body: Vec<u8>,
    /// The body's media type.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(HeaderName, String)>,
}

#[allow(missing_docs, reason = "every description would repeat it")]
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct One<'a, T> {
    pub data: &'a T,
}

#[allow(missing_docs, reason = "every description would repeat it")]
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Many<'a, T> {
    pub data: &'a [T],
    /// The path and query of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Reply {
    /// 200 with a single thing.
    pub fn one<T: Serialize>(data: &T) -> Result<Self, Problem> {
        Self::json(StatusCode::OK, &One { data })
    }

    /// 201 with the new thing and the path it is at.
    pub fn created<T: Serialize>(location: String, data: &T) -> Result<Self, Problem> {
        Ok(Self {
            location: Some(location),
            ..Self::json(StatusCode::CREATED, &One { data })?
        })
    }

    /// 200 with a page of a list; `next` is the request again, from where this page ends.
    pub fn page<T: Serialize>(request: &Request, page: &Page<T>) -> Result<Self, Problem> {
        let next = page.next.map(|after| [("after", after.to_string())]);
        Self::part(request, &page.items, next.as_ref().map(<[_; 1]>::as_slice))
    }

    /// 200 with a part of a list; `next` are the parameters with which the request gives what follows.
    pub fn part<T: Serialize>(
        request: &Request,
        data: &[T],
        next: Option<&[(&str, String)]>,
    ) -> Result<Self, Problem> {
        let next = next.map(|changed| {
            let others = form_urlencoded::parse(request.query.as_bytes())
                .filter(|(name, _)| changed.iter().all(|(changed, _)| changed != name));
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(others).extend_pairs(changed);
            format!("{}?{}", request.path, query.finish())
        });
        Self::json(StatusCode::OK, &Many { data, next })
    }

    /// 200 with a list that is whole.
    pub fn list<T: Serialize>(data: &[T]) -> Result<Self, Problem> {
        Self::json(StatusCode::OK, &Many { data, next: None })
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
            location: None,
            body: Vec::new(),
            content_type: "application/json",
            headers: Vec::new(),
        }
    }

    /// 200 `ok`, as health checks have it.
    pub(crate) fn ok() -> Self {
        Self::text("text/plain; charset=utf-8", "ok")
    }

    /// 200 with a text of this media type.
    pub fn text(content_type: &'static str, text: impl Into<String>) -> Self {
        Self {
            status: StatusCode::OK,
            location: None,
            body: text.into().into_bytes(),
            content_type,
            headers: Vec::new(),
        }
    }

    /// A JSON body without the API's `data` around it, where a standard says what it looks like.
    pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value)
            .map_err(|error| Problem::internal(format!("an answer is no JSON: {error}")))?;
        Ok(Self {
            status,
            location: None,
            body,
            content_type: "application/json",
            headers: Vec::new(),
        })
    }
}
