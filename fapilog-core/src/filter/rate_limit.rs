//! Keeping so many events a second, for each value of a field.

use std::slice;

use super::{EventPath, Filter, Verdict, keys::Keys, recent::Recent, watch::Watch};
use crate::{diagnostics::Reporter, event::Event};

/// A filter that keeps so many events a second; with a [key](Self::key), so many for each of its
/// values.
///
/// Each value has a bucket of tokens, full at first and filled again with time; an event takes one.
/// What finds the bucket empty is dropped, or goes on with [`diagnostics.rate_limited`](Self::mark).
/// Events of protected levels always pass and take no token. Events without the key have a bucket
/// of their own.
///
/// Memory is bounded: a value beyond [`max_keys`](Self::max_keys) takes the place of the one that
/// was seen longest ago, which begins afresh when it comes again. A diagnostic tells that nine tenths
/// of the keys are in use, again after fewer than eight tenths were. The books call it `rate_limit`.
#[derive(Debug)]
pub struct RateLimit {
    capacity: f64,
    /// Tokens a millisecond.
    refill: f64,
    key: Option<EventPath>,
    marks: bool,
    keys: Keys,
    buckets: Recent<Bucket>,
    most: usize,
    /// Of all that have no key.
    other: Bucket,
    is_crowded: bool,
    watch: Watch,
    reporter: Reporter,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: u64,
}

/// Marks what is beyond the limit, in the diagnostics.
const MARK: &str = "rate_limited";

impl RateLimit {
    /// Keeps `capacity` events at once, and so many a second in the long run.
    pub fn new(capacity: usize, per_second: f64) -> Self {
        let capacity = capacity as f64;
        Self {
            capacity,
            refill: per_second.max(0.0) / 1000.0,
            key: None,
            marks: false,
            keys: Keys::default(),
            buckets: Recent::new(10_000),
            most: 10_000,
            other: Bucket {
                tokens: capacity,
                filled: 0,
            },
            is_crowded: false,
            watch: Watch::default(),
            reporter: Reporter::default(),
        }
    }

    /// Gives each value of a field a limit of its own. All events share one by default.
    #[must_use]
    pub fn key(mut self, path: EventPath) -> Self {
        self.key = Some(path);
        self
    }

    /// Sets how many values are remembered. Defaults to 10,000; at least 1.
    #[must_use]
    pub fn max_keys(mut self, count: usize) -> Self {
        self.most = count.max(1);
        self.buckets = Recent::new(count);
        self
    }

    /// Lets what is beyond the limit go on, with `rate_limited: true` in its diagnostics. It is
    /// dropped by default.
    #[must_use]
    pub fn mark(mut self) -> Self {
        self.marks = true;
        self
    }

    /// Forgets keys whose bucket is full by now: they would be found as they begin.
    fn forget_idle(&mut self, now: u64) {
        let to_full = self.capacity / self.refill;
        // An event brings one key at most, so two at a time will do.
        for _ in 0..2 {
            let is_full = |bucket: &Bucket| (now - bucket.filled) as f64 >= to_full;
            if !self.buckets.oldest().is_some_and(is_full) {
                break;
            }
            self.buckets.drop_oldest();
        }
    }

    fn watch_keys(&mut self) {
        let (count, most) = (self.buckets.len(), self.most);
        if self.is_crowded {
            self.is_crowded = count * 10 >= most * 8;
        } else if count * 10 >= most * 9 {
            self.is_crowded = true;
            self.reporter.report(&format!(
                "{count} of {most} keys are in use: beyond, the one seen longest ago begins afresh"
            ));
        }
    }
}

impl Bucket {
    /// Takes a token, if there is one.
    fn take(&mut self, now: u64, capacity: f64, refill: f64) -> bool {
        let new = (now - self.filled) as f64 * refill;
        self.tokens = (self.tokens + new).min(capacity);
        self.filled = now;
        let has_one = self.tokens >= 1.0;
        if has_one {
            self.tokens -= 1.0;
        }
        has_one
    }
}

impl Filter for RateLimit {
    fn name(&self) -> &str {
        "rate_limit"
    }

    fn spares_protected(&self) -> bool {
        true
    }

    fn start(&mut self, reporter: &Reporter) {
        self.reporter = reporter.clone();
    }

    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        let now = self.watch.read(event);
        self.forget_idle(now);
        let key = self.key.as_ref();
        let key = key.and_then(|path| self.keys.of(slice::from_ref(path), event));
        let full = Bucket {
            tokens: self.capacity,
            filled: now,
        };
        let bucket = match key {
            Some(key) => self.buckets.touch(key, || full),
            None => &mut self.other,
        };
        let is_within = bucket.take(now, self.capacity, self.refill);
        self.watch_keys();
        match is_within {
            true => Verdict::Keep,
            false if self.marks => Verdict::Mark(MARK),
            false => Verdict::Drop,
        }
    }
}
