//! When the head of the response was there, and its status.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use http::StatusCode;

/// Set once, in one word: it is written in every request.
#[derive(Debug, Default)]
pub(crate) struct Head(AtomicU64);

const STATUS_BITS: u32 = 10;

impl Head {
    /// Keeps the first head: there is one a request.
    pub(crate) fn set(&self, status: StatusCode, ttfb: Duration) {
        let micros = (ttfb.as_nanos() / 1000) as u64;
        let packed = micros << STATUS_BITS | u64::from(status.as_u16());
        // A status is never 0, so 0 stands for none.
        let _ = self
            .0
            .compare_exchange(0, packed, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The status, and how long it took until it was there.
    pub(crate) fn get(&self) -> Option<(StatusCode, Duration)> {
        let packed = self.0.load(Ordering::Relaxed);
        let status = (packed & ((1 << STATUS_BITS) - 1)) as u16;
        let status = StatusCode::from_u16(status).ok()?;
        Some((status, Duration::from_micros(packed >> STATUS_BITS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_head_is_kept() {
        let head = Head::default();
        assert_eq!(head.get(), None);
        let day = Duration::from_secs(86_400);
        head.set(StatusCode::from_u16(999).unwrap(), day);
        head.set(StatusCode::OK, Duration::ZERO);
        assert_eq!(head.get(), Some((StatusCode::from_u16(999).unwrap(), day)));
    }
}
