//! Those who wait for room, threads and tasks: first come, first served.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use super::{CHUNK, Class};
use crate::{
    panics,
    sync::{
        Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
        lock, unpoisoned,
    },
};

#[derive(Debug)]
pub(crate) struct Waiters {
    line: Mutex<Line>,
    count: AtomicUsize,
}

/// After so long, whoever was let in is no longer waited for.
const STUCK: Duration = Duration::from_millis(10);

#[derive(Debug, Default)]
struct Line {
    /// By [`Class`], in the order of their tickets.
    waiting: [VecDeque<Arc<Waiter>>; 2],
    /// By [`Class`], the room of those who were let in and are still on their way.
    on_the_way: [usize; 2],
    /// When somebody was let in, or arrived, the last time.
    moved: Option<Instant>,
    last: u64,
    closed: bool,
}

/// A place in line. Who is let in and finds the room taken by others comes back with the same
/// ticket, to the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// Of calls that came when nobody waited.
    pub(crate) const FIRST: Self = Self(0);
    /// Of those who have no place yet: becomes one behind all others.
    pub(crate) const LAST: Self = Self(u64::MAX);
}

/// What somebody waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    pub(crate) class: Class,
    /// How much room it must be, at least a chunk.
    pub(crate) bytes: usize,
    pub(crate) ticket: Ticket,
    /// When to give up; `None` for never.
    pub(crate) deadline: Option<Instant>,
}

impl Want {
    /// Waits for ever, at the end of the line.
    pub(crate) fn new(class: Class, bytes: usize) -> Self {
        Self {
            class,
            bytes: bytes.max(CHUNK),
            ticket: Ticket::LAST,
            deadline: None,
        }
    }
}

/// One who waits.
#[derive(Debug)]
pub(crate) struct Waiter {
    ticket: Ticket,
    bytes: usize,
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

    pub(crate) fn has(&self, class: Class) -> bool {
        !lock(&self.line).waiting[class as usize].is_empty()
    }

    /// Joins the line at the place of its ticket; `None` if it is closed. Whether it is a task
    /// decides who looks at the clock.
    pub(crate) fn join(&self, want: Want, is_task: bool) -> Option<Arc<Waiter>> {
        let mut line = lock(&self.line);
        if line.closed {
            return None;
        }
        let mut ticket = want.ticket;
        if ticket == Ticket::LAST {
            line.last += 1;
            ticket = Ticket(line.last);
        }
        let waiter = Arc::new(Waiter {
            ticket,
            bytes: want.bytes,
            deadline: want.deadline.filter(|_| is_task),
            state: Mutex::new(State::default()),
            answered: Condvar::new(),
        });
        let waiting = &mut line.waiting[want.class as usize];
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

    /// Lets in those who came first, as many as the room will do for beside those who were let in
    /// before; if they `cannot_come`, they are not reckoned with. Returns whether nobody waits any
    /// more: who does waits for more room, though others would fit, and would keep it waiting.
    pub(crate) fn admit(&self, class: Class, room: usize, cannot_come: bool) -> bool {
        let mut is_empty = false;
        self.answer(Answer::Admitted, |line, answer| {
            let waiting = &mut line.waiting[class as usize];
            let on_the_way = &mut line.on_the_way[class as usize];
            if cannot_come {
                *on_the_way = 0;
            }
            while let Some(first) = waiting.front()
                && first.bytes <= room.saturating_sub(*on_the_way)
            {
                answer(first);
                *on_the_way += first.bytes;
                waiting.pop_front();
                if !cannot_come {
                    line.moved = Some(Instant::now());
                }
            }
            is_empty = waiting.is_empty();
        });
        is_empty
    }

    /// Notes that one who was let in has arrived, or will not come. Returns whether somebody waits
    /// who came before.
    pub(crate) fn arrived(&self, class: Class, waiter: &Waiter) -> bool {
        let mut line = lock(&self.line);
        let on_the_way = &mut line.on_the_way[class as usize];
        *on_the_way = on_the_way.saturating_sub(waiter.bytes);
        line.moved = Some(Instant::now());
        let first = line.waiting[class as usize].front();
        first.is_some_and(|first| first.ticket < waiter.ticket)
    }

    /// Whether those who were let in have not come for so long that they may not be able to: like a
    /// task whose thread waits in the same line.
    pub(crate) fn are_stuck(&self, now: Instant) -> bool {
        let line = lock(&self.line);
        let is_long = |moved| now.saturating_duration_since(moved) >= STUCK;
        line.on_the_way.iter().any(|it| *it > 0) && line.moved.is_some_and(is_long)
    }

    /// Ends the waits of tasks whose deadline has come.
    pub(crate) fn expire(&self, now: Instant) {
        let is_late = |waiter: &Arc<Waiter>| waiter.deadline.is_some_and(|at| at <= now);
        self.answer(Answer::Expired, |line, answer| {
            for waiting in &mut line.waiting {
                waiting
                    .iter()
                    .filter(|it| is_late(it))
                    .for_each(&mut *answer);
                waiting.retain(|it| !is_late(it));
            }
        });
    }

    /// Ends all waits, those to come too.
    pub(crate) fn close(&self) {
        self.answer(Answer::Closed, |line, answer| {
            line.closed = true;
            for waiting in &mut line.waiting {
                waiting.iter().for_each(&mut *answer);
                waiting.clear();
            }
        });
    }

    /// Answers those whom `choose` names and then takes out of the line. No lock is held while tasks
    /// are woken.
    fn answer(&self, answer: Answer, choose: impl FnOnce(&mut Line, &mut dyn FnMut(&Arc<Waiter>))) {
        let mut answered = 0;
        let mut wakers = Vec::new();
        choose(&mut lock(&self.line), &mut |waiter| {
            wakers.extend(waiter.answer(answer));
            answered += 1;
        });
        self.count.fetch_sub(answered, Ordering::SeqCst);
        for waker in wakers {
            // The waker is a runtime's: whatever it does, the next one is woken too.
            drop(panics::region(|| waker.wake()));
        }
    }
}

impl Waiter {
    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Wakes the thread that waits; returns what wakes the task that does.
    fn answer(&self, answer: Answer) -> Option<Waker> {
        let mut state = lock(&self.state);
        state.answer = Some(answer);
        self.answered.notify_one();
        state.waker.take()
    }

    /// Blocks until the answer comes; `None` at the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<Answer> {
        let mut state = lock(&self.state);
        while state.answer.is_none() {
            state = match deadline {
                None => unpoisoned(self.answered.wait(state)),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    unpoisoned(self.answered.wait_timeout(state, left)).0
                }
            };
        }
        state.answer
    }

    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Answer> {
        // A runtime makes wakers and drops them: neither under the lock.
        let waker = cx.waker().clone();
        let mut state = lock(&self.state);
        let previous = match state.answer {
            Some(answer) => return Poll::Ready(answer),
            None => state.waker.replace(waker),
        };
        drop(state);
        drop(previous);
        Poll::Pending
    }
}
