//! From the options of a [`Webhook`] to what it posts with.

use super::{Webhook, names, signature::Key};
use crate::{
    Sensitive,
    error::SinkError,
    settings::HttpSettings,
    sink::{
        Http,
        http::{Client, Trouble},
    },
};

/// What a sink that is started has.
pub(super) struct Ready {
    pub(super) client: Client,
    /// The one that is given first signs first.
    pub(super) keys: Vec<Key>,
}

impl Webhook {
    /// Looks whether the options can work, as the start of the sink does. It makes no connection.
    ///
    /// # Errors
    ///
    /// If one of them cannot, with its name: such as an endpoint to which no events may go, or a
    /// secret that cannot be a key.
    pub fn check(&self) -> Result<(), SinkError> {
        self.made()?;
        Ok(())
    }

    /// The first of the options that cannot work, if there is one.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.made().err()
    }

    pub(super) fn made(&self) -> Result<Ready, Trouble> {
        let keys = self.keys()?;
        let is_ours = |name: &&String| names::ALL.contains(&&*name.trim().to_ascii_lowercase());
        if let Some(name) = self.settings.headers.keys().find(is_ours) {
            let text = format!("{name:?} is for the sink alone to say");
            return Err(Trouble::new("headers", text));
        }
        let client = self.http().made()?;
        Ok(Ready { client, keys })
    }

    fn keys(&self) -> Result<Vec<Key>, Trouble> {
        let settings = &self.settings;
        let key = |setting, secret: &Option<Sensitive<String>>| {
            let key = secret.as_ref().map(|it| Key::new(it.expose()));
            key.transpose().map_err(|text| Trouble::new(setting, text))
        };
        let current = key("secret", &settings.secret)?;
        let previous = key("secret_previous", &settings.secret_previous)?;
        if current.is_none() && previous.is_some() {
            let text = "it is there for the time after a `secret`, and there is none";
            return Err(Trouble::new("secret_previous", text));
        }
        Ok(current.into_iter().chain(previous).collect())
    }

    /// What posts to the same place by the same rules.
    pub(super) fn http(&self) -> Http {
        let settings = self.settings.clone();
        let http = Http::of_settings(&HttpSettings {
            endpoint: settings.endpoint,
            headers: settings.headers,
            retry_max_attempts: settings.retry_max_attempts,
            retry_backoff: settings.retry_backoff,
            timeout: settings.timeout,
            batch_size: settings.batch_size,
            batch_timeout: settings.batch_timeout,
            ca_file: settings.ca_file,
            proxy: settings.proxy,
            allow_insecure_http: settings.allow_insecure_http,
            untrusted_endpoint: settings.untrusted_endpoint,
            ..HttpSettings::default()
        });
        match &self.ca {
            Some(pem) => http.ca_certificate(pem.clone()),
            None => http,
        }
    }

    /// The endpoint as it may be shown.
    pub(super) fn place(&self) -> Option<String> {
        self.http().place()
    }
}
