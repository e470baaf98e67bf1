//! Where a request carries its token: `Authorization: Bearer` (RFC 6750), or a cookie (RFC 6265) with a CSRF token beside it.

use http::{HeaderMap, Method, header};

use crate::{Problem, cookies};

/// The header that gives the CSRF token back.
const CSRF_HEADER: &str = "x-csrf-token";

/// A token, not verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    pub token: &'a str,
    /// Browsers send cookies whoever caused the request.
    pub by_cookie: bool,
}

/// The token of a request, if it has one.
pub fn find(headers: &HeaderMap) -> Result<Option<Found<'_>>, Problem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = given.next() else {
        let token = cookies::get(headers, cookies::ACCESS)?;
        return Ok(token.map(|token| Found {
            token,
            by_cookie: true,
        }));
    };
    let bearer = (given.next().is_none())
        .then(|| first.to_str().ok()?.split_once(' '))
        .flatten()
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match bearer {
        Some((_, token)) => Ok(Some(Found {
            token: token.trim(),
            by_cookie: false,
        })),
        None => Err(Problem::invalid_token(
            "send one header Authorization: Bearer and the token",
        )),
    }
}

/// Whether a request that came by cookie was meant by whoever is signed in: what writes has to bring the CSRF token along, the
/// digest of which is in the token it came with.
pub fn check_csrf(
    method: &Method,
    headers: &HeaderMap,
    digest: Option<&str>,
) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let given = headers
        .get(CSRF_HEADER)
        .and_then(|value| value.to_str().ok());
    if digest.is_some() && given.map(tokens::digest).as_deref() == digest {
        Ok(())
    } else {
        Err(Problem::forbidden(
            "send the CSRF token, which the cookie cinema_csrf has, in the header X-CSRF-Token",
        ))
    }
}
