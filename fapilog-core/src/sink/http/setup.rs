//! From the options of an [`Http`] to its [`Client`].

use std::{fs, path::Path};

use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use reqwest::Url;

use super::{
    Http, body,
    client::Client,
    connection::Connection,
    endpoint::{Endpoint, Trust},
    gzip, headers,
    trouble::Trouble,
};
use crate::{Sensitive, settings::HttpSettings};

impl Http {
    /// The first of the options that cannot work, if there is one.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.made().err()
    }

    /// The client that all options come to.
    pub(in crate::sink) fn made(&self) -> Result<Client, Trouble> {
        let headers = self.headers()?;
        let endpoint = self.endpoint(&headers)?;
        let client = match &self.own_client {
            Some(client) => {
                self.check_own_client()?;
                client.clone()
            }
            None => self.connection()?.client(&endpoint)?,
        };
        Ok(Client::new(client, endpoint, headers))
    }

    fn endpoint(&self, headers: &HeaderMap) -> Result<Endpoint, Trouble> {
        let settings = &self.settings;
        let Some(endpoint) = &settings.endpoint else {
            let text = "where events are to be posted to is not said";
            return Err(Trouble::new("endpoint", text));
        };
        if settings.untrusted_endpoint && (settings.proxy.is_some() || self.own_client.is_some()) {
            let text = "what a proxy or a client of one's own connects to cannot be looked at";
            return Err(Trouble::new("untrusted_endpoint", text));
        }
        let trust = Trust {
            allows_insecure: settings.allow_insecure_http,
            is_untrusted: settings.untrusted_endpoint,
            has_secrets: self.credentials.are_some() || headers::have_credentials(headers),
        };
        Endpoint::new(endpoint, trust).map_err(|text| Trouble::new("endpoint", text))
    }

    fn headers(&self) -> Result<HeaderMap, Trouble> {
        let settings = &self.settings;
        let mut headers = headers::read(&settings.headers)?;
        let form = HeaderValue::from_static(body::content_type(settings.batch_format));
        headers.entry(CONTENT_TYPE).or_insert(form);
        if settings.compress {
            if !gzip::IS_BUILT {
                let text = "bodies are compressed with the feature \"gzip\" of fapilog-core only";
                return Err(Trouble::new("compress", text));
            }
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Ok(headers)
    }

    fn connection(&self) -> Result<Connection, Trouble> {
        let settings = &self.settings;
        let file = |setting, path: &Option<_>| path.as_deref().map(|it| read(setting, it));
        let ca = file("ca_file", &settings.ca_file).transpose()?;
        let identity = file("client_identity_file", &settings.client_identity_file).transpose()?;
        Ok(Connection {
            ca: self.ca.clone().or(ca),
            identity: self.identity.clone().or(identity.map(Sensitive::new)),
            proxy: settings.proxy.clone(),
            connect_timeout: settings.connect_timeout,
            pool_max_idle: settings.pool_max_idle,
            pool_idle_timeout: settings.pool_idle_timeout,
        })
    }

    /// What a client of one's own has settled already must not be said as well.
    fn check_own_client(&self) -> Result<(), Trouble> {
        let (given, usual) = (&self.settings, HttpSettings::default());
        let said = [
            ("ca_file", self.ca.is_some()),
            ("client_identity_file", self.identity.is_some()),
            ("proxy", given.proxy != usual.proxy),
            (
                "connect_timeout_seconds",
                given.connect_timeout != usual.connect_timeout,
            ),
            ("pool_max_idle", given.pool_max_idle != usual.pool_max_idle),
            (
                "pool_idle_timeout_seconds",
                given.pool_idle_timeout != usual.pool_idle_timeout,
            ),
        ];
        match said.into_iter().find(|(_, is_said)| *is_said) {
            Some((setting, _)) => Err(Trouble::new(setting, "a client of one's own has its own")),
            None => Ok(()),
        }
    }

    /// The endpoint as it may be shown: paths and queries may hold secrets.
    pub(in crate::sink) fn place(&self) -> Option<String> {
        let url = Url::parse(self.settings.endpoint.as_deref()?).ok()?;
        Some(url.origin().ascii_serialization())
    }
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, Trouble> {
    let told = |error| {
        Trouble::new(
            setting,
            format!("{} cannot be read: {error}", path.display()),
        )
    };
    fs::read(path).map_err(told)
}
