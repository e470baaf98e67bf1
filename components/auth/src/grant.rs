//! What whoever is signed in is given: tokens in the body, or, for browsers, cookies that scripts can't read.

use http::{HeaderName, StatusCode, header};
use serde::Serialize;
use service::{Problem, Reply, Request, cookies};

use crate::sessions::{self, Fresh};

/// What a reply says.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Grant {
    Tokens(Tokens),
    ByCookie(ByCookie),
}

/// An access token, and what renews it (RFC 6749, 5.1).
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Tokens {
    pub access_token: String,
    pub token_type: &'static str,
    /// How long the access token is good, in seconds.
    pub expires_in: u64,
    pub refresh_token: String,
}

/// The tokens themselves are in the cookies.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = TokensByCookie))]
pub struct ByCookie {
    pub token_type: &'static str,
    /// How long the access token is good, in seconds.
    pub expires_in: u64,
    /// To be sent as `X-CSRF-Token` with whatever writes.
    pub csrf_token: String,
}

const TYPE: &str = "Bearer";

/// 200 with an access token and what renews it: by cookie, where there is a CSRF token.
pub fn reply(request: &Request, access: String, fresh: &Fresh) -> Result<Reply, Problem> {
    let refresh = fresh.refresh.text();
    let reply = match &fresh.csrf {
        None => Reply::json(
            StatusCode::OK,
            Grant::Tokens(Tokens {
                access_token: access,
                token_type: TYPE,
                expires_in: tokens::LIFETIME,
                refresh_token: refresh,
            }),
        ),
        Some(csrf) => {
            let body = ByCookie {
                token_type: TYPE,
                expires_in: tokens::LIFETIME,
                csrf_token: csrf.clone(),
            };
            let (short, long) = (tokens::LIFETIME, sessions::LIFETIME.as_secs());
            let secure = request.origin()?.is_https;
            let set = |name, value, seconds| cookies::set(name, value, seconds, secure);
            Reply::json(StatusCode::OK, Grant::ByCookie(body))
                .header(header::SET_COOKIE, set(cookies::ACCESS, &access, short))
                .header(header::SET_COOKIE, set(cookies::REFRESH, &refresh, long))
                .header(header::SET_COOKIE, set(cookies::CSRF, csrf, long))
        }
    };
    Ok(kept_by_nobody(reply))
}

/// 204, with the cookies taken back.
pub fn taken_back(request: &Request) -> Result<Reply, Problem> {
    let secure = request.origin()?.is_https;
    let clear = |name| cookies::set(name, "", 0, secure);
    let reply = Reply::no_content()
        .header(header::SET_COOKIE, clear(cookies::ACCESS))
        .header(header::SET_COOKIE, clear(cookies::REFRESH))
        .header(header::SET_COOKIE, clear(cookies::CSRF));
    Ok(kept_by_nobody(reply))
}

fn kept_by_nobody(reply: Reply) -> Reply {
    reply.header(HeaderName::from_static("cache-control"), "no-store")
}

/// The answers of the description's examples.
#[cfg(test)]
pub fn examples() -> (Tokens, ByCookie) {
    (
        Tokens {
            access_token: "eyJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl"
                .into(),
            token_type: TYPE,
            expires_in: tokens::LIFETIME,
            refresh_token: "68a1f0c27d5b3e9a41c80f05.b25lLWZhbWlseQ.b25lLW9mLW1hbnk".into(),
        },
        ByCookie {
            token_type: TYPE,
            expires_in: tokens::LIFETIME,
            csrf_token: "b25lLW9mLW1hbnk".into(),
        },
    )
}
