//! [`Key`]: signs what is posted.
//!
//! Both forms are HMAC-SHA256 over the bytes of the body as they are sent, with the second of the
//! attempt before them. A text that is signed in one form is none of the other: before its second
//! there stands an id, which is no number, and a body is none either.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a secret begins with whose rest is the key in base64.
const ENCODED: &str = "whsec_";

/// What a signature begins with, in each form.
pub(super) const FAPILOG: &str = "sha256=";
pub(super) const STANDARD_1: &str = "v1,";

/// Some write no padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A secret that signs.
#[derive(Clone)]
pub(super) struct Key {
    /// Of the secret as it stands there.
    fapilog: Hmac<Sha256>,
    /// Of what is encoded in it, if it says so.
    standard: Hmac<Sha256>,
}

/// What is signed.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) id: &'a str,
    /// Seconds since 1970.
    pub(super) timestamp: &'a str,
    pub(super) body: &'a [u8],
}

impl Key {
    /// The key of a secret; else what is wrong with it, without the secret.
    pub(super) fn new(secret: &str) -> Result<Self, &'static str> {
        if secret.trim().is_empty() {
            return Err("it is empty");
        }
        let decoded = match secret.strip_prefix(ENCODED) {
            Some(encoded) => match LENIENT.decode(encoded) {
                Ok(key) if !key.is_empty() => Some(key),
                _ => return Err("what follows whsec_ is no base64"),
            },
            None => None,
        };
        Ok(Self {
            fapilog: mac(secret.as_bytes())?,
            standard: mac(decoded.as_deref().unwrap_or(secret.as_bytes()))?,
        })
    }

    /// The code of the form `X-Fapilog-Signature-256`.
    pub(super) fn fapilog(&self, message: Message<'_>) -> Hmac<Sha256> {
        over(&self.fapilog, &[message.timestamp.as_bytes(), message.body])
    }

    /// The code of the form of Standard Webhooks.
    pub(super) fn standard(&self, message: Message<'_>) -> Hmac<Sha256> {
        let (id, timestamp) = (message.id.as_bytes(), message.timestamp.as_bytes());
        over(&self.standard, &[id, timestamp, message.body])
    }
}

/// The value of `X-Fapilog-Signature-256`: a signature by each key.
pub(super) fn fapilog(keys: &[Key], message: Message<'_>) -> String {
    let signature = |key: &Key| {
        let code = key.fapilog(message).finalize().into_bytes();
        let hex = code.iter().map(|byte| format!("{byte:02x}"));
        hex.fold(FAPILOG.to_owned(), |text, byte| text + &byte)
    };
    keys.iter().map(signature).collect::<Vec<_>>().join(",")
}

/// The value of `webhook-signature`: a signature by each key.
pub(super) fn standard(keys: &[Key], message: Message<'_>) -> String {
    let signature = |key: &Key| {
        let code = key.standard(message).finalize().into_bytes();
        format!("{STANDARD_1}{}", BASE64_STANDARD.encode(code))
    };
    keys.iter().map(signature).collect::<Vec<_>>().join(" ")
}

fn mac(key: &[u8]) -> Result<Hmac<Sha256>, &'static str> {
    Hmac::new_from_slice(key).map_err(|_| "it cannot be a key")
}

/// The code over these parts, with points between them.
fn over(mac: &Hmac<Sha256>, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = mac.clone();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            mac.update(b".");
        }
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_standard_webhooks_comes_out() {
        let key = Key::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let message = Message {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            body: br#"{"test": 2432232314}"#,
        };
        assert_eq!(
            standard(&[key], message),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_that_cannot_be_a_key_is_refused() {
        for secret in ["", "  ", "whsec_", "whsec_!", "whsec_a"] {
            assert!(Key::new(secret).is_err(), "{secret:?}");
        }
        for secret in ["s", "whsec_YQ==", "whsec_YQ", "Schlüssel"] {
            assert!(Key::new(secret).is_ok(), "{secret:?}");
        }
    }
}
