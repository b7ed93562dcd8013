//! Those who wait for room, threads and tasks: first come, first served.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};

use super::Class;
use crate::sync::{
    Condvar, Mutex,
    atomic::{AtomicUsize, Ordering},
    lock,
};

#[derive(Debug)]
pub(crate) struct Waiters {
    line: Mutex<Line>,
    count: AtomicUsize,
}

#[derive(Debug, Default)]
struct Line {
    /// By [`Class`], in the order of their tickets.
    waiting: [VecDeque<Arc<Waiter>>; 2],
    last: u64,
    closed: bool,
}

/// A place in line. Who is let in and finds the room taken by others comes back with the same
/// ticket, to the same place; the first ticket of all is that of calls that had not to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

/// One who waits.
#[derive(Debug)]
pub(crate) struct Waiter {
    ticket: Ticket,
    /// When a task gives up; a thread looks at the clock itself.
    deadline: Option<Instant>,
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Debug, Default)]
struct State {
    answer: Option<Answer>,
    waker: Option<Waker>,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is room now.
    Admitted,
    /// The deadline has come.
    Expired,
    /// There will be no room any more.
    Closed,
}

impl Waiters {
    pub(crate) fn new() -> Self {
        Self {
            line: Mutex::new(Line::default()),
            count: AtomicUsize::new(0),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Ordering::SeqCst) == 0
    }

    /// Joins the line, with a ticket at its place, else at the end; `None` if it is closed.
    pub(crate) fn join(
        &self,
        class: Class,
        ticket: Option<Ticket>,
        deadline: Option<Instant>,
    ) -> Option<Arc<Waiter>> {
        let mut line = lock(&self.line);
        if line.closed {
            return None;
        }
        let ticket = ticket.unwrap_or_else(|| {
            line.last += 1;
            Ticket(line.last)
        });
        let waiter = Arc::new(Waiter {
            ticket,
            deadline,
            state: Mutex::new(State::default()),
            answered: Condvar::new(),
        });
        let waiting = &mut line.waiting[class as usize];
        let place = waiting.partition_point(|it| it.ticket <= ticket);
        waiting.insert(place, Arc::clone(&waiter));
        self.count.fetch_add(1, Ordering::SeqCst);
        Some(waiter)
    }

    /// Leaves the line; false if the answer came before.
    pub(crate) fn leave(&self, class: Class, waiter: &Arc<Waiter>) -> bool {
        let waiting = &mut lock(&self.line).waiting[class as usize];
        let place = waiting.iter().position(|it| Arc::ptr_eq(it, waiter));
        let left = place.and_then(|place| waiting.remove(place));
        self.count
            .fetch_sub(usize::from(left.is_some()), Ordering::SeqCst);
        left.is_some()
    }

    /// Admits who came first; false if nobody waits.
    pub(crate) fn admit_first(&self, class: Class) -> bool {
        let first = lock(&self.line).waiting[class as usize].pop_front();
        self.answer(first, Answer::Admitted) > 0
    }

    /// Ends the waits of tasks whose deadline has come; returns how many.
    pub(crate) fn expire(&self, now: Instant) -> usize {
        let is_late = |waiter: &Arc<Waiter>| waiter.deadline.is_some_and(|at| at <= now);
        let mut late = Vec::new();
        for waiting in &mut lock(&self.line).waiting {
            late.extend(waiting.iter().filter(|it| is_late(it)).cloned());
            waiting.retain(|it| !is_late(it));
        }
        self.answer(late, Answer::Expired)
    }

    /// Ends all waits, those to come too.
    pub(crate) fn close(&self) {
        let all = {
            let mut line = lock(&self.line);
            line.closed = true;
            std::mem::take(&mut line.waiting)
        };
        self.answer(all.into_iter().flatten(), Answer::Closed);
    }

    /// Answers those who have been taken out of the line; no lock is held while they are woken.
    fn answer(&self, taken: impl IntoIterator<Item = Arc<Waiter>>, answer: Answer) -> usize {
        let taken = taken.into_iter().map(|waiter| waiter.answer(answer));
        let count = taken.count();
        self.count.fetch_sub(count, Ordering::SeqCst);
        count
    }
}

impl Waiter {
    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket
    }

    fn answer(&self, answer: Answer) {
        let waker = {
            let mut state = lock(&self.state);
            state.answer = Some(answer);
            state.waker.take()
        };
        self.answered.notify_one();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Blocks until the answer comes; `None` at the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<Answer> {
        let mut state = lock(&self.state);
        while state.answer.is_none() {
            state = match deadline {
                None => match self.answered.wait(state) {
                    Ok(state) => state,
                    Err(poisoned) => poisoned.into_inner(),
                },
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    match self.answered.wait_timeout(state, left) {
                        Ok((state, _)) => state,
                        Err(poisoned) => poisoned.into_inner().0,
                    }
                }
            };
        }
        state.answer
    }

    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Answer> {
        let mut state = lock(&self.state);
        match state.answer {
            Some(answer) => Poll::Ready(answer),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}
