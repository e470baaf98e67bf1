//! The credentials that a request's headers hold, as Atlas takes them.

use base64::Engine as _;
use data_api_protocol::Failure;
use http::{HeaderMap, header};

/// Credentials, of which nobody knows yet whether they are any good.
pub enum Presented {
    /// A key for programs.
    Key(String),
    /// A name with a password.
    Password {
        /// The name, or the address.
        name: String,
        /// The password.
        password: String,
    },
    /// A JSON Web Token.
    Token(String),
}

/// The credentials of a request; of several kinds, one.
pub fn read(headers: &HeaderMap) -> Result<Presented, Failure> {
    let text = |name: &str| match headers.get(name).map(|value| value.to_str()) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value.to_owned())),
        Some(Err(_)) => Err(missing()),
    };
    if let Some(key) = text("apikey")?.or(text("api-key")?) {
        return Ok(Presented::Key(key));
    }
    if let Some(token) = text("jwttokenstring")? {
        return Ok(Presented::Token(token));
    }
    if let Some(authorization) = text(header::AUTHORIZATION.as_str())? {
        return authorized(&authorization).ok_or_else(missing);
    }
    match (text("email")?, text("password")?) {
        (Some(name), Some(password)) => Ok(Presented::Password { name, password }),
        (None, None) => {
            let message = "no authentication methods were specified";
            Err(Failure::new(400, "InvalidParameter", message))
        }
        _ => Err(missing()),
    }
}

/// `Bearer` (RFC 6750) or `Basic` (RFC 7617).
fn authorized(value: &str) -> Option<Presented> {
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Presented::Token(rest.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = base64::engine::general_purpose::STANDARD.decode(rest.trim());
    let pair = String::from_utf8(pair.ok()?).ok()?;
    let (name, password) = pair.split_once(':')?;
    Some(Presented::Password {
        name: name.to_owned(),
        password: password.to_owned(),
    })
}

fn missing() -> Failure {
    let message = "must specify some form of authentication (either email+password, api-key, or jwt) in the request \
                   header or body";
    Failure::new(400, "MissingParameter", message)
}
