//! Ids of events and requests: UUIDs of version 7.

use uuid::{Builder, Uuid};

use crate::clock::wall_millis;

/// An id for the moment of a stamp.
///
/// Ids correlate and are not secret, so a fast generator, seeded once for each thread, is enough.
pub fn new_id(stamp: u64) -> Uuid {
    id_at(wall_millis(stamp))
}

/// Random bits, never all zero.
pub fn random_bits() -> u64 {
    fastrand::u64(1..)
}

/// An id for a moment in milliseconds since the Unix epoch.
pub(crate) fn id_at(millis: i64) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(&fastrand::u128(..).to_le_bytes()[..10]);
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(0), &random).into_uuid()
}
