//! Outcomes: what becomes of the events of an attempt that is over.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Delivery, Lane,
    circuit::Permit,
    exit::{Exit, Reason},
    landing::{Facts, Group, Landing, Step, groups, step},
    parcel::{Parcel, State},
    retry::asked_at_most,
};
use crate::{clock, error::Action, panics};

impl Lane {
    /// Decides what becomes of the events of an attempt that is over.
    pub(super) fn landed(&mut self, index: usize) {
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
        let counts = settle(parcel.permit.take(), groups.as_deref(), len);
        let error = trouble.as_deref().unwrap_or_default();
        match groups {
            None => parcel.state = State::Gone(Exit::Unknown),
            Some(groups) if groups.is_empty() => {
                parcel.state = State::Gone(Exit::Delivered);
                self.paused_until = None;
            }
            Some(groups) => {
                let now = Instant::now();
                let is_retry = groups.iter().any(Group::is_retry);
                if counts && is_retry {
                    parcel.attempts += 1;
                    parcel.first_over.get_or_insert(now);
                } else {
                    // What it waits for now is not the time of its retries.
                    parcel.first_over = None;
                }
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
            self.paused_until = Some(clock::after(now, pause.max(asked_at_most(asked))));
        } else {
            self.paused_until = None;
        }
        self.is_disabled |= groups.iter().any(|group| group.action == Action::Disable);
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
                len: group.count(whole.batch.len()),
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
    pub(super) fn find_exit(&mut self, index: usize) {
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
    pub(super) fn leave(&mut self, index: usize, exit: Exit) {
        self.backlog.end(&self.parcels[index].batch, exit);
        self.parcels.remove(index);
    }
}

/// Tells the circuit breaker; returns whether the attempt counts: it was no probe.
fn settle(permit: Option<Permit>, groups: Option<&[Group]>, len: usize) -> bool {
    let Some(permit) = permit else {
        return true;
    };
    let counts = !permit.is_probe();
    let has_failed = match groups {
        None => true,
        // Who takes some of a batch works.
        Some(groups) => {
            let failed = groups.iter().filter(|group| group.is_failure());
            failed.map(|group| group.count(len)).sum::<usize>() == len
        }
    };
    match has_failed {
        true => drop(permit),
        false => permit.succeed(),
    }
    counts
}

fn asks_for_pause(groups: &[Group]) -> bool {
    groups.iter().any(|group| group.action == Action::Pause)
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
            let until = clock::after(now, parcel.pauses.next(group.after));
            let first = parcel.first_over.unwrap_or(now);
            let latest = clock::after(first, delivery.retry.elapsed);
            match clock::after(now, asked_at_most(group.after)) > latest {
                true => parcel.give_up(Reason::RetriesExhausted, error),
                false => {
                    let until = until.min(latest);
                    parcel.state = State::Waiting { until };
                }
            }
        }
        Step::LastTime => parcel.is_last = true,
        Step::Pause | Step::Halves => {}
    }
    vec![parcel]
}
