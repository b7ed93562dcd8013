//! [`WebhookVerifier`]: tells whether a request comes from who knows the secret.

use std::{
    error::Error,
    fmt,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{
    names,
    signature::{FAPILOG, Key, Message, STANDARD_1},
};
use crate::clock::{Clock, SystemClock};

/// How many signatures of a request are looked at.
const MOST_SIGNATURES: usize = 16;

/// Tells whether a webhook comes from who knows the secret, and comes now; for those who receive what
/// a [`Webhook`](super::Webhook) posts, or any other sender by [Standard Webhooks].
///
/// ```
/// use fapilog_core::sink::{VerifyError, WebhookVerifier};
/// use http::HeaderMap;
///
/// let verifier = WebhookVerifier::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])?;
///
/// // The body as it came, before anything reads it as JSON.
/// let check = |headers: &HeaderMap, body: &[u8]| {
///     verifier.verify(|name| headers.get(name)?.to_str().ok(), body)
/// };
/// assert_eq!(check(&HeaderMap::new(), b"{}"), Err(VerifyError::NoSignature));
/// # Ok::<(), VerifyError>(())
/// ```
///
/// While a secret is being replaced, both the old one and the new one are given. A request that is
/// sent again within the tolerance passes again: who must not do things twice remembers the header
/// `webhook-id`.
///
/// [Standard Webhooks]: https://www.standardwebhooks.com
#[derive(Clone)]
pub struct WebhookVerifier {
    keys: Vec<Key>,
    tolerance: Duration,
    clock: Arc<dyn Clock>,
}

/// Why a webhook is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// It has no header with a signature.
    NoSignature,
    /// A header that belongs to the signature is missing, or cannot be read.
    Malformed,
    /// It was sent too long ago, or will only be: an old one that is sent again, or a clock that is
    /// wrong.
    OutOfTime,
    /// No signature is by one of the secrets, over this body.
    Mismatch,
    /// Of the verifier itself: one of its secrets cannot be a key, or there is none.
    Secret,
}

impl WebhookVerifier {
    /// Believes those who know one of these secrets.
    ///
    /// # Errors
    ///
    /// If there is none, one is empty, or one begins with `whsec_` and no base64 follows.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, VerifyError> {
        let keys = secrets.into_iter().map(|it| Key::new(it.as_ref()));
        let keys: Vec<_> = keys
            .collect::<Result<_, _>>()
            .or(Err(VerifyError::Secret))?;
        if keys.is_empty() {
            return Err(VerifyError::Secret);
        }
        Ok(Self {
            keys,
            tolerance: Duration::from_secs(300),
            clock: Arc::new(SystemClock),
        })
    }

    /// Sets how far the time of a request may be off, either way. Defaults to 5 minutes.
    pub fn tolerance(mut self, most: Duration) -> Self {
        self.tolerance = most;
        self
    }

    /// Sets where the time of day comes from. Defaults to the operating system.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Looks at the headers and the body of a request, byte for byte as it came. Headers are asked for
    /// in lower case. One form of signature is enough; if there is that of Standard Webhooks, it
    /// decides. It takes as long whatever is wrong with a signature.
    ///
    /// # Errors
    ///
    /// Whatever the error, the request is to be refused, with 401 for example.
    pub fn verify<'h>(
        &self,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
    ) -> Result<(), VerifyError> {
        let needed = |name| header(name).ok_or(VerifyError::Malformed);
        if let Some(given) = header(names::SIGNATURE) {
            let (id, timestamp) = (needed(names::ID)?, needed(names::TIMESTAMP)?);
            // Else its end could be taken for the time.
            if id.contains('.') {
                return Err(VerifyError::Malformed);
            }
            self.check_time(timestamp)?;
            let message = Message {
                id,
                timestamp,
                body,
            };
            let signatures = given.split(' ').filter_map(read_standard);
            return self.check(signatures, |key| key.standard(message));
        }
        let given = header(names::FAPILOG_SIGNATURE).ok_or(VerifyError::NoSignature)?;
        let timestamp = needed(names::FAPILOG_TIMESTAMP)?;
        self.check_time(timestamp)?;
        let message = Message {
            id: "",
            timestamp,
            body,
        };
        let signatures = given.split(',').filter_map(read_fapilog);
        self.check(signatures, |key| key.fapilog(message))
    }

    fn check_time(&self, timestamp: &str) -> Result<(), VerifyError> {
        let is_number = timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let sent = timestamp.parse::<u64>().ok().filter(|_| is_number);
        let sent = Duration::from_secs(sent.ok_or(VerifyError::Malformed)?);
        let now = self.clock.now().duration_since(UNIX_EPOCH);
        // The time that is sent has no parts of a second.
        let now = Duration::from_secs(now.unwrap_or_default().as_secs());
        match now.abs_diff(sent) <= self.tolerance {
            true => Ok(()),
            false => Err(VerifyError::OutOfTime),
        }
    }

    fn check(
        &self,
        signatures: impl Iterator<Item = Vec<u8>>,
        code: impl Fn(&Key) -> Hmac<Sha256>,
    ) -> Result<(), VerifyError> {
        let codes: Vec<_> = self.keys.iter().map(code).collect();
        let is_by = |signature: &[u8]| {
            let mut codes = codes.iter().cloned();
            codes.any(|code| code.verify_slice(signature).is_ok())
        };
        let mut signatures = signatures.take(MOST_SIGNATURES);
        match signatures.any(|signature| is_by(&signature)) {
            true => Ok(()),
            false => Err(VerifyError::Mismatch),
        }
    }
}

/// The bytes of a signature of Standard Webhooks; of another version than the first, none.
fn read_standard(text: &str) -> Option<Vec<u8>> {
    let encoded = text.strip_prefix(STANDARD_1)?;
    BASE64_STANDARD.decode(encoded).ok()
}

/// The bytes of a signature in hexadecimal digits, lower case.
fn read_fapilog(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim().strip_prefix(FAPILOG)?.as_bytes();
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let byte = |pair: &[u8]| Some(value(pair[0])? << 4 | value(*pair.get(1)?)?);
    digits.chunks(2).map(byte).collect()
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("secrets", &self.keys.len())
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSignature => "the request is not signed",
            Self::Malformed => "a header of the signature is missing, or cannot be read",
            Self::OutOfTime => "the request was not sent now",
            Self::Mismatch => "no signature is by a secret that is known, over this body",
            Self::Secret => "a secret cannot be a key, or there is none",
        })
    }
}

impl Error for VerifyError {}
