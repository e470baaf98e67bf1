//! Where storage is, and how it knows us.

use std::fmt;

use base64::Engine as _;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

/// Where storage is and how it knows us.
#[derive(Debug, Clone)]
pub struct Config {
    /// Scheme, host and port, such as `https://data.mongodb-api.com`.
    pub url: String,
    /// What stands before `/action`, such as `/app/cinema-abcde/endpoint/data/v1`; empty on most servers.
    pub path: String,
    /// The protocol's `dataSource`: on Atlas the name of a cluster.
    pub data_source: String,
    /// The database.
    pub database: String,
    /// The credentials.
    pub auth: Auth,
}

/// The credentials, of whichever kind the server wants. Their `Debug` hides every secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Auth {
    /// None are asked for.
    #[default]
    None,
    /// Header `apiKey`.
    ApiKey(String),
    /// HTTP Basic (RFC 7617).
    Basic {
        /// The user, without a colon.
        username: String,
        /// The password.
        password: String,
    },
    /// Headers `email` and `password`.
    EmailPassword {
        /// The user's address.
        email: String,
        /// The password.
        password: String,
    },
    /// Header `jwtTokenString`: a token of a provider that the server trusts.
    Jwt(String),
    /// `Authorization: Bearer` (RFC 6750).
    Bearer(String),
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Auth::None => "None",
            Auth::ApiKey(_) => "ApiKey(…)",
            Auth::Basic { .. } => "Basic(…)",
            Auth::EmailPassword { .. } => "EmailPassword(…)",
            Auth::Jwt(_) => "Jwt(…)",
            Auth::Bearer(_) => "Bearer(…)",
        })
    }
}

/// A setting that cannot be used: which, and what to do about it. It never repeats the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {message}")]
pub struct ConfigError {
    /// The name of the variable.
    pub variable: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

fn wrong<T>(variable: &'static str, message: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError {
        variable,
        message: message.into(),
    })
}

impl Config {
    /// Reads the variables `data_api_url`, `data_api_path`, `data_api_source`, `data_api_database`, and of `data_api_key`,
    /// `data_api_username`, `data_api_email`, `data_api_password`, `data_api_jwt` and `data_api_token` those of one kind of
    /// authentication. An empty value is the same as none.
    ///
    /// # Errors
    /// The first variable that cannot be used, with what to do.
    pub fn from_settings(
        mut setting: impl FnMut(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut read = |name: &str| {
            setting(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let Some(url) = read("data_api_url") else {
            return wrong(
                "data_api_url",
                "set it to the address of a Data API, such as http://data-api.spin.internal",
            );
        };
        Ok(Self {
            url: base(&url)?,
            path: prefix(&read("data_api_path").unwrap_or_default())?,
            data_source: read("data_api_source").unwrap_or_else(|| "cinema".to_owned()),
            database: read("data_api_database").unwrap_or_else(|| "cinema".to_owned()),
            auth: Auth::from_settings(read)?,
        })
    }
}

/// Scheme, host and port alone: a path has a variable of its own, and credentials do not belong in an address.
fn base(url: &str) -> Result<String, ConfigError> {
    const NAME: &str = "data_api_url";
    if url.contains('@') {
        return wrong(
            NAME,
            "holds credentials; put them in data_api_username and data_api_password",
        );
    }
    let Ok(uri) = url.parse::<Uri>() else {
        return wrong(NAME, "is not an address; it looks like http://host:port");
    };
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return wrong(NAME, "must begin with http:// or https://");
    }
    if uri
        .path_and_query()
        .is_some_and(|rest| rest.as_str() != "/")
    {
        return wrong(
            NAME,
            "is scheme, host and port only; put the path before /action in data_api_path",
        );
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// The path before `/action`, with its leading slash and without a last one.
fn prefix(path: &str) -> Result<String, ConfigError> {
    let path = path.trim_matches('/');
    if path.is_empty() {
        return Ok(String::new());
    }
    let path = format!("/{path}");
    match path.parse::<Uri>() {
        Ok(uri) if uri.query().is_none() && uri.path() == path => Ok(path),
        _ => wrong(
            "data_api_path",
            "is not the path of an address; it looks like /app/cinema-abcde/endpoint/data/v1",
        ),
    }
}

impl Auth {
    fn from_settings(mut read: impl FnMut(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let key = read("data_api_key");
        let username = read("data_api_username");
        let email = read("data_api_email");
        let password = read("data_api_password");
        let jwt = read("data_api_jwt");
        let token = read("data_api_token");

        let kinds = [
            ("data_api_key", key.is_some()),
            ("data_api_username", username.is_some()),
            ("data_api_email", email.is_some()),
            ("data_api_jwt", jwt.is_some()),
            ("data_api_token", token.is_some()),
        ];
        let set: Vec<&'static str> = kinds
            .iter()
            .filter(|kind| kind.1)
            .map(|kind| kind.0)
            .collect();
        if let [first, second, ..] = set[..] {
            return wrong(
                first,
                format!(
                    "is set together with {second}; set the variables of one kind of authentication only"
                ),
            );
        }

        let auth = match (key, username, email, jwt, token, password) {
            (None, None, None, None, None, None) => Auth::None,
            (Some(key), ..) => Auth::ApiKey(key),
            (_, Some(username), _, _, _, Some(password)) => Auth::Basic { username, password },
            (_, _, Some(email), _, _, Some(password)) => Auth::EmailPassword { email, password },
            (_, _, _, Some(jwt), ..) => Auth::Jwt(jwt),
            (_, _, _, _, Some(token), _) => Auth::Bearer(token),
            (_, Some(_), ..) | (_, _, Some(_), ..) => {
                return wrong(
                    "data_api_password",
                    "is empty; set it beside data_api_username or data_api_email",
                );
            }
            (.., Some(_)) => {
                return wrong(
                    "data_api_password",
                    "is set without data_api_username or data_api_email",
                );
            }
        };
        // Said at once, and not at the first request.
        auth.headers().map(|_| auth)
    }

    /// The headers that show the credentials, marked as sensitive.
    pub(crate) fn headers(&self) -> Result<HeaderMap, ConfigError> {
        let mut headers = HeaderMap::new();
        let mut put =
            |variable: &'static str, name: HeaderName, value: &str| match HeaderValue::from_str(
                value,
            ) {
                Ok(mut value) => {
                    value.set_sensitive(true);
                    headers.insert(name, value);
                    Ok(())
                }
                Err(_) => wrong(
                    variable,
                    "holds characters that cannot stand in an HTTP header",
                ),
            };
        match self {
            Auth::None => {}
            Auth::ApiKey(key) => put("data_api_key", HeaderName::from_static("apikey"), key)?,
            Auth::Basic { username, password } => {
                if username.contains(':') {
                    return wrong(
                        "data_api_username",
                        "holds a colon, which HTTP Basic cannot carry",
                    );
                }
                let pair =
                    base64::prelude::BASE64_STANDARD.encode(format!("{username}:{password}"));
                put(
                    "data_api_password",
                    header::AUTHORIZATION,
                    &format!("Basic {pair}"),
                )?;
            }
            Auth::EmailPassword { email, password } => {
                put("data_api_email", HeaderName::from_static("email"), email)?;
                put(
                    "data_api_password",
                    HeaderName::from_static("password"),
                    password,
                )?;
            }
            Auth::Jwt(jwt) => put(
                "data_api_jwt",
                HeaderName::from_static("jwttokenstring"),
                jwt,
            )?,
            Auth::Bearer(token) => put(
                "data_api_token",
                header::AUTHORIZATION,
                &format!("Bearer {token}"),
            )?,
        }
        Ok(headers)
    }

    /// `text` without any secret in it, should a server have repeated one.
    pub(crate) fn hide(&self, text: &str) -> String {
        match self {
            Auth::None => text.to_owned(),
            Auth::ApiKey(secret)
            | Auth::Jwt(secret)
            | Auth::Bearer(secret)
            | Auth::Basic {
                password: secret, ..
            }
            | Auth::EmailPassword {
                password: secret, ..
            } => text.replace(secret.as_str(), "…"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn config(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_settings(|name| {
            let found = settings.iter().find(|setting| setting.0 == name);
            found.map(|setting| setting.1.to_owned())
        })
    }

    fn with(setting: (&str, &str)) -> Result<Config, ConfigError> {
        config(&[("data_api_url", "http://localhost:8080"), setting])
    }

    #[test]
    fn an_address_is_scheme_host_and_port() {
        for (given, url) in [
            (
                "http://data-api.spin.internal",
                "http://data-api.spin.internal",
            ),
            (" http://127.0.0.1:8080/ ", "http://127.0.0.1:8080"),
            (
                "https://data.mongodb-api.com",
                "https://data.mongodb-api.com",
            ),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(config(&[("data_api_url", given)]).unwrap().url, url);
        }
        for given in [
            "",
            "localhost",
            "localhost:8080",
            "ftp://localhost",
            "http://",
            "http://a b",
            "http://localhost/app",
            "http://localhost/?x=1",
            "http://u:secret@localhost",
        ] {
            let error = config(&[("data_api_url", given)]).unwrap_err();
            assert_eq!(error.variable, "data_api_url", "{given}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn a_path_is_put_between_slashes_as_needed() {
        for (given, path) in [
            ("", ""),
            ("/", ""),
            ("app/x/endpoint/data/v1", "/app/x/endpoint/data/v1"),
            ("/app/x/", "/app/x"),
        ] {
            assert_eq!(with(("data_api_path", given)).unwrap().path, path);
        }
        for given in ["/a?b=c", "/a b", "/a#b"] {
            let error = with(("data_api_path", given)).unwrap_err();
            assert_eq!(error.variable, "data_api_path", "{given}");
        }
    }

    #[test]
    fn names_have_defaults() {
        let plain = with(("data_api_database", "")).unwrap();
        assert_eq!(
            (plain.data_source.as_str(), plain.database.as_str()),
            ("cinema", "cinema")
        );
        assert_eq!(
            with(("data_api_source", "Cluster0")).unwrap().data_source,
            "Cluster0"
        );
    }

    #[test]
    fn one_kind_of_credentials_is_chosen_and_two_are_refused() {
        let auth = |settings: &[(&str, &str)]| {
            let mut all = vec![("data_api_url", "http://localhost")];
            all.extend(settings);
            config(&all).map(|config| config.auth)
        };
        assert_eq!(auth(&[]).unwrap(), Auth::None);
        assert_eq!(
            auth(&[("data_api_key", "k\n")]).unwrap(),
            Auth::ApiKey("k".into())
        );
        assert_eq!(
            auth(&[("data_api_jwt", "j")]).unwrap(),
            Auth::Jwt("j".into())
        );
        assert_eq!(
            auth(&[("data_api_token", "t")]).unwrap(),
            Auth::Bearer("t".into())
        );
        assert_eq!(
            auth(&[("data_api_username", "u"), ("data_api_password", "p")]).unwrap(),
            Auth::Basic {
                username: "u".into(),
                password: "p".into()
            }
        );
        assert_eq!(
            auth(&[("data_api_email", "e"), ("data_api_password", "p")]).unwrap(),
            Auth::EmailPassword {
                email: "e".into(),
                password: "p".into()
            }
        );

        let wrong: [(&[(&str, &str)], &str); 6] = [
            (
                &[("data_api_key", "secret"), ("data_api_jwt", "secret")],
                "data_api_key",
            ),
            (
                &[
                    ("data_api_username", "u"),
                    ("data_api_email", "e"),
                    ("data_api_password", "secret"),
                ],
                "data_api_username",
            ),
            (&[("data_api_username", "u")], "data_api_password"),
            (&[("data_api_password", "secret")], "data_api_password"),
            (&[("data_api_key", "secret\u{7f}")], "data_api_key"),
            (
                &[
                    ("data_api_username", "a:b"),
                    ("data_api_password", "secret"),
                ],
                "data_api_username",
            ),
        ];
        for (settings, variable) in wrong {
            let error = auth(settings).unwrap_err();
            assert_eq!(error.variable, variable);
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }
}
