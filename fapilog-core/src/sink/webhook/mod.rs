//! Events to a webhook, signed.

mod names;
mod options;
mod setup;
mod signature;
mod verify;

use std::{
    iter,
    sync::{Arc, OnceLock},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

pub use self::verify::{VerifyError, WebhookVerifier};
use self::{
    setup::Ready,
    signature::{Key, Message},
};
use super::{SerializedView, Sink};
use crate::{
    clock::{self, Clock, SystemClock},
    error::{Action, SinkError},
    event::Event,
    ids,
    lane::{Batch, BatchError, Delivery},
    settings::WebhookSettings,
};

/// Posts each event to a webhook as it comes, signed if there is a secret.
///
/// The books call it `webhook`. The body is the event, that of
/// [`StdoutJson`](super::StdoutJson), or a JSON array if [`batch_size`](Self::batch_size) is more
/// than 1:
///
/// ```text
/// content-type: application/json
/// webhook-id: 01a1fc6b-6a44-75c7-a7b8-e0c3c08b4f82
/// webhook-timestamp: 1795235060
/// webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
/// x-fapilog-timestamp: 1795235060
/// x-fapilog-signature-256: sha256=5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592
///
/// {"schema_version":"1.1",…}
/// ```
///
/// # Minimal setup
///
/// ```no_run
/// use fapilog_core::{LoggerBuilder, sink::{SinkOptions, Webhook}, Level};
///
/// let webhook = Webhook::new("https://alerts.example.com/hook").secret("whsec_…");
/// let only_errors = SinkOptions::default().level(Level::Error);
/// let (log, pipeline) = LoggerBuilder::new().async_sink_with(webhook, only_errors).build()?;
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
///
/// or `core.sinks=webhook` and the settings `sink_config.webhook`.
///
/// # Signatures
///
/// With a secret, both forms are sent, each HMAC-SHA256 over the bytes of the body as they are sent:
///
/// | headers | signed text | key | form |
/// |---|---|---|---|
/// | `webhook-id`, `webhook-timestamp`, `webhook-signature` | `{id}.{timestamp}.{body}` | what follows `whsec_` in base64, else the secret as it is | `v1,` and base64, joined by spaces |
/// | `X-Fapilog-Timestamp`, `X-Fapilog-Signature-256` | `{timestamp}.{body}` | the secret as it is | `sha256=` and hexadecimal digits, joined by commas |
///
/// The first is that of [Standard Webhooks](https://www.standardwebhooks.com), for which there are
/// libraries in most languages; those want a secret that does not begin with `whsec_` as a raw one.
/// The second is that of the Python library of this name; its mode `header`, which sent the secret
/// itself, there is not. Receivers in Rust have [`WebhookVerifier`], for both.
///
/// A secret is replaced without a gap: give the new one, and the old one as
/// [`secret_previous`](Self::secret_previous). Both sign then, so receivers know either one. Who
/// compares the whole of `X-Fapilog-Signature-256` with one signature has to split it at commas first.
///
/// # Delivery
///
/// **Delivered** means a status of 200 to 299. Each attempt has a timestamp and signatures of its own,
/// while `webhook-id`, the [id of the batch](Batch::id), stays the same: a receiver that remembers it
/// sorts out what comes twice. How batches are gathered and tried again is the lane's business, by the
/// options of this sink: 1 event, three attempts of 5 s each, see [`Delivery`].
///
/// # Failures
///
/// As for [`Http`](super::Http), but 410: the webhook is gone for ever, [`Action::Disable`]. After 401
/// and 403 events are kept until somebody mends it.
///
/// # Limits and security
///
/// Those of [`Http`](super::Http): `https://` only, but to this machine; certificates are looked at;
/// no redirects, no proxy from the environment, no metadata services; 64 KiB of a reply. A webhook
/// whose URL somebody else has chosen wants [`untrusted_endpoint`](Self::untrusted_endpoint). Secrets
/// are never shown, and are never sent.
///
/// # Counters
///
/// Its figures stand under its name in [`Stats::sinks`](crate::Stats::sinks).
pub struct Webhook {
    name: String,
    settings: WebhookSettings,
    ca: Option<Vec<u8>>,
    clock: Arc<dyn Clock>,
    /// Made when the sink starts.
    ready: OnceLock<Ready>,
}

impl Webhook {
    /// Posts to this URL.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self::of_settings(&WebhookSettings {
            endpoint: Some(endpoint.into()),
            ..WebhookSettings::default()
        })
    }

    /// Posts as these settings say.
    pub(crate) fn of_settings(settings: &WebhookSettings) -> Self {
        Self {
            name: "webhook".to_owned(),
            settings: settings.clone(),
            ca: None,
            clock: Arc::new(SystemClock),
            ready: OnceLock::new(),
        }
    }

    /// Makes one attempt.
    async fn deliver(&self, body: Vec<u8>, id: &str) -> Result<(), SinkError> {
        let deadline = Instant::now() + clock::at_most_a_year(self.settings.timeout);
        let ready = self.ready.get();
        let ready = ready.ok_or_else(|| SinkError::new("the sink is not started"))?;
        let headers = self.headers(&ready.keys, id, &body)?;
        let mut request = ready.client.request(body);
        request.headers_mut().extend(headers);
        let answer = ready.client.send(request, deadline).await?;
        let verdict = answer.verdict(Action::Disable);
        answer.ignored().await;
        verdict
    }

    /// The headers that are another batch's, and another attempt's.
    fn headers(&self, keys: &[Key], id: &str, body: &[u8]) -> Result<HeaderMap, SinkError> {
        let mut headers = HeaderMap::new();
        let mut add = |name, value: &str| {
            let value = HeaderValue::from_str(value).map_err(SinkError::new)?;
            headers.insert(HeaderName::from_static(name), value);
            Ok::<(), SinkError>(())
        };
        add(names::ID, id)?;
        if !keys.is_empty() {
            let timestamp = (clock::unix_millis(self.clock.now()) / 1000).to_string();
            let message = Message {
                id,
                timestamp: &timestamp,
                body,
            };
            add(names::TIMESTAMP, &timestamp)?;
            add(names::SIGNATURE, &signature::standard(keys, message))?;
            add(names::FAPILOG_TIMESTAMP, &timestamp)?;
            add(names::FAPILOG_SIGNATURE, &signature::fapilog(keys, message))?;
        }
        Ok(headers)
    }

    /// One event as it is, unless there may be more in other requests: then a list, as there.
    fn body<'a>(&self, events: impl Iterator<Item = &'a [u8]>, count: usize) -> Vec<u8> {
        let mut body = Vec::new();
        let is_list = count > 1 || self.settings.batch_size > 1;
        if is_list {
            body.push(b'[');
        }
        for (index, event) in events.enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend_from_slice(event);
        }
        if is_list {
            body.push(b']');
        }
        body
    }
}

impl Sink for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn delivery(&self) -> Delivery {
        self.http().delivery()
    }

    async fn start(&self) -> Result<(), SinkError> {
        // There was none before.
        let _ = self.ready.set(self.made()?);
        Ok(())
    }

    async fn write(&self, event: &Event<'static>) -> Result<(), SinkError> {
        let json = event.to_json();
        let view = SerializedView {
            data: json.as_bytes(),
        };
        self.write_serialized(view).await
    }

    async fn write_serialized(&self, view: SerializedView<'_>) -> Result<(), SinkError> {
        let id = ids::new_id(clock::stamp()).to_string();
        self.deliver(self.body(iter::once(view.data), 1), &id).await
    }

    async fn write_batch(&self, batch: &Batch) -> Result<(), BatchError> {
        let events = batch.serialized().map(|view| view.data);
        let body = self.body(events, batch.len());
        Ok(self.deliver(body, &batch.id().to_string()).await?)
    }
}
