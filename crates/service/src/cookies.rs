//! Cookies (RFC 6265): those a browser is signed in by.

use http::{HeaderMap, header};

/// The access token.
pub const ACCESS: &str = "cinema_access";

/// The refresh token.
pub const REFRESH: &str = "cinema_refresh";

/// The CSRF token, for the page's own scripts to read.
pub const CSRF: &str = "cinema_csrf";

/// The value of a cookie. The first counts, where there are several of the name.
pub(crate) fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
