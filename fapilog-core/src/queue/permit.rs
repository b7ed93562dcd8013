//! [`Permit`]: room that is kept for one event to come.

use std::sync::Arc;

use super::{Budget, Class, Room, Ticket, Want, budget::Charge};

/// Room for one event, so that it fits in whenever it comes, without waiting.
#[derive(Debug)]
pub struct Permit {
    pub(super) charge: Charge,
}

impl Permit {
    /// What a permit is worth; an event that is larger is taken all the same.
    pub(super) const BYTES: usize = 2048;

    /// Waits in line for a permit; `None` if the queue is closed.
    pub(crate) async fn wait(budget: Arc<Budget>) -> Option<Self> {
        let mut ticket = Ticket::LAST;
        loop {
            // Who was let in need not ask: others behind it keep the door shut.
            if (ticket != Ticket::LAST || budget.admits(Class::Ordinary))
                && let Some(charge) = budget.draw(Self::BYTES, Class::Ordinary)
            {
                return Some(Self { charge });
            }
            budget.shut(Self::BYTES, Class::Ordinary);
            let want = Want {
                ticket,
                ..Want::new(Class::Ordinary, Self::BYTES)
            };
            ticket = Room::new(&budget, want).await?;
        }
    }
}
