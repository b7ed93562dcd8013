//! The names of headers.

pub(super) const ID: &str = "webhook-id";
pub(super) const TIMESTAMP: &str = "webhook-timestamp";
pub(super) const SIGNATURE: &str = "webhook-signature";
pub(super) const FAPILOG_TIMESTAMP: &str = "x-fapilog-timestamp";
pub(super) const FAPILOG_SIGNATURE: &str = "x-fapilog-signature-256";

/// Those that are for the sink alone to say.
pub(super) const ALL: [&str; 5] = [
    ID,
    TIMESTAMP,
    SIGNATURE,
    FAPILOG_TIMESTAMP,
    FAPILOG_SIGNATURE,
];
