//! What is told to the worker besides events: flush, and the end. Never in the data queue, so it
//! gets through a full one.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use super::report::FlushOutcome;
use crate::{
    clock,
    sync::{self, unpoisoned},
};

/// Orders for the worker.
#[derive(Debug, Default)]
pub(crate) struct Control {
    orders: Mutex<Orders>,
}

#[derive(Debug, Default)]
struct Orders {
    flushes: Vec<Arc<Flush>>,
    /// Set once the pipeline is closing: when to give up.
    deadline: Option<Instant>,
}

impl Control {
    pub(crate) fn flush(&self, flush: Arc<Flush>) {
        self.orders().flushes.push(flush);
    }

    /// Asks for the end. The first deadline holds.
    pub(crate) fn close(&self, deadline: Instant) {
        self.orders().deadline.get_or_insert(deadline);
    }

    /// Takes the flushes that came since the last call; returns the deadline if the end was asked
    /// for.
    pub(crate) fn take(&self, flushes: &mut Vec<Arc<Flush>>) -> Option<Instant> {
        let mut orders = self.orders();
        flushes.append(&mut orders.flushes);
        orders.deadline
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        unpoisoned(self.orders.lock())
    }
}

/// A flush under way: one answer for each sink.
#[derive(Debug)]
pub(crate) struct Flush {
    answers: Mutex<Vec<Option<FlushOutcome>>>,
    answered: Condvar,
}

impl Flush {
    pub(crate) fn new(sinks: usize) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(vec![None; sinks]),
            answered: Condvar::new(),
        })
    }

    /// The right to answer for one sink.
    pub(crate) fn ticket(self: &Arc<Self>, sink: usize) -> FlushTicket {
        FlushTicket {
            flush: Arc::clone(self),
            sink,
        }
    }

    /// Waits until all sinks have answered or the patience ends.
    pub(crate) fn wait(&self, patience: Duration) -> Vec<FlushOutcome> {
        let deadline = clock::deadline(patience);
        let answers = sync::wait_while(&self.answered, self.answers(), deadline, |answers| {
            answers.iter().any(Option::is_none)
        });
        let outcomes = answers.iter().cloned();
        outcomes
            .map(|outcome| outcome.unwrap_or(FlushOutcome::TimedOut))
            .collect()
    }

    fn answers(&self) -> MutexGuard<'_, Vec<Option<FlushOutcome>>> {
        unpoisoned(self.answers.lock())
    }
}

/// Answers a flush for one sink.
#[derive(Clone, Debug)]
pub(crate) struct FlushTicket {
    flush: Arc<Flush>,
    sink: usize,
}

impl FlushTicket {
    pub(crate) fn answer(&self, outcome: FlushOutcome) {
        self.flush.answers()[self.sink] = Some(outcome);
        self.flush.answered.notify_all();
    }
}

/// The threads of a pipeline that are still running, by name.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    running: Mutex<Vec<String>>,
    ended: Condvar,
}

impl Threads {
    /// Counts a thread as running until what is returned is dropped.
    pub(crate) fn add(self: &Arc<Self>, name: &str) -> Alive {
        self.running().push(name.to_owned());
        Alive {
            threads: Arc::clone(self),
            name: name.to_owned(),
        }
    }

    /// Waits until those named are no longer running, or until the deadline.
    pub(crate) fn wait(&self, deadline: Instant, waited_for: impl Fn(&str) -> bool) -> Vec<String> {
        let running = sync::wait_while(&self.ended, self.running(), deadline, |running| {
            running.iter().any(|name| waited_for(name))
        });
        let left = running.iter().filter(|name| waited_for(name));
        left.cloned().collect()
    }

    fn running(&self) -> MutexGuard<'_, Vec<String>> {
        unpoisoned(self.running.lock())
    }
}

/// Held by a thread while it runs.
#[derive(Debug)]
pub(crate) struct Alive {
    threads: Arc<Threads>,
    name: String,
}

impl Drop for Alive {
    fn drop(&mut self) {
        let mut running = self.threads.running();
        if let Some(index) = running.iter().position(|name| *name == self.name) {
            running.swap_remove(index);
        }
        drop(running);
        self.threads.ended.notify_all();
    }
}
