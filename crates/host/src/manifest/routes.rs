//! Which component answers which path: the routes of `[[trigger.http]]`, with Spin's precedence.

use std::{borrow::Cow, fmt};

/// The public routes of an application. Of the routes that match a path, an exact segment goes before a `:param`, that before
/// a trailing wildcard, and the longer prefix before the shorter. It is the matcher Spin itself uses, so that the same manifest
/// sends the same path to the same component here and there.
#[derive(Debug, Default)]
pub struct RouteTable {
    router: routefinder::Router<Route>,
    duplicates: Vec<DuplicateRoute>,
}

/// A public route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The path pattern, as the manifest writes it: `/movies/...`, `/`, `/movies/:id`.
    pub pattern: String,
    /// The id of the component that answers.
    pub component: String,
}

/// A route that a later one with the same pattern replaces. As in Spin, the application runs, with the later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateRoute {
    /// The pattern that stands twice.
    pub pattern: String,
    /// The component that never sees a request by it.
    pub replaced: String,
    /// The component that answers.
    pub effective: String,
}

impl fmt::Display for DuplicateRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "route {:?} stands twice: component {:?} answers it, {:?} never will",
            self.pattern, self.effective, self.replaced
        )
    }
}

impl RouteTable {
    /// Builds the table. The error says which route cannot be understood, and why.
    pub(super) fn new(routes: impl IntoIterator<Item = Route>) -> Result<Self, String> {
        let mut kept: Vec<Route> = Vec::new();
        let mut duplicates = Vec::new();
        for route in routes {
            match kept.iter_mut().find(|other| other.pattern == route.pattern) {
                None => kept.push(route),
                Some(other) => {
                    duplicates.push(DuplicateRoute {
                        pattern: route.pattern.clone(),
                        replaced: other.component.clone(),
                        effective: route.component.clone(),
                    });
                    *other = route;
                }
            }
        }
        let mut router = routefinder::Router::new();
        for route in kept {
            let spec = spec(&route.matched())
                .map_err(|reason| format!("route {:?} is not valid: {reason}", route.pattern))?;
            let Ok(()) = router.add(spec, route);
        }
        Ok(Self { router, duplicates })
    }

    /// The route that answers a path (without its query), and what it captured; `None` when no route matches.
    pub fn lookup<'a>(&'a self, path: &'a str) -> Option<RouteMatch<'a>> {
        let found = self.router.best_match(path)?;
        let captures = found.captures();
        Some(RouteMatch {
            component: &found.handler().component,
            path_info: captures
                .wildcard()
                .map(|rest| path_info(rest, path))
                .unwrap_or_default(),
            captures: captures
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            pattern: &found.handler().pattern,
            matched: found.handler().matched(),
        })
    }

    /// The route that answers a path, where what it captured does not matter.
    pub fn route(&self, path: &str) -> Option<&Route> {
        Some(self.router.best_match(path)?.handler())
    }

    /// Every public route, in order of precedence.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.router.iter().map(|(_, route)| route)
    }

    /// The routes that can never be reached, since a later one has the same pattern. Worth a warning.
    pub fn duplicates(&self) -> &[DuplicateRoute] {
        &self.duplicates
    }
}

/// What matches the paths of a pattern.
///
/// # Errors
/// Why there is no such pattern.
pub fn spec(pattern: &str) -> Result<routefinder::RouteSpec, String> {
    let matcher = match pattern.strip_suffix("/...") {
        Some(prefix) => format!("{prefix}/*"),
        None => pattern.to_owned(),
    };
    let (before_last, _) = matcher.rsplit_once('/').unwrap_or_default();
    if before_last.split('/').any(|segment| segment.contains('*')) {
        return Err("a wildcard may stand at its end only".to_owned());
    }
    matcher.parse()
}

impl Route {
    /// The pattern with a slash in front and none behind, as it is matched.
    fn matched(&self) -> String {
        let slash = if self.pattern.starts_with('/') {
            ""
        } else {
            "/"
        };
        let pattern = self.pattern.strip_suffix('/').unwrap_or(&self.pattern);
        format!("{}{pattern}", if pattern.is_empty() { "" } else { slash })
    }
}

/// The matcher drops slashes at the end of what a wildcard stands for; Spin's components are told of them.
fn path_info(rest: &str, path: &str) -> Cow<'static, str> {
    match (rest.is_empty(), path.ends_with('/')) {
        (true, false) => "".into(),
        (true, true) => "/".into(),
        (false, false) => format!("/{rest}").into(),
        (false, true) => format!("/{rest}/").into(),
    }
}

/// A route found for a path: the component to call, and what Spin tells it in the `spin-*` request headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMatch<'a> {
    /// The id of the component that answers.
    pub component: &'a str,
    /// What the trailing wildcard stands for, with its slash in front; empty without one. `spin-path-info`
    pub path_info: Cow<'a, str>,
    /// What each `:param` stands for. `spin-path-match-<name>`
    pub captures: Vec<(String, String)>,
    pattern: &'a str,
    matched: String,
}

impl<'a> RouteMatch<'a> {
    /// The match of a request from one component to another, whose routes do not matter: as if its route were `/...`.
    pub fn chained(component: &'a str, path: &'a str) -> Self {
        Self {
            component,
            path_info: path.into(),
            captures: Vec::new(),
            pattern: "/...",
            matched: "/...".to_owned(),
        }
    }

    /// The route as the manifest writes it. `spin-raw-component-route`
    pub fn raw_route(&self) -> &str {
        self.pattern
    }

    /// The route without its trailing wildcard. `spin-component-route`
    pub fn component_route(&self) -> &str {
        self.pattern.strip_suffix("/...").unwrap_or(self.pattern)
    }

    /// The route as it was matched: with a slash in front and none behind. `spin-matched-route`
    pub fn matched_route(&self) -> &str {
        &self.matched
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn table(routes: &[(&str, &str)]) -> RouteTable {
        RouteTable::new(routes.iter().map(|(pattern, component)| Route {
            pattern: (*pattern).to_owned(),
            component: (*component).to_owned(),
        }))
        .unwrap()
    }

    #[test]
    fn exact_goes_before_param_and_param_before_wildcard() {
        let table = table(&[
            ("/...", "all"),
            ("/:one", "param"),
            ("/movies", "exact"),
            ("/movies/...", "below"),
        ]);
        let component = |path| table.lookup(path).unwrap().component;
        assert_eq!(component("/movies"), "exact");
        assert_eq!(component("/movies/1"), "below");
        assert_eq!(component("/users"), "param");
        assert_eq!(component("/users/1"), "all");
        assert_eq!(component("/"), "all");
    }

    #[test]
    fn the_longest_prefix_goes_first_whatever_the_order() {
        let mut routes = vec![
            ("/a/...", "a"),
            ("/a/b/...", "b"),
            ("/a/b/c/...", "c"),
            ("/d/...", "d"),
        ];
        for _ in 0..routes.len() {
            routes.rotate_left(1);
            let table = table(&routes);
            assert_eq!(table.lookup("/a/x").unwrap().component, "a");
            assert_eq!(table.lookup("/a/b").unwrap().component, "b");
            assert_eq!(table.lookup("/a/b/c/d").unwrap().component, "c");
            assert_eq!(table.lookup("/d").unwrap().component, "d");
        }
    }

    #[test]
    fn a_prefix_ends_at_a_slash() {
        let table = table(&[("/movies/...", "movies")]);
        assert!(table.lookup("/moviesx").is_none());
        assert!(table.lookup("/other").is_none());
        assert!(table.lookup("/").is_none());
        assert_eq!(table.lookup("/movies").unwrap().component, "movies");
    }

    #[test]
    fn what_the_request_headers_say() {
        let table = table(&[
            ("/movies/...", "movies"),
            ("/", "root"),
            ("hello/:name/", "hello"),
        ]);
        let found = table.lookup("/movies/5/").unwrap();
        assert_eq!(found.path_info, "/5/");
        assert_eq!(found.raw_route(), "/movies/...");
        assert_eq!(found.component_route(), "/movies");
        assert_eq!(found.matched_route(), "/movies/...");
        assert_eq!(table.lookup("/movies").unwrap().path_info, "");
        assert_eq!(table.lookup("/movies/").unwrap().path_info, "/");

        let found = table.lookup("/hello/world").unwrap();
        assert_eq!(found.captures, [("name".to_owned(), "world".to_owned())]);
        assert_eq!(found.path_info, "");
        assert_eq!(found.matched_route(), "/hello/:name");
        assert_eq!(found.raw_route(), "hello/:name/");
        assert_eq!(table.lookup("/").unwrap().matched_route(), "");

        let chained = RouteMatch::chained("movies", "/movies/5");
        assert_eq!(chained.path_info, "/movies/5");
        assert_eq!(chained.raw_route(), "/...");
        assert_eq!(chained.component_route(), "");
    }

    #[test]
    fn of_two_like_routes_the_later_answers_and_the_other_is_reported() {
        let table = table(&[("/a", "first"), ("/b", "b"), ("/a", "second")]);
        assert_eq!(table.lookup("/a").unwrap().component, "second");
        assert_eq!(table.routes().count(), 2);
        assert_eq!(
            table.duplicates(),
            [DuplicateRoute {
                pattern: "/a".into(),
                replaced: "first".into(),
                effective: "second".into()
            }]
        );
    }

    #[test]
    fn odd_paths_do_no_harm() {
        let table = table(&[("/movies/...", "movies"), ("/:a.json", "json")]);
        for path in [
            "",
            "/",
            "//",
            "/.",
            "/..",
            "/é.json",
            "/movies//x",
            "/%00",
            "/🎬",
            "/movies/🎬/",
        ] {
            table.lookup(path);
        }
        assert_eq!(table.lookup("/movies/🎬").unwrap().path_info, "/🎬");
    }

    #[test]
    fn a_route_that_cannot_be_matched_is_refused() {
        for pattern in ["/*/b", "/:", "/*name", "/a/*b/c"] {
            let route = Route {
                pattern: pattern.into(),
                component: "c".into(),
            };
            let error = RouteTable::new([route]).unwrap_err();
            assert!(error.contains(pattern), "{error}");
        }
    }
}
