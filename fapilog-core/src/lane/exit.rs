//! [`Exit`]: how the way of an event ends at a sink.

/// How the way of an event ends at a sink. What is dropped is counted by its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Exit {
    Delivered,
    /// The sink had it, and what became of it was never learnt.
    Unknown,
    FellBack,
    DeadLettered,
    Dropped(Reason),
}

/// Why an event is not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reason {
    /// The sink failed, or could not be started, and to try again is of no use.
    Failed,
    /// It was tried as often, or as long, as it may be.
    RetriesExhausted,
    /// It waited for as long as it may.
    TooOld,
    /// The destination never takes it.
    Refused,
    /// The destination wants nothing more.
    Disabled,
    /// The circuit breaker is open.
    BreakerOpen,
    /// The pipeline ended.
    Shutdown,
}

impl Reason {
    /// What it is called in the books and beside dead letters.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "sink_failed",
            Self::RetriesExhausted => "retries_exhausted",
            Self::TooOld => "too_old",
            Self::Refused => "refused",
            Self::Disabled => "sink_disabled",
            Self::BreakerOpen => "breaker_open",
            Self::Shutdown => "shutdown_deadline",
        }
    }
}
