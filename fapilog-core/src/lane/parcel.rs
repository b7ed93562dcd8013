//! [`Parcel`]: a batch on its way, until the last of its events has reached its end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::Id;

use super::{
    backlog::Held,
    batch::Batch,
    breaker::Permit,
    delivery::Delivery,
    exit::{Exit, Reason},
    landing::Landing,
    retry::Pauses,
};

/// A batch on its way.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) batch: Batch,
    held: Arc<[Arc<Held>]>,
    /// When the oldest of its events came.
    pub(super) since: Instant,
    /// Attempts that count.
    pub(super) attempts: usize,
    /// When the first of them was over.
    pub(super) first_over: Option<Instant>,
    pub(super) pauses: Pauses,
    /// No further attempt is made after the next one.
    pub(super) is_last: bool,
    /// Of the circuit breaker, for the attempt that is made.
    pub(super) permit: Option<Permit>,
    /// The sink has it, and the backlog knows.
    pub(super) is_out: bool,
    pub(super) state: State,
}

/// What a parcel does.
#[derive(Debug)]
pub(super) enum State {
    Waiting {
        until: Instant,
    },
    Trying(Id),
    Landed(Landing),
    /// It is not tried any more: where its events go is to be found out.
    Undelivered {
        reason: Reason,
        error: Arc<str>,
    },
    /// Its events are to be counted.
    Gone(Exit),
}

impl Parcel {
    pub(super) fn new(
        batch: Batch,
        held: Arc<[Arc<Held>]>,
        since: Instant,
        delivery: &Delivery,
    ) -> Self {
        Self {
            batch,
            held,
            since,
            attempts: 0,
            first_over: None,
            pauses: delivery.retry.pauses(0),
            is_last: false,
            permit: None,
            is_out: false,
            state: State::Waiting { until: since },
        }
    }

    /// Some of its events, as a batch of its own, with the attempts that were made.
    pub(super) fn part(&self, batch: Batch, delivery: &Delivery) -> Self {
        Self {
            attempts: self.attempts,
            first_over: self.first_over,
            is_last: self.is_last,
            pauses: delivery.retry.pauses(self.attempts.saturating_sub(1)),
            ..Self::new(batch, Arc::clone(&self.held), self.since, delivery)
        }
    }

    /// It is not tried any more.
    pub(super) fn give_up(&mut self, reason: Reason, error: &str) {
        self.state = State::Undelivered {
            reason,
            error: error.into(),
        };
    }

    /// When it is too old to be delivered.
    pub(super) fn expiry(&self, max_age: Option<Duration>) -> Option<Instant> {
        self.since.checked_add(max_age?)
    }
}

impl From<Landing> for State {
    fn from(landing: Landing) -> Self {
        Self::Landed(landing)
    }
}
