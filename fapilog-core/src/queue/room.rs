//! [`Room`]: waiting for room without a thread.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use super::{
    Budget, Class,
    waiters::{Ticket, Waiter},
};

/// Ends with a ticket when there is room, with `None` if there will be none. Dropped before, it
/// gives its place to the next in line.
#[derive(Debug)]
pub(crate) struct Room {
    budget: Arc<Budget>,
    class: Class,
    ticket: Option<Ticket>,
    deadline: Option<Instant>,
    waiter: Option<Arc<Waiter>>,
}

impl Room {
    /// Waits until the deadline, or for ever.
    pub(crate) fn new(
        budget: &Arc<Budget>,
        class: Class,
        ticket: Option<Ticket>,
        deadline: Option<Instant>,
    ) -> Self {
        Self {
            budget: Arc::clone(budget),
            class,
            ticket,
            deadline,
            waiter: None,
        }
    }
}

impl Future for Room {
    type Output = Option<Ticket>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Ticket>> {
        if self.waiter.is_none() {
            let (class, deadline) = (self.class, self.deadline);
            self.waiter = self.budget.line_up(class, self.ticket, deadline, deadline);
        }
        let Some(waiter) = &self.waiter else {
            return Poll::Ready(None);
        };
        let (answer, ticket) = (ready!(waiter.poll(cx)), waiter.ticket());
        self.waiter = None;
        Poll::Ready(self.budget.conclude(answer).then_some(ticket))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter.take()
            && !self.budget.waiters().leave(self.class, &waiter)
        {
            // It was let in, and does not come.
            self.budget.reopen();
        }
    }
}
