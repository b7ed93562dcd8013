//! [`Hasher`]: pseudonyms.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Sensitive, envelope, event::FieldValue};

/// What a pseudonym begins with.
const PREFIX: &str = "hmac:";
/// Bytes of the code that are shown: enough that no two values meet.
const SHOWN: usize = 16;
/// Bytes of the shortest key.
const SHORTEST_KEY: usize = 16;

/// Makes pseudonyms: the same for the same value and key, and without the key of no use to those who
/// guess values.
#[derive(Clone)]
pub(super) struct Hasher(Hmac<Sha256>);

impl Hasher {
    pub(super) const EXPECTED: &str = "a key of 16 bytes or more where fields become pseudonyms";
    pub(super) const FIX: &str = "make one with `openssl rand -hex 16`, and keep it secret";

    /// `None` if the key is too short.
    pub(super) fn new(key: &Sensitive<String>) -> Option<Self> {
        let key = key.expose().as_bytes();
        let long_enough = key.len() >= SHORTEST_KEY;
        let mac = long_enough.then(|| Hmac::new_from_slice(key).ok())?;
        mac.map(Self)
    }

    /// The pseudonym of a value: that of its text, or of what else it is as JSON. A pseudonym stays
    /// as it is.
    pub(super) fn pseudonym(&self, value: &FieldValue<'_>) -> String {
        let mut mac = self.0.clone();
        match value {
            FieldValue::Str(text) if is_pseudonym(text) => return text.to_string(),
            FieldValue::Str(text) => mac.update(text.as_bytes()),
            other => {
                let mut json = Vec::new();
                envelope::value(&mut json, other);
                mac.update(&json);
            }
        }
        let code = mac.finalize().into_bytes();
        let hex = code.iter().take(SHOWN).map(|byte| format!("{byte:02x}"));
        hex.fold(PREFIX.to_owned(), |text, byte| text + &byte)
    }
}

fn is_pseudonym(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .is_some_and(|it| it.len() == 2 * SHOWN && it.bytes().all(|it| it.is_ascii_hexdigit()))
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}
