//! [`Connection`]: how connections are made, and kept.

use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, Identity, Proxy, Url, redirect, retry, tls};

use super::{
    endpoint::Endpoint,
    resolver::Resolver,
    trouble::{Trouble, told},
};
use crate::Sensitive;

/// How connections are made, and kept: by HTTP/1.1, with TLS 1.2 or 1.3 and certificates that are
/// looked at. Nothing of it is read from the environment, and no redirect is followed.
#[derive(Clone, Debug)]
pub(in crate::sink) struct Connection {
    /// The only certificates of authorities that are trusted, instead of those of the system.
    pub(in crate::sink) ca: Option<Vec<u8>>,
    /// A certificate of our own, with its key.
    pub(in crate::sink) identity: Option<Sensitive<Vec<u8>>>,
    pub(in crate::sink) proxy: Option<Sensitive<String>>,
    pub(in crate::sink) connect_timeout: Duration,
    pub(in crate::sink) pool_max_idle: usize,
    pub(in crate::sink) pool_idle_timeout: Duration,
}

impl Connection {
    /// A client for this endpoint.
    pub(in crate::sink) fn client(&self, endpoint: &Endpoint) -> Result<Client, Trouble> {
        self.client_with(endpoint, Resolver::new(endpoint.reach()))
    }

    pub(super) fn client_with(
        &self,
        endpoint: &Endpoint,
        resolver: Resolver,
    ) -> Result<Client, Trouble> {
        let mut builder = strict()
            .dns_resolver(resolver)
            .connect_timeout(self.connect_timeout)
            .pool_max_idle_per_host(self.pool_max_idle)
            .pool_idle_timeout(self.pool_idle_timeout);
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy_at(proxy.expose())?);
        }
        if let Some(identity) = &self.identity {
            let identity = Identity::from_pem(identity.expose());
            let identity = identity.map_err(|error| about("client_identity_file", error))?;
            builder = builder.identity(identity);
        }
        builder = match &self.ca {
            Some(pem) => builder.tls_certs_only(authorities(pem)?),
            // Those of the system need not be there where nothing is encrypted.
            None if !endpoint.is_encrypted() && self.proxy.is_none() => builder.tls_certs_only([]),
            None => builder,
        };
        builder.build().map_err(|error| match self.ca {
            Some(_) => about("ca_file", error),
            None => about("endpoint", error),
        })
    }
}

/// What holds for all, whatever features others switch on in the client.
fn strict() -> ClientBuilder {
    Client::builder()
        .tls_backend_rustls()
        .tls_version_min(tls::Version::TLS_1_2)
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .referer(false)
}

fn proxy_at(url: &str) -> Result<Proxy, Trouble> {
    let trouble = |text| Trouble::new("proxy", text);
    let parsed = Url::parse(url).map_err(|_| trouble("it is no URL"))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(trouble(
            "a URL that begins with http:// or https:// is expected",
        ));
    }
    Proxy::all(parsed).map_err(|error| about("proxy", error))
}

fn authorities(pem: &[u8]) -> Result<Vec<Certificate>, Trouble> {
    let found = Certificate::from_pem_bundle(pem).map_err(|error| about("ca_file", error))?;
    match found.is_empty() {
        true => Err(Trouble::new("ca_file", "there is no certificate in it")),
        false => Ok(found),
    }
}

fn about(setting: &'static str, error: reqwest::Error) -> Trouble {
    Trouble::new(setting, told(error))
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        net::{SocketAddr, TcpListener},
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::sink::http::{address::Reach, endpoint::Trust};

    fn connection() -> Connection {
        Connection {
            ca: None,
            identity: None,
            proxy: None,
            connect_timeout: Duration::from_secs(5),
            pool_max_idle: 0,
            pool_idle_timeout: Duration::from_secs(5),
        }
    }

    /// What happens with a name that leads somewhere else each time.
    fn attempts(reach: Reach, answers: Vec<Vec<SocketAddr>>) -> Vec<String> {
        let trust = Trust {
            allows_insecure: true,
            ..Trust::default()
        };
        let port = answers.concat()[0].port();
        let endpoint = Endpoint::new(&format!("http://rebinding.test:{port}"), trust).unwrap();
        let count = answers.len();
        let asked = AtomicUsize::new(0);
        let resolver = Resolver::with(reach, move |name| {
            assert_eq!(name, "rebinding.test");
            let index = asked.fetch_add(1, Ordering::Relaxed);
            answers
                .get(index)
                .cloned()
                .ok_or_else(|| io::ErrorKind::NotFound.into())
        });
        let client = connection().client_with(&endpoint, resolver).unwrap();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let post = || {
            client
                .post(endpoint.url().clone())
                .timeout(Duration::from_secs(5))
                .send()
        };
        runtime.enable_all().build().unwrap().block_on(async {
            let mut told = Vec::new();
            for _ in 0..count {
                told.push(super::told(post().await.unwrap_err()));
            }
            told
        })
    }

    #[test]
    fn a_name_that_leads_into_our_network_is_refused_whenever_it_does() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let here = listener.local_addr().unwrap();
        let port = here.port();
        let at = |address: &str| SocketAddr::new(address.parse().unwrap(), port);
        let told = attempts(
            Reach::Public,
            vec![
                vec![here],
                vec![at("8.8.8.8"), here],
                vec![at("::ffff:127.0.0.1")],
                vec![at("169.254.169.254")],
            ],
        );
        assert!(
            told.iter().all(|it| it.contains("no events go there")),
            "{told:?}"
        );
        let told = attempts(Reach::Trusted, vec![vec![at("169.254.169.254")]]);
        assert!(told[0].contains("metadata"), "{told:?}");
        // Nobody came.
        assert_eq!(
            listener.accept().unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );
    }

    #[test]
    fn a_name_that_is_not_found_is_an_error_that_says_so() {
        let here = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        // Nobody listens there any more; then the name is gone as well.
        let told = attempts(Reach::Loopback, vec![vec![here], vec![]]);
        assert!(told[0].contains("refused"), "{told:?}");
        assert!(told.iter().all(|it| !it.contains("rebinding")), "{told:?}");
    }
}
