//! Where a component may send requests: the entries of `allowed_outbound_hosts`, in Spin's syntax
//! `scheme://host[:port]`. Whatever no entry allows is refused.

use ipnet::IpNet;
use std::{net::IpAddr, ops::Range};
use url::Host;

/// The domain under which a component is reached by another of the same application, in process.
const CHAINING_SUFFIX: &str = ".spin.internal";

/// The component a request is meant for when its host is `<component>.spin.internal`: service chaining.
pub fn chaining_target(host: &str) -> Option<&str> {
    host.strip_suffix(CHAINING_SUFFIX)
        .filter(|id| !id.is_empty() && !id.contains('.'))
}

/// The destinations one component may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<AllowedHost>);

impl AllowedHosts {
    /// Gathers parsed entries. `*.spin.internal` stands for each component of the application.
    pub(super) fn new(entries: Vec<AllowedHost>, components: &[&str]) -> Self {
        let expand = |entry: AllowedHost| match &entry.host {
            HostPattern::Subdomain(suffix) if suffix == CHAINING_SUFFIX => components
                .iter()
                .map(|id| AllowedHost {
                    host: HostPattern::Exact(Host::Domain(format!("{id}{CHAINING_SUFFIX}"))),
                    ..entry.clone()
                })
                .collect(),
            _ => vec![entry],
        };
        Self(entries.into_iter().flat_map(expand).collect())
    }

    /// Whether a request to this address is allowed. `host` is a name or an address (IPv6 in brackets, as in a URL);
    /// without a `port` the scheme's own is meant. No entry for `self` is asked: see [`Self::allows_self`].
    pub fn allows(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        let Ok(host) = Host::parse(host) else {
            return false;
        };
        self.0.iter().any(|entry| {
            entry.scheme.allows(scheme)
                && entry.host.allows(&host)
                && entry.port.allows(scheme, port)
        })
    }

    /// Whether a request to the application itself (a URL without a host) is allowed.
    pub fn allows_self(&self, scheme: &str) -> bool {
        self.0.iter().any(|entry| {
            entry.scheme.allows(scheme)
                && matches!(entry.host, HostPattern::Any | HostPattern::Application)
        })
    }
}

/// One entry of `allowed_outbound_hosts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AllowedHost {
    scheme: SchemePattern,
    host: HostPattern,
    port: PortPattern,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SchemePattern {
    Any,
    Exact(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Any,
    /// The application itself, by a relative URL.
    Application,
    /// Every name that ends with this, which begins with a dot.
    Subdomain(String),
    Exact(Host),
    Network(IpNet),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PortPattern {
    Any,
    Exact(u16),
    /// As in Spin, the end is not part of it.
    Range(Range<u16>),
}

impl AllowedHost {
    /// Reads an entry whose templates are resolved. The error says what is wrong, without the entry itself, which may hold
    /// the value of a secret.
    pub(super) fn parse(entry: &str) -> Result<Self, String> {
        let entry = entry.trim();
        if entry == "insecure:allow-all" {
            return Err(
                "this old form is no longer allowed: write `*://*:*` to allow everything".into(),
            );
        }
        let Some((scheme, rest)) = entry.split_once("://") else {
            return Err(
                "it has no scheme: write it as `scheme://host:port`, such as `https://example.com`"
                    .into(),
            );
        };
        let (host, port) = split_port(rest)?;
        Ok(Self {
            scheme: SchemePattern::parse(scheme)?,
            host: HostPattern::parse(host)?,
            port: PortPattern::parse(port, scheme)?,
        })
    }
}

/// Splits `host[:port][/]`. The last colon may also be one of an IPv6 address or network, so the whole is tried as a host
/// first.
fn split_port(rest: &str) -> Result<(&str, &str), String> {
    match rest.rsplit_once(':') {
        None | Some((_, "")) => Ok((rest.strip_suffix(':').unwrap_or(rest), "")),
        Some(_) if HostPattern::parse(rest).is_ok() => Ok((rest, "")),
        Some((host, tail)) => match tail.split_once('/') {
            None | Some((_, "")) => Ok((host, tail.strip_suffix('/').unwrap_or(tail))),
            Some(_) => Err(NO_PATH.into()),
        },
    }
}

const NO_PATH: &str =
    "it has a path, which Spin does not allow here: leave it out, the whole host is allowed";

impl SchemePattern {
    fn parse(scheme: &str) -> Result<Self, String> {
        if scheme == "*" {
            return Ok(Self::Any);
        }
        if scheme.is_empty() || !scheme.chars().all(char::is_alphabetic) {
            return Err("its scheme may hold letters only, or be `*`".into());
        }
        Ok(Self::Exact(scheme.to_owned()))
    }

    fn allows(&self, scheme: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(allowed) => allowed == scheme,
        }
    }
}

impl HostPattern {
    fn parse(host: &str) -> Result<Self, String> {
        let host = host.trim();
        match host {
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::Application),
            _ => {}
        }
        if let Ok(network) = host.parse() {
            return Ok(Self::Network(network));
        }
        let host = host.strip_suffix('/').unwrap_or(host);
        if host.contains('/') {
            return Err(NO_PATH.into());
        }
        let invalid = |e: url::ParseError| format!("its host is not valid: {e}");
        if let Some(domain) = host.strip_prefix("*.") {
            if domain.contains('*') {
                return Err("only its first label may be `*`".into());
            }
            return match Host::parse(domain).map_err(invalid)? {
                Host::Domain(domain) => Ok(Self::Subdomain(format!(".{domain}"))),
                _ => Err("`*.` may stand before a name only, not before an address".into()),
            };
        }
        if host.contains('*') {
            return Err("`*` may stand for the whole host or for its first label only".into());
        }
        Host::parse(host).map(Self::Exact).map_err(invalid)
    }

    fn allows(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Application, _) => false,
            (Self::Subdomain(suffix), Host::Domain(domain)) => domain.ends_with(suffix.as_str()),
            (Self::Subdomain(_), _) => false,
            (Self::Exact(allowed), host) => allowed == host,
            (Self::Network(network), Host::Ipv4(address)) => {
                network.contains(&IpAddr::V4(*address))
            }
            (Self::Network(network), Host::Ipv6(address)) => {
                network.contains(&IpAddr::V6(*address))
            }
            (Self::Network(_), Host::Domain(_)) => false,
        }
    }
}

impl PortPattern {
    fn parse(port: &str, scheme: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.parse::<u16>()
                .map_err(|_| format!("its port `{text}` is not a number up to 65535"))
        };
        match port {
            "" => well_known_port(scheme).map(Self::Exact).ok_or_else(|| {
                format!("it needs a port, since the scheme `{scheme}` has none of its own")
            }),
            "*" => Ok(Self::Any),
            _ => match port.split_once("..") {
                Some((start, end)) => Ok(Self::Range(number(start)?..number(end)?)),
                None => number(port).map(Self::Exact),
            },
        }
    }

    fn allows(&self, scheme: &str, port: Option<u16>) -> bool {
        let Some(port) = port.or_else(|| well_known_port(scheme)) else {
            return matches!(self, Self::Any);
        };
        match self {
            Self::Any => true,
            Self::Exact(allowed) => *allowed == port,
            Self::Range(range) => range.contains(&port),
        }
    }
}

/// The port of an address that names none.
fn well_known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn hosts(entries: &[&str]) -> AllowedHosts {
        let entries = entries
            .iter()
            .map(|e| AllowedHost::parse(e).unwrap())
            .collect();
        AllowedHosts::new(entries, &["movies", "data-api"])
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        assert!(!hosts(&[]).allows("http", "example.com", None));
        assert!(!hosts(&[]).allows_self("http"));
    }

    #[test]
    fn scheme_host_and_port_must_all_agree() {
        let allowed = hosts(&["https://example.com", "http://localhost:8080/"]);
        assert!(allowed.allows("https", "example.com", None));
        assert!(allowed.allows("https", "EXAMPLE.com", Some(443)));
        assert!(!allowed.allows("http", "example.com", None));
        assert!(!allowed.allows("https", "example.com", Some(8443)));
        assert!(!allowed.allows("https", "a.example.com", None));
        assert!(allowed.allows("http", "localhost", Some(8080)));
        assert!(!allowed.allows("http", "localhost", None));
    }

    #[test]
    fn wildcards() {
        let allowed = hosts(&["*://*.example.com:*", "redis://*"]);
        assert!(allowed.allows("http", "a.b.example.com", Some(1)));
        assert!(!allowed.allows("http", "example.com", None));
        assert!(!allowed.allows("http", "myexample.com", None));
        assert!(allowed.allows("redis", "anything", Some(6379)));
        assert!(!allowed.allows("redis", "anything", Some(6380)));
        assert!(hosts(&["*://*:*"]).allows("gopher", "[::1]", None));
    }

    #[test]
    fn port_ranges_leave_out_their_end() {
        let allowed = hosts(&["http://h:8000..8002"]);
        assert!(allowed.allows("http", "h", Some(8001)));
        assert!(!allowed.allows("http", "h", Some(8002)));
        assert!(!allowed.allows("http", "h", None));
    }

    #[test]
    fn addresses_and_networks() {
        let allowed = hosts(&[
            "http://[::1]",
            "http://10.1.2.3/8",
            "https://2001:db8::/32:8443",
        ]);
        assert!(allowed.allows("http", "[::1]", Some(80)));
        assert!(allowed.allows("http", "10.200.0.1", None));
        assert!(!allowed.allows("http", "11.0.0.1", None));
        assert!(allowed.allows("https", "[2001:db8::5]", Some(8443)));
        assert!(!allowed.allows("http", "ten.example", None));
    }

    #[test]
    fn the_application_itself() {
        assert!(hosts(&["http://self"]).allows_self("http"));
        assert!(!hosts(&["http://self"]).allows_self("https"));
        assert!(!hosts(&["http://self"]).allows("http", "self", None));
        assert!(hosts(&["http://*"]).allows_self("http"));
    }

    #[test]
    fn chaining_to_all_means_the_components_there_are() {
        let allowed = hosts(&["http://*.spin.internal"]);
        assert!(allowed.allows("http", "data-api.spin.internal", None));
        assert!(!allowed.allows("http", "other.spin.internal", None));
        assert_eq!(chaining_target("data-api.spin.internal"), Some("data-api"));
        assert_eq!(chaining_target("a.b.spin.internal"), None);
        assert_eq!(chaining_target("spin.internal"), None);
        assert_eq!(chaining_target("example.com"), None);
    }

    #[test]
    fn malformed_entries_are_refused() {
        for entry in [
            "",
            "*",
            "example.com",
            "example.com:80",
            "insecure:allow-all",
            "ht-tp://h",
            "://h",
            "{http,https}://h",
            "http://h/path",
            "http://h:80/path",
            "http://h:80:90",
            "http://h//",
            "http://*.example.com/p",
            "http://a.*.com",
            "http://*.*.com",
            "http://*.127.0.0.1",
            "http://h:port",
            "http://h:99999",
            "http://h:80..",
            "http://[::1",
            "http://10.0.0.0/8/p",
            "tcp://h",
        ] {
            assert!(
                AllowedHost::parse(entry).is_err(),
                "{entry:?} should be refused"
            );
        }
        assert!(
            AllowedHost::parse("http://h:80/path")
                .unwrap_err()
                .contains("path")
        );
    }
}
