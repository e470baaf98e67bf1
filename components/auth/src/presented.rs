//! A refresh token as it comes: in the body, or as a cookie, which takes a CSRF token beside it.

use accounts::Session;
use http::header;
use service::{Problem, Request, cookies};
use tokens::digest;

use crate::{model::Renewal, sessions::RefreshToken};

/// A refresh token as it came.
pub struct Presented {
    /// None where it is no token.
    pub token: Option<RefreshToken>,
    pub by_cookie: bool,
}

impl Presented {
    /// What the body says, or else the cookie.
    pub fn by(request: &Request) -> Result<Option<Self>, Problem> {
        if !request.is_empty()
            && request.has_header(header::CONTENT_TYPE.as_str())
            && let Some(text) = request.body()?.read::<Renewal>()?.refresh_token
        {
            return Ok(Some(Self {
                token: RefreshToken::parse(&text),
                by_cookie: false,
            }));
        }
        Ok(request.cookie(cookies::REFRESH)?.map(|text| Self {
            token: RefreshToken::parse(text),
            by_cookie: true,
        }))
    }

    /// Browsers send cookies whoever caused the request, so it takes the session's CSRF token, too, or that of the very token.
    pub fn check_csrf(&self, request: &Request, session: &Session) -> Result<(), Problem> {
        let given = request.header("x-csrf-token").map(digest);
        let own = self.token.as_ref().map(|token| digest(&token.csrf()));
        let meant = given.is_some() && (given == session.csrf || given == own);
        if !self.by_cookie || (session.csrf.is_some() && meant) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "send the CSRF token, which the cookie cinema_csrf has, in the header X-CSRF-Token",
        ))
    }
}
