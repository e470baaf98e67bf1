//! Whose request it is.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;

use super::share::whose;

/// The address that a request with these headers from there is counted for: where that is a trusted proxy, the last one on the way that
/// is not, and none where there is no such. Proxies add to the end of `X-Forwarded-For`, or else `Forwarded` (RFC 7239); what stands
/// before the first one that is not trusted, anybody may have written.
pub fn counted(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| {
        let address = address.to_canonical();
        trusted.iter().any(|network| network.contains(&address))
    };
    if !is_trusted(&peer) {
        return Some(whose(peer));
    }
    let told = forwarded(headers);
    // A name in place of an address, such as `unknown`, ends what can be known.
    let mut known = told.iter().rev().map_while(|text| address(text));
    known.find(|address| !is_trusted(address)).map(whose)
}

/// What proxies tell of who sent the request, the last one's word last.
fn forwarded(headers: &HeaderMap) -> Vec<&str> {
    let listed = |name: HeaderName| {
        let lines = headers.get_all(name).into_iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).map(str::trim)
    };
    let simple = HeaderName::from_static("x-forwarded-for");
    if headers.contains_key(&simple) {
        return listed(simple).collect();
    }
    // Somebody on the way may tell nothing.
    let nodes = listed(FORWARDED).map(|element| node(element).unwrap_or_default());
    nodes.collect()
}

/// Whom an element of `Forwarded` is for.
fn node(element: &str) -> Option<&str> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    Some(node.trim().trim_matches('"'))
}

/// An address, perhaps with a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let found = bare.unwrap_or(text).parse().ok();
    found.or_else(|| {
        text.parse()
            .ok()
            .map(|with_port: SocketAddr| with_port.ip())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Whom a request from a peer is counted for, by what these headers say.
    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> Option<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8", "::1/128"].map(|text| text.parse().unwrap());
        counted(peer.parse().unwrap(), &map, &trusted).map(|it| it.to_string())
    }

    #[test]
    fn a_stranger_is_not_believed() {
        for headers in [&[][..], &[("x-forwarded-for", "198.51.100.1")]] {
            let found = client("192.0.2.1", headers);
            assert_eq!(found, Some("192.0.2.1".into()));
        }
    }

    #[test]
    fn a_trusted_proxy_tells_who_asks() {
        for headers in [
            &[("x-forwarded-for", "198.51.100.1")][..],
            &[("x-forwarded-for", "203.0.113.9, 198.51.100.1:80,10.2.3.4")],
            &[
                ("x-forwarded-for", "203.0.113.9"),
                ("x-forwarded-for", "198.51.100.1"),
            ],
            // Proxies that write the one leave what strangers wrote into the other.
            &[
                ("x-forwarded-for", "198.51.100.1"),
                ("forwarded", "for=203.0.113.9"),
            ],
            &[(
                "forwarded",
                "for=203.0.113.9, For=\"198.51.100.1:80\";proto=https",
            )],
            &[("forwarded", "proto=https;for=198.51.100.1, for=10.0.0.2")],
        ] {
            let found = client("10.0.0.1", headers);
            assert_eq!(found, Some("198.51.100.1".into()), "{headers:?}");
        }
        let found = client("::1", &[("forwarded", "for=\"[2001:db8::1]:80\"")]);
        assert_eq!(found, Some("2001:db8::".into()));
    }

    #[test]
    fn a_trusted_proxy_that_tells_nobody_is_not_bounded() {
        for headers in [
            &[][..],
            &[("x-forwarded-for", "")],
            &[("x-forwarded-for", "198.51.100.1, unknown")],
            &[("x-forwarded-for", "10.9.9.9")],
            &[("forwarded", "for=198.51.100.1, by=10.0.0.1")],
        ] {
            assert_eq!(client("10.0.0.1", headers), None, "{headers:?}");
        }
    }
}
