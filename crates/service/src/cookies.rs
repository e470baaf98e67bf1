//! Cookies (RFC 6265): those a browser is signed in by.

use http::{HeaderMap, header};

use crate::Problem;

/// The access token.
pub const ACCESS: &str = "cinema_access";

/// The refresh token.
pub const REFRESH: &str = "cinema_refresh";

/// The CSRF token, for the page's own scripts to read.
pub const CSRF: &str = "cinema_csrf";

/// What the names begin with where the cookies are `Secure`: only this very host can have set such (RFC 6265bis, 4.1.3.2).
pub const HOST: &str = "__Host-";

/// A `Set-Cookie` (RFC 6265, 4.1) that lasts so many seconds. Scripts may read the CSRF token, and nothing else. Whoever follows a link from
/// elsewhere, as in a mail, is signed in on the page that it leads to; what other sites send comes without, and what writes takes the CSRF
/// token. By https, the name says that no other host has set it, which takes the path `/`.
pub fn set(name: &str, value: &str, seconds: u64, is_https: bool) -> String {
    let hidden = if name == CSRF { "" } else { "; HttpOnly" };
    let (host, secure) = if is_https {
        (HOST, "; Secure")
    } else {
        ("", "")
    };
    format!("{host}{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{hidden}{secure}")
}

/// The value of a cookie, the one with the prefix before the one without. 400 where two have the same name: another site's page,
/// on a domain beside this one, may have set one of them.
pub(crate) fn get<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let (mut bound, mut plain) = (None, None);
    let all = headers.get_all(header::COOKIE).iter();
    let pairs = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    for (found, value) in pairs {
        let place = match found.strip_prefix(HOST) {
            Some(rest) if rest == name => &mut bound,
            None if found == name => &mut plain,
            _ => continue,
        };
        if place.replace(value).is_some() {
            let detail = format!("there are two cookies {found}: send one");
            return Err(Problem::bad_request(detail));
        }
    }
    Ok(bound.or(plain))
}
