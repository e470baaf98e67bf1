//! The application's manifest, `spin.toml` (manifest version 2), read as Spin reads it and checked whole: whatever it holds that
//! this host does not know is refused by its name and place, never ignored.
//!
//! - `schema` — the shape of the file, and what of Spin's manifest this host does not serve
//! - [`variables`](Sources) — settings: where their values come from, and the templates that use them
//! - [`routes`](RouteTable) — which component answers which path
//! - [`allowed_hosts`](AllowedHosts) — where a component may send requests

mod allowed_hosts;
mod app;
mod names;
mod routes;
mod schema;
mod template;
#[cfg(test)]
mod tests;
mod variables;

pub use allowed_hosts::{AllowedHosts, chaining_target};
pub use app::{App, Component, Dependency, load};
pub(crate) use routes::spec;
pub use routes::{DuplicateRoute, Route, RouteMatch, RouteTable};
pub use variables::{Sources, Values};

use std::{fmt, ops::Range, path::PathBuf};

/// Why a manifest or its settings cannot be used: one line, `spin.toml:12:1: what is wrong and what to do`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The file at fault.
    pub file: PathBuf,
    /// Line and column, from 1, where the fault has a place in the file.
    pub place: Option<(usize, usize)>,
    /// What is wrong and what to do. Never holds the value of a secret.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for Error {}

/// A fault found in the text of the manifest, before it is known which file that is.
#[derive(Debug)]
struct Fault {
    span: Option<Range<usize>>,
    message: String,
}

impl Fault {
    fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span: Some(span),
            message: message.into(),
        }
    }

    fn anywhere(message: impl Into<String>) -> Self {
        Self {
            span: None,
            message: message.into(),
        }
    }

    fn in_file(self, file: PathBuf, text: &str) -> Error {
        let place = self.span.map(|span| {
            let before = text.get(..span.start).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            (
                before.matches('\n').count() + 1,
                before[line_start..].chars().count() + 1,
            )
        });
        Error {
            file,
            place,
            message: self.message,
        }
    }
}
