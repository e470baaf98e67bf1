//! A cinema's public API, as much of it as loading needs.

use super::{
    connection::{Connection, copy, read, reason},
    staff::{Session, Staff},
};
use anyhow::Result;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// Talks to one running cinema.
#[derive(Clone, Debug)]
pub struct Client {
    connection: Connection,
    session: Option<Arc<Session>>,
}

/// What the API wraps one thing in.
#[derive(Deserialize)]
struct One<T> {
    data: T,
}

/// What the API wraps a list in.
#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    next: Option<String>,
}

/// What became of something that was to be made.
#[derive(Debug)]
pub enum Made<T> {
    /// It is there.
    Yes(T),
    /// It is in conflict with what is there: the server's reason.
    Conflict(String),
}

impl Client {
    /// A client for the cinema at this address.
    pub fn new(base: Url) -> Result<Self> {
        Ok(Self {
            connection: Connection::new(base)?,
            session: None,
        })
    }

    /// The same client in the name of somebody who runs the cinema.
    ///
    /// # Errors
    /// Where they can't sign in; says what to do.
    pub async fn sign_in(mut self, staff: Staff) -> Result<Self> {
        let session = Session::begin(&self.connection, staff).await?;
        self.session = Some(Arc::new(session));
        Ok(self)
    }

    /// The address, without a slash at its end.
    pub fn base(&self) -> &str {
        self.connection.base()
    }

    /// One page of a list; `limit` in the query says how long it may be.
    pub async fn first<T: DeserializeOwned>(&self, path_and_query: &str) -> Result<Vec<T>> {
        Ok(self.page(path_and_query).await?.data)
    }

    /// A list, page by page to its end.
    pub async fn all<T: DeserializeOwned>(&self, path_and_query: &str) -> Result<Vec<T>> {
        let mut page = self.page(path_and_query).await?;
        let mut items = page.data;
        while let Some(next) = page.next {
            page = self.page(&next).await?;
            items.append(&mut page.data);
        }
        Ok(items)
    }

    /// Makes one thing. With a `key`, sending it again makes no second one.
    pub async fn create<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        key: Option<&str>,
    ) -> Result<Made<T>> {
        let mut request = self.connection.request(Method::POST, path).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = self.send_signed(request, &format!("POST {path}")).await?;
        if answer.status() == StatusCode::CONFLICT {
            return Ok(Made::Conflict(reason(answer).await));
        }
        let one: One<T> = read(answer, &format!("POST {path}")).await?;
        Ok(Made::Yes(one.data))
    }

    async fn page<T: DeserializeOwned>(&self, path_and_query: &str) -> Result<Page<T>> {
        let what = format!("GET {path_and_query}");
        let answer = self
            .send_signed(self.connection.request(Method::GET, path_and_query), &what)
            .await?;
        read(answer, &what).await
    }

    /// Sends a request in the name of whoever has signed in, and once more with a new token where the old one has expired.
    async fn send_signed(&self, request: RequestBuilder, what: &str) -> Result<Response> {
        let Some(session) = &self.session else {
            return self.connection.send(request, what).await;
        };
        let again = copy(&request, what)?;
        let token = session.token().await;
        let answer = self
            .connection
            .send(request.bearer_auth(&token), what)
            .await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let token = session.renew(&self.connection, &token).await?;
        self.connection.send(again.bearer_auth(token), what).await
    }
}
