//! Ids of events and requests: UUIDs of version 7.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::{Builder, Uuid};

/// An id for this moment.
///
/// Ids correlate and are not secret, so a fast generator, seeded once for each thread, is enough.
pub fn new_id() -> Uuid {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    id_at(since.map_or(0, |since| since.as_millis() as i64))
}

/// An id for a moment in milliseconds since the Unix epoch.
pub(crate) fn id_at(millis: i64) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(&fastrand::u128(..).to_le_bytes()[..10]);
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(0), &random).into_uuid()
}
