//! Names that say that what they stand for is a credential.

use std::sync::LazyLock;

use super::{action::Action, names::Names, presets};

/// Names of parameters that hold credentials where they are the whole name, besides those of
/// fields.
const PARAMETERS: &[&str] = &[
    "code",
    "key",
    "sid",
    "sig",
    "assertion",
    "pin",
    "jsessionid",
    "phpsessid",
];
/// The same, for words of names.
const PARAMETER_WORDS: &[&str] = &[
    "session",
    "signature",
    "subscription_key",
    "www_authenticate",
];

/// Bytes of the shortest of all names; letters that look alike are no shorter.
const SHORTEST: usize = 3;

static FIELDS: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    presets::credentials().add_to(&mut names, Action::Mask);
    names
});

/// All of them.
static ALL: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    presets::credentials().add_to(&mut names, Action::Mask);
    for name in PARAMETERS {
        names.add(name, Action::Mask);
    }
    for name in PARAMETER_WORDS {
        names.add_within(name, Action::Mask);
    }
    names
});

/// Whether a header or a parameter of a query with this name holds a credential, in whatever
/// spelling: the names of the preset `CREDENTIALS`, and those that are usual in URLs.
///
/// ```
/// use fapilog_core::redact::is_credential;
///
/// assert!(is_credential("X-Amz-Security-Token"));
/// assert!(is_credential("accessToken"));
/// assert!(!is_credential("author"));
/// ```
pub fn is_credential(name: &str) -> bool {
    name.len() >= SHORTEST && ALL.find(name).is_some()
}

/// Whether a field with this name holds a credential, by the preset `CREDENTIALS`.
pub(super) fn is_secret(name: &str) -> bool {
    name.len() >= SHORTEST && FIELDS.find(name).is_some()
}
