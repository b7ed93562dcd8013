//! Attempts: when a batch is tried, and what is done when that is over.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Delivery, Lane,
    breaker::{Closure, Permit},
    exit::{Exit, Reason},
    landing::{Facts, Group, Landing, Step, groups, step},
    parcel::{Parcel, State},
    retry::asked_at_most,
};
use crate::{
    panics,
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
        self.backlog.try_events(parcel.batch.len());
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

    /// Decides what becomes of the events of an attempt that is over.
    fn landed(&mut self, index: usize) {
        let is_closing = self.backlog.closing().is_some();
        let parcel = &mut self.parcels[index];
        let State::Landed(landing) = &parcel.state else {
            return;
        };
        // Whoever wrote the error also wrote how it is told.
        let trouble = match landing {
            Landing::Written(Ok(())) => None,
            Landing::Written(Err(error)) => Some(
                panics::caught(|| error.to_string()).unwrap_or_else(|panic| format!("({panic})")),
            ),
            Landing::Panicked(text) => Some(text.clone()),
        };
        let len = parcel.batch.len();
        let groups = match landing {
            Landing::Written(Err(error)) => Some(groups(error, len)),
            Landing::Written(Ok(())) => Some(Vec::new()),
            Landing::Panicked(_) => None,
        };
        let was = self.circuit.as_ref().map(|circuit| circuit.phase());
        if parcel.is_out {
            self.backlog.tried(len);
            parcel.is_out = false;
        }
        let counts = settle(parcel.permit.take(), groups.as_deref());
        let error = trouble.as_deref().unwrap_or_default();
        match groups {
            None => parcel.state = State::Gone(Exit::Unknown),
            Some(groups) if groups.is_empty() => {
                parcel.state = State::Gone(Exit::Delivered);
                self.paused_until = None;
            }
            Some(groups) => {
                let now = Instant::now();
                parcel.attempts += usize::from(counts && groups.iter().any(Group::is_retry));
                parcel.first_over.get_or_insert(now);
                self.divide(index, &groups, error, now, is_closing);
            }
        }
        if let Some(error) = &trouble {
            self.say(&format!("write failed: {error}"));
        }
        self.tell_of_breaker(was);
    }

    /// Makes a parcel of each group of events with which the same is to be done.
    fn divide(
        &mut self,
        index: usize,
        groups: &[Group],
        error: &str,
        now: Instant,
        is_closing: bool,
    ) {
        if asks_for_pause(groups) {
            let pause = self.delivery.pause.mul_f64(0.5 + fastrand::f64() / 2.0);
            let asked = groups.iter().filter_map(|group| group.after).max();
            self.paused_until = now.checked_add(pause.max(asked_at_most(asked)));
        } else {
            self.paused_until = None;
        }
        self.is_disabled |= groups
            .iter()
            .any(|group| group.action == crate::Action::Disable);
        let whole = self.parcels.remove(index);
        let mut parcels = Vec::new();
        let delivered = whole
            .batch
            .only(|index| !groups.iter().any(|it| it.has(index)));
        if let Some(batch) = delivered {
            let mut part = whole.part(batch, &self.delivery);
            part.state = State::Gone(Exit::Delivered);
            parcels.push(part);
        }
        for group in groups {
            let facts = Facts {
                len: group.indices.as_ref().map_or(whole.batch.len(), Vec::len),
                attempts: whole.attempts,
                spent: whole.first_over.map_or(Duration::ZERO, |first| now - first),
                is_closing,
                is_last: whole.is_last,
            };
            let step = step(group.action, facts, &self.delivery.retry);
            parcels.extend(take_step(&whole, group, step, error, now, &self.delivery));
        }
        self.parcels.splice(index..index, parcels);
    }

    fn tell_of_breaker(&self, was: Option<&'static str>) {
        let is = self.circuit.as_ref().map(|circuit| circuit.phase());
        if let (Some(was), Some(is)) = (was, is)
            && was != is
        {
            self.say(&format!("circuit breaker: {is}, was {was}"));
        }
    }

    /// Finds out where events go that are not tried any more.
    fn find_exit(&mut self, index: usize) {
        let parcel = &mut self.parcels[index];
        let State::Undelivered { reason, error } = &parcel.state else {
            return;
        };
        let (reason, error) = (*reason, Arc::clone(error));
        let has_fallback = self.backlog.has_fallback();
        let is_letter = reason == Reason::Refused || !has_fallback;
        let mut trouble = None;
        let written = match &mut self.dead_letters {
            Some(file) if is_letter => {
                let name = &self.backlog.ledger.name;
                let written = file.write(name, &parcel.batch, reason, &error);
                trouble = written.as_ref().err().map(ToString::to_string);
                written.is_ok()
            }
            _ => false,
        };
        parcel.state = State::Gone(match written {
            true => Exit::DeadLettered,
            false if has_fallback => Exit::FellBack,
            false => Exit::Dropped(reason),
        });
        if let Some(error) = trouble {
            self.say(&format!("dead letters could not be written: {error}"));
        }
    }

    /// Counts the events of a parcel, and forgets it.
    fn leave(&mut self, index: usize, exit: Exit) {
        self.backlog.end(&self.parcels[index].batch, exit);
        self.parcels.remove(index);
    }
}

/// Tells the circuit breaker; returns whether the attempt counts: it was no probe.
fn settle(permit: Option<Permit>, groups: Option<&[Group]>) -> bool {
    let Some(permit) = permit else {
        return true;
    };
    let counts = !permit.is_probe();
    let has_failed = match groups {
        None => true,
        Some(groups) => !groups.is_empty() && groups.iter().all(Group::is_failure),
    };
    match has_failed {
        true => drop(permit),
        false => permit.succeed(),
    }
    counts
}

fn asks_for_pause(groups: &[Group]) -> bool {
    groups
        .iter()
        .any(|group| group.action == crate::Action::Pause)
}

/// The parcels that a group becomes.
fn take_step(
    whole: &Parcel,
    group: &Group,
    step: Step,
    error: &str,
    now: Instant,
    delivery: &Delivery,
) -> Vec<Parcel> {
    let batch = match &group.indices {
        None => Some(whole.batch.clone()),
        Some(_) => whole.batch.only(|index| group.has(index)),
    };
    let Some(batch) = batch else {
        return Vec::new();
    };
    if step == Step::Halves {
        let half = batch.len().div_ceil(2);
        let halves = [
            batch.only(|index| index < half),
            batch.only(|index| index >= half),
        ];
        let halves = halves.into_iter().flatten();
        return halves.map(|half| whole.part(half, delivery)).collect();
    }
    let mut parcel = whole.part(batch, delivery);
    match step {
        Step::End(reason) => parcel.give_up(reason, error),
        Step::Again => {
            let pause = parcel.pauses.next(group.after);
            let until = now.checked_add(pause).unwrap_or(now);
            parcel.state = State::Waiting { until };
        }
        Step::LastTime => parcel.is_last = true,
        Step::Pause | Step::Halves => {}
    }
    vec![parcel]
}
