//! [`Room`]: waiting for room without a thread.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::{
    Budget,
    budget::Conclusion,
    waiters::{Ticket, Waiter, Want},
};

/// Ends with a ticket when there is room, with `None` if there will be none. Dropped before, it
/// gives its place to the next in line.
#[derive(Debug)]
pub(crate) struct Room {
    budget: Arc<Budget>,
    want: Want,
    waiter: Option<Arc<Waiter>>,
}

impl Room {
    pub(crate) fn new(budget: &Arc<Budget>, want: Want) -> Self {
        Self {
            budget: Arc::clone(budget),
            want,
            waiter: None,
        }
    }
}

impl Future for Room {
    type Output = Option<Ticket>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Ticket>> {
        loop {
            if self.waiter.is_none() {
                self.waiter = self.budget.line_up(self.want, true);
            }
            let Some(waiter) = &self.waiter else {
                return Poll::Ready(None);
            };
            let answer = ready!(waiter.poll(cx));
            let ticket = waiter.ticket();
            let conclusion = self.budget.conclude(answer, self.want.class, waiter);
            self.waiter = None;
            self.want.ticket = ticket;
            match conclusion {
                Conclusion::Room => return Poll::Ready(Some(ticket)),
                Conclusion::NoRoom => return Poll::Ready(None),
                Conclusion::Back => {}
            }
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter.take()
            && !self.budget.waiters().leave(self.want.class, &waiter)
        {
            // It was let in, and does not come.
            self.budget.waiters().arrived(self.want.class, &waiter);
            self.budget.reopen();
        }
    }
}
