//! Whose request it is.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, header::FORWARDED};
use ipnet::IpNet;

use super::share::whose;

/// Who sent a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    /// The address, as components are told it; the port is 0 where it is a proxy's word.
    pub address: SocketAddr,
    /// What is counted of them is counted for this address; none for a trusted proxy itself.
    pub bounded: Option<IpAddr>,
}

impl Client {
    /// Who sent a request with these headers from there: where that is a trusted proxy, the last one on the way who is not. Proxies add
    /// to the end of `X-Forwarded-For`, or else `Forwarded` (RFC 7239); what stands before the first one who is not trusted, anybody may
    /// have written.
    pub fn of(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |address: &IpAddr| {
            let address = address.to_canonical();
            trusted.iter().any(|network| network.contains(&address))
        };
        if !is_trusted(&peer.ip()) {
            return Self {
                address: peer,
                bounded: Some(whose(peer.ip())),
            };
        }
        let told = forwarded(headers);
        // A name in place of an address, such as `unknown`, ends what can be known.
        let known = told.iter().rev().map_while(|text| address(text));
        match known.into_iter().find(|address| !is_trusted(address)) {
            Some(address) => Self {
                address: SocketAddr::new(address, 0),
                bounded: Some(whose(address)),
            },
            None => Self {
                address: peer,
                bounded: None,
            },
        }
    }
}

/// What proxies tell of who sent the request, the last one's word last.
fn forwarded(headers: &HeaderMap) -> Vec<&str> {
    let lists = |name| headers.get_all(name).iter().filter_map(|v| v.to_str().ok());
    if headers.contains_key("x-forwarded-for") {
        let lists = lists(http::HeaderName::from_static("x-forwarded-for"));
        return lists
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .collect();
    }
    let nodes = |element: &'_ str| -> Option<usize> {
        element.split(';').position(|pair| {
            pair.trim_start()
                .get(..4)
                .is_some_and(|name| name.eq_ignore_ascii_case("for="))
        })
    };
    lists(FORWARDED)
        .flat_map(|list| list.split(','))
        .map(|element| match nodes(element) {
            Some(at) => element
                .split(';')
                .nth(at)
                .and_then(|pair| pair.split_once('='))
                .map_or("", |(_, node)| node.trim().trim_matches('"')),
            // Somebody on the way who tells nothing.
            None => "",
        })
        .collect()
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

    /// Who sent a request from a peer, by what these headers say.
    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> (String, Option<String>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8", "::1/128"].map(|text| text.parse().unwrap());
        let found = Client::of(SocketAddr::new(peer.parse().unwrap(), 7), &map, &trusted);
        (
            found.address.to_string(),
            found.bounded.map(|it| it.to_string()),
        )
    }

    #[test]
    fn a_stranger_is_not_believed() {
        for headers in [&[][..], &[("x-forwarded-for", "198.51.100.1")]] {
            let found = client("192.0.2.1", headers);
            assert_eq!(found, ("192.0.2.1:7".into(), Some("192.0.2.1".into())));
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
            assert_eq!(
                found,
                ("198.51.100.1:0".into(), Some("198.51.100.1".into())),
                "{headers:?}"
            );
        }
        let found = client("::1", &[("forwarded", "for=\"[2001:db8::1]:80\"")]);
        assert_eq!(found, ("[2001:db8::1]:0".into(), Some("2001:db8::".into())));
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
            assert_eq!(
                client("10.0.0.1", headers),
                ("10.0.0.1:7".into(), None),
                "{headers:?}"
            );
        }
    }
}
