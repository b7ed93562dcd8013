//! Who the client is, where proxies stand between.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Longer lists are not those of proxies.
const MOST_HOPS: usize = 32;

/// Whether the address is in one of the networks.
pub(crate) fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// The address of the client: of those that the request has passed, from the `peer` backwards, the
/// first that is no trusted proxy. Each hop is believed only if the one that tells of it is trusted.
///
/// Reads `Forwarded` (RFC 7239), else `X-Forwarded-For`.
pub(crate) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer;
    if !is_in(trusted, client) {
        return client;
    }
    for hop in hops(headers).iter().rev().take(MOST_HOPS) {
        let Some(address) = parse(hop) else {
            // The one before is not known: this is as far as can be told.
            return client;
        };
        client = address;
        if !is_in(trusted, client) {
            return client;
        }
    }
    client
}

/// The hops, from the client to the last proxy but one.
fn hops(headers: &HeaderMap) -> Vec<&str> {
    let lists = |name: &HeaderName| {
        let values = headers.get_all(name).iter();
        let texts: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        texts
    };
    let forwarded = lists(&FORWARDED);
    if forwarded.is_empty() {
        let lists = lists(&X_FORWARDED_FOR);
        return lists.into_iter().flat_map(|list| list.split(',')).collect();
    }
    let elements = forwarded.into_iter().flat_map(|list| list.split(','));
    elements.map(forwarded_for).collect()
}

/// The `for` of an element of `Forwarded`; empty if it has none.
fn forwarded_for(element: &str) -> &str {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    found.map_or("", |(_, value)| value)
}

/// An address, with or without a port, quotes and brackets.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim().trim_matches('"');
    let bare = hop.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let address = bare.unwrap_or(hop).parse().ok();
    let address = address.or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn told(peer: &str, headers: &[(HeaderName, &'static str)]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|it| it.parse().unwrap());
        let headers = headers.iter().cloned();
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        address(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn a_hop_is_believed_as_far_as_those_who_tell_of_it_are_trusted() {
        let list = |text| [(X_FORWARDED_FOR, text)];
        assert_eq!(told("192.0.2.1", &list("198.51.100.7")), "192.0.2.1");
        assert_eq!(told("10.0.0.1", &list("198.51.100.7")), "198.51.100.7");
        assert_eq!(
            told("10.0.0.1", &list("6.6.6.6, 198.51.100.7, 10.9.9.9")),
            "198.51.100.7"
        );
        assert_eq!(told("10.0.0.1", &list("10.2.2.2")), "10.2.2.2");
        assert_eq!(
            told("10.0.0.1", &list("6.6.6.6, junk, 10.9.9.9")),
            "10.9.9.9"
        );
        assert_eq!(told("10.0.0.1", &[]), "10.0.0.1");
        let twice = [
            (X_FORWARDED_FOR, "6.6.6.6"),
            (X_FORWARDED_FOR, "198.51.100.7"),
        ];
        assert_eq!(told("10.0.0.1", &twice), "198.51.100.7");
    }

    #[test]
    fn forwarded_is_read_in_all_its_forms_and_wins() {
        let forwarded = |text| [(FORWARDED, text), (X_FORWARDED_FOR, "6.6.6.6")];
        for (text, client) in [
            ("for=198.51.100.7", "198.51.100.7"),
            (
                "For=\"198.51.100.7:4711\";proto=https;by=10.0.0.1",
                "198.51.100.7",
            ),
            ("for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("for=\"[2001:db8::1]\", for=10.1.1.1", "2001:db8::1"),
            ("for=_hidden, for=10.1.1.1", "10.1.1.1"),
            ("for=unknown", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ] {
            assert_eq!(told("10.0.0.1", &forwarded(text)), client, "{text}");
        }
    }
}
