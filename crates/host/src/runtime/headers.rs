//! The headers by which Spin tells a component how it was reached.
//!
//! Source: Spin's documentation of the HTTP trigger, "Additional request information".

use std::net::SocketAddr;

use http::{HeaderName, HeaderValue, Request, header::HOST};

use crate::manifest::RouteMatch;

/// Sets the `spin-…` headers; whatever a client sent under those names is replaced or removed.
pub fn add<B>(request: &mut Request<B>, route: &RouteMatch<'_>, client: Option<SocketAddr>) {
    let host = match request.uri().authority() {
        Some(authority) => authority.as_str(),
        None => request
            .headers()
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or("localhost"),
    };
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let full = format!(
        "{}://{host}{path}",
        request.uri().scheme_str().unwrap_or("http")
    );
    let client = client.map_or_else(|| "127.0.0.1:0".to_owned(), |client| client.to_string());
    let foreign: Vec<HeaderName> = request
        .headers()
        .keys()
        .filter(|name| name.as_str().starts_with("spin-"))
        .cloned()
        .collect();
    let headers = request.headers_mut();
    for name in foreign {
        headers.remove(name);
    }
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(HeaderName::from_static("spin-path-info"), &route.path_info);
    set(HeaderName::from_static("spin-full-url"), &full);
    set(
        HeaderName::from_static("spin-matched-route"),
        route.matched_route(),
    );
    set(HeaderName::from_static("spin-base-path"), "/");
    set(
        HeaderName::from_static("spin-raw-component-route"),
        route.raw_route(),
    );
    set(
        HeaderName::from_static("spin-component-route"),
        route.component_route(),
    );
    set(HeaderName::from_static("spin-client-addr"), &client);
    for (name, value) in &route.captures {
        if let Ok(name) = format!("spin-path-match-{name}")
            .to_ascii_lowercase()
            .parse()
        {
            set(name, value);
        }
    }
}
