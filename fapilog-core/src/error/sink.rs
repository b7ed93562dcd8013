//! [`SinkError`], and the [`Action`] that it asks for.

use std::{error::Error, fmt, time::Duration};

/// What becomes of events that a sink could not deliver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// They are not tried again, for it would be of no use: they go to the fallback if there is one;
    /// else they become dead letters if there is a file for these; else they are dropped,
    /// `sink_failed`.
    #[default]
    GiveUp,
    /// They are tried again after a pause, as far as the [`Retry`](crate::Retry) of the sink's
    /// [`Delivery`](crate::Delivery) allows. The circuit breaker counts it: the destination failed,
    /// could not be reached, or did not answer in time.
    Retry,
    /// The same, but the circuit breaker does not count it: the destination works, and asks for
    /// fewer.
    Throttle,
    /// They are too large together, or one of them is refused: each half is tried by itself, down to
    /// the event that is refused alone, which becomes a dead letter.
    Split,
    /// The destination never takes them: they become dead letters if there is a file for these; else
    /// they go to the fallback; else they are dropped, `refused`.
    DeadLetter,
    /// Nobody's events are taken until somebody mends it, such as credentials or a schema: all are
    /// kept, and tried again from time to time; see [`Delivery::pause`](crate::Delivery::pause).
    Pause,
    /// The destination wants nothing ever again: the sink is not called any more, and its events go
    /// where what is given up goes, `sink_disabled`.
    Disable,
}

/// Why a sink did not take an event, or could not start, flush or stop; and what is to be done.
#[derive(Debug)]
pub struct SinkError {
    cause: Box<dyn Error + Send + Sync>,
    action: Action,
    after: Option<Duration>,
}

impl SinkError {
    /// An error with a text, or with another error as its cause: [`Action::GiveUp`].
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with(Action::GiveUp, cause)
    }

    /// An error that asks for something.
    pub fn with(action: Action, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: cause.into(),
            action,
            after: None,
        }
    }

    /// Says how long the destination wants to be left alone; the lane waits at least so long, up to
    /// five minutes.
    pub fn after(mut self, delay: impl Into<Option<Duration>>) -> Self {
        self.after = delay.into();
        self
    }

    /// What is to be done.
    pub fn action(&self) -> Action {
        self.action
    }

    /// How long the destination wants to be left alone, if it said so.
    pub fn delay(&self) -> Option<Duration> {
        self.after
    }
}

impl From<std::io::Error> for SinkError {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl Error for SinkError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}
