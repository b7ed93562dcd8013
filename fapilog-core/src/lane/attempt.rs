//! Attempts: when a batch is tried.

use std::{sync::Arc, time::Instant};

use super::{Lane, circuit::Closure, exit::Reason, landing::Landing, parcel::State};
use crate::{
    pipeline::add,
    sink::{self, AnySink},
};

/// What became of a parcel that was looked at.
enum Look {
    /// It does something else now.
    Moved,
    /// It waits, for a while or for others.
    Waits(Option<Instant>),
}

impl Lane {
    /// Lets each parcel do what it can do now. Returns whether any did, and when the next one can.
    pub(super) fn advance(&mut self) -> (bool, Option<Instant>) {
        let (mut has_moved, mut wake) = (false, None::<Instant>);
        let (mut index, mut taken) = (0, 0);
        while let Some(parcel) = self.parcels.get(index) {
            if has_moved && self.backlog.is_abandoned() {
                break;
            }
            match parcel.state {
                State::Landed(_) => self.landed(index),
                State::Undelivered { .. } => self.find_exit(index),
                State::Gone(exit) => self.leave(index, exit),
                State::Trying(_) => {
                    (index, taken) = (index + 1, taken + 1);
                    continue;
                }
                State::Waiting { .. } => match self.look(index, taken < self.seats) {
                    Look::Moved => {}
                    Look::Waits(until) => {
                        wake = wake.into_iter().chain(until).min();
                        (index, taken) = (index + 1, taken + 1);
                        continue;
                    }
                },
            }
            has_moved = true;
        }
        (has_moved, wake)
    }

    /// Tries a parcel that waits, unless it has to wait longer or it is too late for it.
    fn look(&mut self, index: usize, has_seat: bool) -> Look {
        let now = Instant::now();
        let closing = self.backlog.closing();
        let gives_up_at = self.gives_up_at();
        let is_trying = !self.attempts.is_empty();
        let parcel = &mut self.parcels[index];
        let State::Waiting { mut until } = parcel.state else {
            return Look::Moved;
        };
        let expiry = parcel.expiry(self.delivery.max_age);
        let gone = match self.started {
            _ if self.is_disabled => Some((Reason::Disabled, "the destination wants no more")),
            Some(true) => None,
            _ => Some((Reason::Failed, "the sink could not be started")),
        };
        let late = expiry.is_some_and(|at| now >= at);
        let gone = gone.or(late.then_some((Reason::TooOld, "not delivered in time")));
        let is_over = gives_up_at.is_some_and(|at| now >= at);
        let gone = gone.or(is_over.then_some((Reason::Shutdown, "the pipeline ended")));
        if let Some((reason, error)) = gone {
            parcel.give_up(reason, error);
            return Look::Moved;
        }
        let latest = expiry.into_iter().chain(gives_up_at).min();
        if !has_seat {
            return Look::Waits(latest);
        }
        if let Some(paused) = self.paused_until {
            until = until.max(paused);
        }
        if closing.is_some() && until > now {
            // A pause is cut short by one last attempt.
            (until, parcel.is_last) = (now, true);
        }
        if until > now {
            return Look::Waits(latest.into_iter().chain([until]).min());
        }
        if self.paused_until.is_some() && is_trying {
            return Look::Waits(latest);
        }
        match self.permit(index, closing.is_some()) {
            Ok(()) => self.launch(index),
            Err(look) => match look {
                Look::Moved => Look::Moved,
                Look::Waits(until) => Look::Waits(latest.into_iter().chain(until).min()),
            },
        }
    }

    /// Asks the circuit breaker.
    fn permit(&mut self, index: usize, is_closing: bool) -> Result<(), Look> {
        let Some(circuit) = &self.circuit else {
            return Ok(());
        };
        if is_closing && !std::mem::replace(&mut self.has_probed, true) {
            circuit.end_recovery();
        }
        // There is one if a panic came between: it would wait for itself.
        drop(self.parcels[index].permit.take());
        let closure = match circuit.permit() {
            Ok(permit) => {
                self.parcels[index].permit = Some(permit);
                return Ok(());
            }
            Err(closure) => closure,
        };
        let parcel = &mut self.parcels[index];
        match closure {
            Closure::Probing => return Err(Look::Waits(None)),
            Closure::Until(_) if self.backlog.has_fallback() => {
                parcel.give_up(Reason::BreakerOpen, "the circuit breaker is open");
            }
            Closure::Until(_) if is_closing => {
                parcel.give_up(Reason::Shutdown, "the circuit breaker is open");
            }
            Closure::Until(until) => return Err(Look::Waits(Some(until))),
        }
        Err(Look::Moved)
    }

    /// Hands a parcel to the sink.
    fn launch(&mut self, index: usize) -> Look {
        let parcel = &mut self.parcels[index];
        if !self.backlog.try_events(parcel.batch.len()) {
            return Look::Waits(None);
        }
        parcel.is_out = true;
        add(&self.backlog.ledger.attempts, 1);
        match &mut self.sink {
            AnySink::Async(sink) => {
                let (sink, batch) = (Arc::clone(sink), parcel.batch.clone());
                let attempt = sink::attempt(sink, batch, self.delivery.timeout);
                parcel.state = State::Trying(self.attempts.spawn(attempt).id());
            }
            AnySink::Blocking(sink) => {
                // Until more is known: how far it gets nobody knows.
                parcel.state = Landing::Panicked("was interrupted".to_owned()).into();
                parcel.state = match sink::attempt_blocking(&mut **sink, &parcel.batch) {
                    Ok(written) => Landing::Written(written).into(),
                    Err(panicked) => Landing::Panicked(panicked.to_string()).into(),
                };
            }
        }
        Look::Moved
    }
}
