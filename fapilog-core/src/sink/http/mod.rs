//! Events to a collector, over HTTP.

mod address;
mod answer;
mod body;
mod classify;
mod client;
mod connection;
mod credentials;
mod endpoint;
#[cfg_attr(not(feature = "gzip"), path = "no_gzip.rs")]
mod gzip;
mod headers;
mod options;
mod reply;
mod resolver;
mod retry_after;
mod setup;
mod trouble;

use std::{iter, sync::OnceLock, time::Duration};

use http::{HeaderValue, header::AUTHORIZATION};
use tokio::time::Instant;

pub(in crate::sink) use self::client::Client;
pub use self::reply::HttpReply;
pub(crate) use self::trouble::Trouble;
use self::{answer::Answer, credentials::Credentials, headers::IDEMPOTENCY_KEY};
use super::{SerializedView, Sink};
use crate::{
    Sensitive, clock,
    error::{Action, SinkError},
    event::Event,
    ids,
    lane::{Batch, BatchError, Delivery, Retry},
    settings::HttpSettings,
};

/// What a lane gives an attempt more than the sink itself, so that a reply which comes at the last
/// moment still counts.
const GRACE: Duration = Duration::from_millis(100);

type Read = dyn Fn(&HttpReply<'_>) -> Result<(), BatchError> + Send + Sync;

/// Posts events in batches to an endpoint, over HTTP/1.1 and TLS.
///
/// The books call it `http`. A body is one of these:
///
/// ```text
/// array      [{…},{…}]              application/json
/// ndjson     {…}⏎{…}⏎               application/x-ndjson
/// wrapped    {"logs":[{…},{…}]}     application/json
/// ```
///
/// Each event is that of [`StdoutJson`](super::StdoutJson). The header `Idempotency-Key` is the
/// [id of the batch](Batch::id), the same at each attempt, so that the other side can sort out what
/// comes twice.
///
/// # Minimal setup
///
/// ```no_run
/// use fapilog_core::{Http, LoggerBuilder};
///
/// let http = Http::new("https://logs.example.com/ingest").header("x-api-key", "…");
/// let (log, pipeline) = LoggerBuilder::new().async_sink(http).build()?;
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
///
/// or `FAPILOG_HTTP__ENDPOINT=https://logs.example.com/ingest`, and nothing in code.
///
/// # Delivery
///
/// **Delivered** means a status of 200 to 299, unless [`on_reply`](Self::on_reply) has read in the
/// reply that some were not taken. Each call is one attempt; how batches are gathered, and how often
/// they are tried again, is the lane's business, by the options of this sink: 100 events or 5 s,
/// three attempts of 5 s each, see [`Delivery`]. What was taken while its reply was lost is sent
/// again, with the same `Idempotency-Key`.
///
/// # Failures
///
/// | failure | what is asked for |
/// |---|---|
/// | no connection, name not found, certificate refused, reset, no reply in time | [`Action::Retry`] |
/// | 408, 409, 423, 425, 500, 502, 503, 504 and other 5xx | [`Action::Retry`] |
/// | 429 | [`Action::Throttle`] |
/// | 400, 413, 422 and other 4xx | [`Action::Split`]: what is refused alone is a dead letter |
/// | 401, 403 | [`authorization`](Self::authorization) is asked anew; without another value [`Action::Pause`] |
/// | 402, 404 to 407, 410 to 412, 414, 415, 417, 421, 424, 426, 428, 431, 451, 501, 505, 506, 508, 510, 511 | [`Action::Pause`], as the endpoint or its setup is to be mended |
/// | 3xx | [`Action::GiveUp`]: redirects are not followed |
///
/// `Retry-After` is obeyed in all its forms, up to five minutes.
///
/// # Limits and security
///
/// `https://` only, but to this machine, unless [`allow_insecure_http`](Self::allow_insecure_http)
/// says otherwise; credentials never go over the network as plain text. Certificates and their names
/// are always looked at, against those that the system trusts, or those of
/// [`ca_certificate`](Self::ca_certificate); TLS is 1.2 at least. Link-local addresses and those of
/// metadata services are refused, also behind names, and a URL with credentials in it is; for
/// endpoints that others choose there is [`untrusted_endpoint`](Self::untrusted_endpoint). No proxy
/// is taken from the environment. Of a reply 64 KiB are read at most, and nothing is told but its
/// status. What stands in headers is never shown, and of the endpoint only its host.
///
/// # Counters
///
/// Its figures stand under its name in [`Stats::sinks`](crate::Stats::sinks).
pub struct Http {
    name: String,
    settings: HttpSettings,
    ca: Option<Vec<u8>>,
    identity: Option<Sensitive<Vec<u8>>>,
    own_client: Option<reqwest::Client>,
    credentials: Credentials,
    on_reply: Option<Box<Read>>,
    /// Made when the sink starts.
    client: OnceLock<Client>,
}

impl Http {
    /// Posts to this URL.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self::of_settings(&HttpSettings {
            endpoint: Some(endpoint.into()),
            ..HttpSettings::default()
        })
    }

    /// Posts as these settings say.
    pub(crate) fn of_settings(settings: &HttpSettings) -> Self {
        Self {
            name: "http".to_owned(),
            settings: settings.clone(),
            ca: None,
            identity: None,
            own_client: None,
            credentials: Credentials::default(),
            on_reply: None,
            client: OnceLock::new(),
        }
    }

    /// Looks whether the options can work, as the start of the sink does. It makes no connection.
    ///
    /// # Errors
    ///
    /// If one of them cannot, with its name: such as an endpoint to which no events may go, or a
    /// certificate that cannot be read.
    pub fn check(&self) -> Result<(), SinkError> {
        self.made()?;
        Ok(())
    }

    /// Makes one attempt, and another one where that was refused for credentials that have changed.
    async fn deliver<'a>(
        &self,
        events: impl Iterator<Item = &'a [u8]>,
        size: usize,
        count: usize,
        key: String,
    ) -> Result<(), BatchError> {
        let deadline = Instant::now() + clock::at_most_a_year(self.settings.timeout);
        let client = self.client.get();
        let client = client.ok_or_else(|| SinkError::new("the sink is not started"))?;
        let mut request = client.request(body::of(events, size, &self.settings)?);
        let key = HeaderValue::from_str(&key).map_err(SinkError::new)?;
        request.headers_mut().insert(IDEMPOTENCY_KEY, key);

        let Some(credential) = self.credentials.current()? else {
            let answer = client.send(request, deadline).await?;
            return self.settle(answer, count).await;
        };
        let again = request.try_clone();
        request
            .headers_mut()
            .insert(AUTHORIZATION, credential.clone());
        let answer = client.send(request, deadline).await?;
        if let (401 | 403, Some(mut again)) = (answer.status(), again)
            && let Some(other) = self.credentials.instead_of(&credential)?
        {
            answer.ignored().await;
            again.headers_mut().insert(AUTHORIZATION, other);
            let answer = client.send(again, deadline).await?;
            return self.settle(answer, count).await;
        }
        self.settle(answer, count).await
    }

    /// What became of the events, by the reply.
    async fn settle(&self, answer: Answer, events: usize) -> Result<(), BatchError> {
        let verdict = answer.verdict(Action::Pause);
        let status = answer.status();
        let (Some(read), Ok(())) = (&self.on_reply, &verdict) else {
            answer.ignored().await;
            return Ok(verdict?);
        };
        let content = answer.content().await?;
        read(&HttpReply {
            status,
            body: &content.bytes,
            is_cut: content.is_cut,
            events,
        })
    }
}

impl Sink for Http {
    fn name(&self) -> &str {
        &self.name
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn delivery(&self) -> Delivery {
        let settings = &self.settings;
        let retry = Retry::new()
            .attempts(settings.retry_max_attempts)
            .base(settings.retry_backoff);
        Delivery::batched()
            .batch_events(settings.batch_size)
            .batch_wait(settings.batch_timeout)
            .timeout(settings.timeout.saturating_add(GRACE))
            .retry(retry)
    }

    async fn start(&self) -> Result<(), SinkError> {
        let client = self.made()?;
        // There was none before.
        let _ = self.client.set(client);
        // What cannot be sent now may be another time: each attempt tells.
        let _ = self.credentials.current();
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
        let (events, size) = (iter::once(view.data), view.data.len());
        let key = ids::new_id(clock::stamp()).to_string();
        let delivered = self.deliver(events, size, 1, key).await;
        delivered.map_err(|error| match error.first() {
            Some(first) => SinkError::with(first.action(), first.to_string()).after(first.delay()),
            None => SinkError::new(error),
        })
    }

    async fn write_batch(&self, batch: &Batch) -> Result<(), BatchError> {
        let events = batch.serialized().map(|view| view.data);
        self.deliver(events, batch.size(), batch.len(), batch.id().to_string())
            .await
    }
}
