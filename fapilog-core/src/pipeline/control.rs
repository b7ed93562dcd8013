//! What is told to the worker besides events: flush, and the end. Never in the data queue, so it
//! gets through a full one.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::report::FlushOutcome;

/// Orders for the worker.
#[derive(Debug, Default)]
pub(crate) struct Control {
    orders: Mutex<Orders>,
}

#[derive(Debug, Default)]
pub(crate) struct Orders {
    pub(crate) flushes: Vec<Arc<Flush>>,
    /// Set once the pipeline is closing: when to give up.
    pub(crate) deadline: Option<Instant>,
}

impl Control {
    pub(crate) fn flush(&self, flush: Arc<Flush>) {
        self.orders().flushes.push(flush);
    }

    /// Asks for the end. The first deadline holds.
    pub(crate) fn close(&self, deadline: Instant) {
        self.orders().deadline.get_or_insert(deadline);
    }

    /// Takes the flushes that came since the last call, and the deadline if the end was asked for.
    pub(crate) fn take(&self) -> Orders {
        let mut orders = self.orders();
        Orders {
            flushes: std::mem::take(&mut orders.flushes),
            deadline: orders.deadline,
        }
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
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
        let answers = self
            .answered
            .wait_timeout_while(self.answers(), patience, |answers| {
                answers.iter().any(Option::is_none)
            });
        let (answers, _) = answers.unwrap_or_else(PoisonError::into_inner);
        let outcomes = answers.iter().cloned();
        outcomes
            .map(|outcome| outcome.unwrap_or(FlushOutcome::TimedOut))
            .collect()
    }

    fn answers(&self) -> MutexGuard<'_, Vec<Option<FlushOutcome>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a flush for one sink.
#[derive(Debug)]
pub(crate) struct FlushTicket {
    flush: Arc<Flush>,
    sink: usize,
}

impl FlushTicket {
    pub(crate) fn answer(self, outcome: FlushOutcome) {
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
        let patience = deadline.saturating_duration_since(Instant::now());
        let running = self
            .ended
            .wait_timeout_while(self.running(), patience, |running| {
                running.iter().any(|name| waited_for(name))
            });
        let (running, _) = running.unwrap_or_else(PoisonError::into_inner);
        let left = running.iter().filter(|name| waited_for(name));
        left.cloned().collect()
    }

    fn running(&self) -> MutexGuard<'_, Vec<String>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
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
