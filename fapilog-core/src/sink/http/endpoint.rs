//! [`Endpoint`]: where a sink posts to, when it has been looked at.

use std::{fmt, net::IpAddr};

use reqwest::Url;

use super::address::{Reach, is_loopback};
use crate::redact::is_credential;

/// Where a sink posts to. Shows no more of itself than scheme, host and port: paths and queries may
/// hold secrets.
#[derive(Clone)]
pub(in crate::sink) struct Endpoint {
    url: Url,
    reach: Reach,
}

/// How much an endpoint is trusted.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sink) struct Trust {
    /// Whether events may go over the network as plain text.
    pub(in crate::sink) allows_insecure: bool,
    /// Whether it comes from somebody who must not reach our own network.
    pub(in crate::sink) is_untrusted: bool,
    /// Whether requests carry what must not be read on the way.
    pub(in crate::sink) has_secrets: bool,
}

impl Endpoint {
    /// Reads a URL and looks whether events may go there; else what is wrong with it, without the URL.
    pub(in crate::sink) fn new(text: &str, trust: Trust) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("it is no URL: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("credentials do not belong into a URL, but into headers".to_owned());
        }
        let host = match (url.scheme(), url.host_str()) {
            ("http" | "https", Some(host)) => Host::of(host),
            _ => return Err("a URL that begins with https:// is expected".to_owned()),
        };
        let reach = match (trust.is_untrusted, url.scheme(), host.is_loopback()) {
            (true, ..) => Reach::Public,
            (false, "http", true) => Reach::Loopback,
            (false, ..) => Reach::Trusted,
        };
        host.check(reach)?;
        if url.scheme() == "http" && !host.is_loopback() {
            check_plain(&url, trust)?;
        }
        Ok(Self { url, reach })
    }

    pub(in crate::sink) fn url(&self) -> &Url {
        &self.url
    }

    /// To which addresses its name may lead.
    pub(in crate::sink) fn reach(&self) -> Reach {
        self.reach
    }

    pub(in crate::sink) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }
}

/// Whether plain text may go over the network to this URL.
fn check_plain(url: &Url, trust: Trust) -> Result<(), String> {
    if !trust.allows_insecure {
        let text =
            "events go over https:// only, but to this machine; allow_insecure_http allows it";
        return Err(text.to_owned());
    }
    let query_is_secret = url.query_pairs().any(|(name, _)| is_credential(&name));
    if trust.has_secrets || query_is_secret {
        return Err("credentials go over https:// only, but to this machine".to_owned());
    }
    Ok(())
}

/// The host of a URL: a literal in whatever spelling is an address by now.
enum Host<'a> {
    Address(IpAddr),
    Name(&'a str),
}

impl<'a> Host<'a> {
    fn of(host: &'a str) -> Self {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        match literal.parse() {
            Ok(address) => Self::Address(address),
            Err(_) => Self::Name(host.trim_end_matches('.')),
        }
    }

    fn is_loopback(&self) -> bool {
        match self {
            Self::Address(address) => is_loopback(*address),
            Self::Name(name) => *name == "localhost" || name.ends_with(".localhost"),
        }
    }

    /// Names are looked at again when they are resolved, each time.
    fn check(&self, reach: Reach) -> Result<(), String> {
        let refused = match self {
            Self::Address(address) => reach.refuses(*address),
            Self::Name(_) if reach == Reach::Public && self.is_loopback() => Some("is not public"),
            Self::Name(_) => None,
        };
        match refused {
            Some(why) => Err(format!("no events go there: its address {why}")),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url.origin().ascii_serialization())
    }
}
