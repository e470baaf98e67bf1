//! Where a request came from: the client's address, and whether by https. The host tells its peer; a proxy in between tells more
//! (RFC 7239, and the `X-Forwarded-…` headers that most send), and is believed where it is one that the settings trust.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

use crate::Problem;

/// Where service chaining says that requests come from, which is no connection's address: a sibling's word about a client is believed.
const CHAINED: &str = "127.0.0.1:0";

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The client's address; none where the host does not say.
    pub address: Option<IpAddr>,
    /// Whether it came by https.
    pub is_https: bool,
}

impl Origin {
    /// By a request's headers, where the proxies at these addresses and networks, parted by commas, are believed.
    pub(crate) fn of(headers: &HeaderMap, trusted: &str) -> Result<Self, Problem> {
        let trusted = networks(trusted)?;
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        let direct = Self {
            address: text(headers, "spin-client-addr").and_then(|peer| address(&peer)),
            is_https: text(headers, "spin-full-url").is_some_and(|url| scheme_is_https(&url)),
        };
        let is_sibling = text(headers, "spin-client-addr").as_deref() == Some(CHAINED);
        let Some(peer) = (direct.address).filter(|peer| is_sibling || is_trusted(peer)) else {
            return Ok(direct);
        };
        let forwarded = |key: &str| elements(headers, "forwarded", key);
        let listed = |name: &str, key: &str| match list(headers, name) {
            values if values.is_empty() => forwarded(key),
            values => values,
        };
        // Each proxy adds its own peer at the end, so what stands before the last that is not trusted may be anybody's word.
        let hops = listed("x-forwarded-for", "for");
        let mut hops = hops.iter().rev().map_while(|hop| address(hop));
        let protocols = listed("x-forwarded-proto", "proto");
        Ok(Self {
            address: Some(hops.find(|hop| !is_trusted(hop)).unwrap_or(peer)),
            is_https: match protocols.first() {
                Some(first) => first.eq_ignore_ascii_case("https"),
                None => direct.is_https,
            },
        })
    }

    /// What stands for the client where attempts are counted: the address, of which a network of IPv6 has as many as it likes.
    pub fn counted(&self) -> String {
        match self.address {
            None => String::new(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let network = u128::from(address) & (u128::MAX << 64);
                Ipv6Addr::from(network).to_string()
            }
        }
    }
}

fn networks(text: &str) -> Result<Vec<IpNet>, Problem> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let network = |part: &str| match part.parse::<IpAddr>() {
        Ok(address) => Some(address.into()),
        Err(_) => part.parse().ok(),
    };
    parts
        .map(|part| {
            let reason = format!("{part:?} is no address or network, such as 10.0.0.0/8");
            network(part).ok_or_else(|| Problem::unusable("trusted_proxies", &reason))
        })
        .collect()
}

fn scheme_is_https(url: &str) -> bool {
    (url.split_once(':')).is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// What a header lists, in all its lines.
fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// The values of a parameter of a `Forwarded` header (RFC 7239, 4).
fn elements(headers: &HeaderMap, name: &str, key: &str) -> Vec<String> {
    let value = |element: String| {
        let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(name, value)| (name.trim(), value.trim().trim_matches('"')))
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.to_owned())
    };
    list(headers, name).into_iter().filter_map(value).collect()
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = text.parse::<SocketAddr>().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = with_port.or_else(|_| bare.parse::<IpAddr>()).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn origin(headers: &[(&'static str, &str)]) -> (String, bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let origin = Origin::of(&map, "10.0.0.0/8, ::1, 192.0.2.7").unwrap();
        (origin.counted(), origin.is_https)
    }

    const PROXY: (&str, &str) = ("spin-client-addr", "10.1.2.3:4711");

    #[test]
    fn a_stranger_s_word_counts_for_nothing() {
        let said = [
            ("spin-client-addr", "203.0.113.9:1"),
            ("x-forwarded-for", "198.51.100.1"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=198.51.100.1;proto=https"),
        ];
        assert_eq!(origin(&said), ("203.0.113.9".into(), false));
        assert_eq!(origin(&said[1..]), (String::new(), false));
        let full = [said[0], ("spin-full-url", "https://cinema.example/")];
        assert_eq!(origin(&full), ("203.0.113.9".into(), true));
    }

    #[test]
    fn a_sibling_s_word_counts() {
        let told = [
            ("spin-client-addr", CHAINED),
            ("x-forwarded-for", "198.51.100.1"),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(origin(&told), ("198.51.100.1".into(), true));
        assert_eq!(origin(&told[..1]), ("127.0.0.1".into(), false));
        let from_here = [("spin-client-addr", "127.0.0.1:4711"), told[1]];
        assert_eq!(origin(&from_here), ("127.0.0.1".into(), false));
    }

    #[test]
    fn https_is_told_in_many_ways() {
        for (name, value, https) in [
            ("x-forwarded-proto", "https", true),
            ("x-forwarded-proto", "HTTPS,http", true),
            ("x-forwarded-proto", "http, https", false),
            (
                "forwarded",
                "for=203.0.113.9;Proto=https, for=10.0.0.1;proto=http",
                true,
            ),
            ("forwarded", "proto=\"https\"", true),
            ("forwarded", "proto=http", false),
        ] {
            assert_eq!(origin(&[PROXY, (name, value)]).1, https, "{name}: {value}");
        }
    }

    #[test]
    fn the_client_is_the_last_whom_nobody_vouches_for() {
        for (name, value, address) in [
            (
                "x-forwarded-for",
                "198.51.100.1, 203.0.113.9, 10.0.0.4",
                "203.0.113.9",
            ),
            ("x-forwarded-for", "203.0.113.9:80", "203.0.113.9"),
            ("x-forwarded-for", "10.0.0.5", "10.1.2.3"),
            ("x-forwarded-for", "unknown", "10.1.2.3"),
            ("x-forwarded-for", "2001:db8:1:2:3::4", "2001:db8:1:2::"),
            (
                "forwarded",
                "for=\"[2001:db8:1:2:3::4]:80\"",
                "2001:db8:1:2::",
            ),
            ("x-forwarded-for", "::ffff:203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(origin(&[PROXY, (name, value)]).0, address, "{value}");
        }
    }

    #[test]
    fn a_setting_that_is_none_is_named() {
        let problem = Origin::of(&HeaderMap::new(), "10.0.0.0/8, proxy").unwrap_err();
        assert_eq!(problem.status, 503);
        assert!(problem.detail.contains("trusted_proxies"), "{problem:?}");
    }
}
