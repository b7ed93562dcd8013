//! [`Reach`]: to which addresses a connection may go.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// To which addresses a connection may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sink) enum Reach {
    /// To all but those where a machine asks about itself, and no collector ever is.
    Trusted,
    /// To this machine alone: what is not encrypted must not leave it.
    Loopback,
    /// To those that anybody can reach: who chose the endpoint must not look into our network.
    Public,
}

/// Link-local, where the clouds tell a machine its credentials; and those that do it elsewhere:
/// Alibaba, Azure, Oracle.
const METADATA_4: [Ipv4Net; 4] = [
    net4([169, 254, 0, 0], 16),
    net4([100, 100, 100, 200], 32),
    net4([168, 63, 129, 16], 32),
    net4([192, 0, 0, 192], 32),
];

/// Link-local; Amazon's, and Google's.
const METADATA_6: [Ipv6Net; 3] = [
    net6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
    net6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128),
    net6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128),
];

/// All that is of a special kind, by the registry of the IANA.
const SPECIAL_4: [Ipv4Net; 14] = [
    net4([0, 0, 0, 0], 8),
    net4([10, 0, 0, 0], 8),
    net4([100, 64, 0, 0], 10),
    net4([127, 0, 0, 0], 8),
    net4([172, 16, 0, 0], 12),
    net4([192, 0, 0, 0], 24),
    net4([192, 0, 2, 0], 24),
    net4([192, 88, 99, 0], 24),
    net4([192, 168, 0, 0], 16),
    net4([198, 18, 0, 0], 15),
    net4([198, 51, 100, 0], 24),
    net4([203, 0, 113, 0], 24),
    net4([224, 0, 0, 0], 4),
    net4([240, 0, 0, 0], 4),
];

/// Outside of it nothing is public.
const GLOBAL_6: Ipv6Net = net6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What is of a special kind within, such as 6to4 and Teredo, behind which there are others.
const SPECIAL_6: [Ipv6Net; 4] = [
    net6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    net6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    net6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    net6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// NAT64, whose last four bytes are an address of version 4.
const NAT64: Ipv6Net = net6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

const fn net4(address: [u8; 4], bits: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn net6(address: [u16; 8], bits: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = address;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits)
}

impl Reach {
    /// Why no connection may go to this address, if none may.
    pub(in crate::sink) fn refuses(self, address: IpAddr) -> Option<&'static str> {
        if is_metadata(address) {
            return Some("is link-local, or that of a metadata service");
        }
        match self {
            Self::Trusted => None,
            Self::Loopback => (!is_loopback(address)).then_some("is not loopback"),
            Self::Public => (!is_public(address)).then_some("is not public"),
        }
    }
}

/// Whether this is the machine itself.
pub(in crate::sink) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn is_metadata(address: IpAddr) -> bool {
    let is_4 = |address: Ipv4Addr| METADATA_4.iter().any(|net| net.contains(&address));
    match address {
        IpAddr::V4(address) => is_4(address),
        IpAddr::V6(address) => {
            METADATA_6.iter().any(|net| net.contains(&address)) || within(address).is_some_and(is_4)
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_6.contains(&address) && !SPECIAL_6.iter().any(|net| net.contains(&address))
        }
    }
}

/// The address of version 4 that this one stands for: `::ffff:a.b.c.d`, `::a.b.c.d`, NAT64 and 6to4.
fn within(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bytes = address.octets();
    let at = |start: usize| {
        let [a, b, c, d] = *bytes.get(start..)?.first_chunk::<4>()?;
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, _, _] => at(12),
        [0x2002, ..] => at(2),
        _ if NAT64.contains(&address) => at(12),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each reach says to an address: trusted, loopback, public.
    const TABLE: &[(&str, [bool; 3])] = &[
        ("8.8.8.8", [true, false, true]),
        ("2606:4700::1111", [true, false, true]),
        ("127.0.0.1", [true, true, false]),
        ("127.255.255.254", [true, true, false]),
        ("::1", [true, true, false]),
        ("::ffff:127.0.0.1", [true, true, false]),
        ("0.0.0.0", [true, false, false]),
        ("::", [true, false, false]),
        ("10.0.0.1", [true, false, false]),
        ("172.16.0.1", [true, false, false]),
        ("172.31.255.255", [true, false, false]),
        ("172.32.0.1", [true, false, true]),
        ("192.168.1.1", [true, false, false]),
        ("100.64.0.1", [true, false, false]),
        ("100.127.255.255", [true, false, false]),
        ("100.128.0.1", [true, false, true]),
        ("192.0.0.1", [true, false, false]),
        ("192.0.2.1", [true, false, false]),
        ("198.18.0.1", [true, false, false]),
        ("198.51.100.1", [true, false, false]),
        ("203.0.113.1", [true, false, false]),
        ("224.0.0.1", [true, false, false]),
        ("255.255.255.255", [true, false, false]),
        ("fc00::1", [true, false, false]),
        ("fd12:3456::1", [true, false, false]),
        ("ff02::1", [true, false, false]),
        ("2001::1", [true, false, false]),
        ("2001:db8::1", [true, false, false]),
        ("2002:808:808::1", [true, false, false]),
        ("::ffff:8.8.8.8", [true, false, false]),
        ("::ffff:10.0.0.1", [true, false, false]),
        ("64:ff9b::10.0.0.1", [true, false, false]),
        ("169.254.169.254", [false, false, false]),
        ("169.254.0.1", [false, false, false]),
        ("100.100.100.200", [false, false, false]),
        ("168.63.129.16", [false, false, false]),
        ("192.0.0.192", [false, false, false]),
        ("fe80::1", [false, false, false]),
        ("febf::1", [false, false, false]),
        ("fd00:ec2::254", [false, false, false]),
        ("fd20:ce::254", [false, false, false]),
        ("::ffff:169.254.169.254", [false, false, false]),
        ("::169.254.169.254", [false, false, false]),
        ("64:ff9b::169.254.169.254", [false, false, false]),
        ("2002:a9fe:a9fe::1", [false, false, false]),
    ];

    #[test]
    fn each_reach_lets_through_what_it_says() {
        for (address, expected) in TABLE {
            let parsed = address.parse().unwrap();
            let reaches = [Reach::Trusted, Reach::Loopback, Reach::Public];
            let told = reaches.map(|reach| reach.refuses(parsed).is_none());
            assert_eq!(told, *expected, "{address}");
        }
    }
}
