//! Requests that an option names.

use std::{fmt, str::FromStr};

use http::Method;
use routefinder::RouteSpec;

use crate::manifest;

/// A method, or `*` for any, and a path as a manifest's route has it: `POST /auth/...`, `GET /:service/healthz`.
#[derive(Debug, Clone)]
pub struct Pattern {
    method: Option<Method>,
    path: String,
    spec: RouteSpec,
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("{text:?} {why}; write it as \"POST /auth/...\"");
        let (method, path) = text
            .split_once(' ')
            .ok_or_else(|| wrong("has no method and path"))?;
        if !path.starts_with('/') {
            return Err(wrong("has no path that begins with a slash"));
        }
        let method = match method {
            "*" => None,
            name => Some(name.parse().map_err(|_| wrong("has no such method"))?),
        };
        let spec = manifest::spec(path).map_err(|why| wrong(&format!("names no paths: {why}")))?;
        Ok(Self {
            method,
            path: path.to_owned(),
            spec,
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.as_ref().map_or("*", Method::as_str);
        write!(f, "{method} {}", self.path)
    }
}

/// Those that any of some patterns names.
pub struct Patterns(Vec<Pattern>);

impl Patterns {
    /// Of these.
    pub fn new(patterns: &[Pattern]) -> Self {
        Self(patterns.to_vec())
    }

    /// Whether a request is one of them.
    pub fn have(&self, method: &Method, path: &str) -> bool {
        self.0.iter().any(|pattern| {
            pattern
                .method
                .as_ref()
                .is_none_or(|wanted| wanted == method)
                && pattern.spec.matches(path).is_some()
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_requests_by_method_and_path() {
        for (pattern, method, path, named) in [
            ("POST /users", Method::POST, "/users", true),
            ("POST /users", Method::GET, "/users", false),
            ("POST /users", Method::POST, "/users/1", false),
            ("* /auth/...", Method::DELETE, "/auth/sessions/1", true),
            ("* /auth/...", Method::POST, "/authors", false),
            (
                "GET /:service/healthz",
                Method::GET,
                "/movies/healthz",
                true,
            ),
            (
                "GET /:service/healthz",
                Method::GET,
                "/movies/a/healthz",
                false,
            ),
        ] {
            let patterns = Patterns::new(&[pattern.parse().unwrap()]);
            assert_eq!(
                patterns.have(&method, path),
                named,
                "{pattern} {method} {path}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_an_example() {
        for text in ["", "/users", "POST users", "PO ST /users", "P@ST /users"] {
            let error = text.parse::<Pattern>().unwrap_err();
            assert!(error.contains("\"POST /auth/...\""), "{error}");
        }
        let shown = "POST /auth/...".parse::<Pattern>().unwrap().to_string();
        assert_eq!(shown, "POST /auth/...");
    }
}
