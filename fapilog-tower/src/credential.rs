//! Which names, of headers and of parameters, stand for credentials.

/// A name does if it has one of these in it, in lower case, letters and digits alone,
const PARTS: [&str; 15] = [
    "accesskey",
    "apikey",
    "authkey",
    "authorization",
    "cookie",
    "credential",
    "jwt",
    "passwd",
    "password",
    "secret",
    "session",
    "signature",
    "subscriptionkey",
    "token",
    "wwwauthenticate",
];
/// or is one of these.
const WHOLE: [&str; 8] = ["auth", "code", "key", "otp", "pin", "pwd", "sid", "sig"];

/// Whether what has this name holds a credential. It has to be [plain].
pub(crate) fn is_meant_by(name: &str) -> bool {
    PARTS.iter().any(|part| name.contains(part)) || WHOLE.contains(&name)
}

/// A name in the one of its spellings that all are compared in.
pub(crate) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|it| it.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
