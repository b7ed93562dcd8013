//! [`Delivery`]: how the events of a sink are delivered.

use std::time::Duration;

use super::retry::Retry;

/// How the events of a sink are gathered, and what happens to those that it could not deliver. A sink
/// says it with [`Sink::delivery`](crate::Sink::delivery); who adds the sink may know better, see
/// [`SinkOptions::delivery`](crate::SinkOptions::delivery).
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Delivery {
    pub(crate) gathers: bool,
    pub(crate) events: Option<usize>,
    pub(crate) bytes: usize,
    pub(crate) wait: Option<Duration>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Retry,
    pub(crate) max_age: Option<Duration>,
    pub(crate) pause: Duration,
}

impl Delivery {
    /// Each batch as it comes, one after the other, and once. For what is fast and near, and the
    /// default of all sinks that do not say otherwise.
    pub fn at_once() -> Self {
        Self {
            gathers: false,
            events: None,
            bytes: usize::MAX,
            wait: None,
            concurrency: Some(1),
            timeout: None,
            retry: Retry::never(),
            max_age: None,
            pause: Duration::from_secs(15),
        }
    }

    /// Batches of `core.batch_max_size` events, 1 MiB and `core.batch_timeout_seconds`,
    /// `core.sink_concurrency` at once, 10 s for each attempt, and those of [`Retry::new`]. For what
    /// is behind a network.
    pub fn batched() -> Self {
        Self {
            gathers: true,
            bytes: 1024 * 1024,
            concurrency: None,
            timeout: Some(Duration::from_secs(10)),
            retry: Retry::new(),
            ..Self::at_once()
        }
    }

    /// Sets how many events a batch has at most; at least 1.
    pub fn batch_events(mut self, most: usize) -> Self {
        self.events = Some(most.max(1));
        self.gathers = true;
        self
    }

    /// Sets how many bytes of JSON a batch has at most, unless one event alone has more. Line breaks
    /// count.
    pub fn batch_bytes(mut self, most: usize) -> Self {
        self.bytes = most;
        self.gathers = true;
        self
    }

    /// Sets how long an event waits for others to fill its batch. A flush and a shutdown wait for
    /// nothing.
    pub fn batch_wait(mut self, most: Duration) -> Self {
        self.wait = Some(most);
        self.gathers = true;
        self
    }

    /// Sets how many batches are under way at once; at least 1. With more than one, their order is
    /// not kept. A [`BlockingSink`](crate::BlockingSink) takes one at a time in any case.
    pub fn concurrency(mut self, batches: usize) -> Self {
        self.concurrency = Some(batches.max(1));
        self
    }

    /// Sets how long an attempt may take: then its future is dropped, and it counts as
    /// [`Action::Retry`](crate::Action::Retry). What blocks its thread cannot be cut short.
    pub fn timeout(mut self, most: Duration) -> Self {
        self.timeout = Some(most);
        self
    }

    /// Sets how often, and for how long, is tried again.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets after what time an event that is not delivered is dropped, `too_old`, or goes to the
    /// fallback; counted from when it was encoded. By default there is no limit.
    pub fn max_age(mut self, most: Duration) -> Self {
        self.max_age = Some(most);
        self
    }

    /// Sets how long to wait after [`Action::Pause`](crate::Action::Pause) before one batch is tried
    /// again, half to all of it. Defaults to 15 s. A pause counts neither as an attempt nor as time
    /// that retries may take.
    pub fn pause(mut self, delay: Duration) -> Self {
        self.pause = delay;
        self
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Self::at_once()
    }
}
