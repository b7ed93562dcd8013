//! Which calls are let in, and what those do that find no room: the overflow policy.

use std::sync::atomic::AtomicU64;

use super::{Shared, ledger::add};
use crate::{
    Level, clock, own,
    queue::{Class, Permit, Refused, Room, Ticket, Want},
};

/// What came of trying to append a record.
enum Tried {
    Taken,
    /// There may be room by now, for everybody.
    Again,
    WaitFor(Want),
    GiveUp,
}

impl Shared {
    /// What room events of this level may use.
    #[inline]
    pub(crate) fn class(&self, level: Level) -> Class {
        match self.protected.contains(level) {
            true => Class::Protected,
            false => Class::Ordinary,
        }
    }

    /// A ticket if there may be room for an event of this level; else counts the refusal.
    #[inline]
    pub(crate) fn admit(&self, level: Level) -> Option<(Class, Ticket)> {
        let class = self.class(level);
        let is_open = self.queue.budget().admits(class) && !self.queue.is_closed();
        if is_open && !self.is_inherited() && !own::is_own_thread() {
            return Some((class, Ticket::FIRST));
        }
        Some((class, self.admit_late(class)?))
    }

    #[cold]
    fn admit_late(&self, class: Class) -> Option<Ticket> {
        let ticket = match self.refusal() {
            None if self.may_take_rest() => Some(Ticket::LAST),
            None if self.may_wait() => self.wait_for_room(self.want(class, 0)),
            _ => None,
        };
        self.or_refuse(ticket)
    }

    /// The same, without blocking the thread.
    pub(crate) async fn admit_async(&self, level: Level) -> Option<(Class, Ticket)> {
        let class = self.class(level);
        let ticket = match self.refusal() {
            None if self.queue.budget().admits(class) => Some(Ticket::FIRST),
            None if self.may_take_rest() => Some(Ticket::LAST),
            None => self.wait_async(self.want(class, 0)).await,
            Some(_) => None,
        };
        Some((class, self.or_refuse(ticket)?))
    }

    /// Whether a call may come in though others wait: it takes nothing of what they wait for. Where
    /// events may be dropped, it is better that those who come first are not.
    fn may_take_rest(&self) -> bool {
        self.never_lose && self.queue.has_rest()
    }

    fn or_refuse(&self, ticket: Option<Ticket>) -> Option<Ticket> {
        if ticket.is_none() {
            self.refuse();
        }
        ticket
    }

    /// Why no call is admitted now, whatever room there is.
    fn refusal(&self) -> Option<&AtomicU64> {
        if self.is_inherited() {
            Some(&self.ledger.refused_forked)
        } else if own::is_own_thread() {
            // What handles events must not make more of them: there would be no end.
            Some(&self.ledger.refused_own_thread)
        } else if self.queue.is_closed() {
            Some(&self.ledger.refused_after_shutdown)
        } else {
            None
        }
    }

    /// Counts a refusal: for want of room, unless there is another reason by now.
    fn refuse(&self) {
        add(self.refusal().unwrap_or(&self.ledger.refused_full), 1);
    }

    /// Appends the record of a call that was admitted, or counts the refusal.
    pub(crate) fn append(&self, record: &[u8], class: Class, mut ticket: Ticket) {
        let mut want = None;
        loop {
            match self.try_append(record, class, ticket, &mut want) {
                Tried::Taken => return,
                Tried::Again => ticket = Ticket::FIRST,
                Tried::WaitFor(want) => match self.wait_for_room(want) {
                    Some(place) => ticket = place,
                    None => return self.refuse(),
                },
                Tried::GiveUp => return self.refuse(),
            }
        }
    }

    /// The same, without blocking the thread.
    pub(crate) async fn append_async(&self, record: &[u8], class: Class, mut ticket: Ticket) {
        let mut want = None;
        loop {
            match self.try_append(record, class, ticket, &mut want) {
                Tried::Taken => return,
                Tried::Again => ticket = Ticket::FIRST,
                Tried::WaitFor(want) => match self.wait_async(want).await {
                    Some(place) => ticket = place,
                    None => return self.refuse(),
                },
                Tried::GiveUp => return self.refuse(),
            }
        }
    }

    /// Tries once. `want` is made when there is no room for the first time: others may take the
    /// room that one has waited for, and then the wait goes on until the same deadline.
    fn try_append(
        &self,
        record: &[u8],
        class: Class,
        ticket: Ticket,
        want: &mut Option<Want>,
    ) -> Tried {
        // The arguments may have forked.
        if self.is_inherited() {
            return Tried::GiveUp;
        }
        let appended = match ticket {
            Ticket::LAST => self.queue.append_to_rest(record, class),
            _ => self.queue.append(record, class),
        };
        let Err(refused) = appended else {
            return Tried::Taken;
        };
        let want = want.get_or_insert_with(|| self.want(class, record.len()));
        let want = Want { ticket, ..*want };
        let budget = self.queue.budget();
        if refused == Refused::Closed || !budget.can_hold(record.len(), class) {
            Tried::GiveUp
        } else if budget.shut(record.len(), class) {
            Tried::Again
        } else if self.never_lose || !budget.admits(class) {
            Tried::WaitFor(want)
        } else {
            // There is room, but not enough for this record.
            Tried::GiveUp
        }
    }

    /// Appends the record of a call that has a permit; only after the end it is refused.
    pub(crate) fn append_permitted(&self, record: &[u8], class: Class, permit: Permit) {
        // Like any other call, it may have been forked since it was admitted.
        if self.is_inherited() {
            // Who gives room back looks for those who wait for it, under a lock.
            std::mem::forget(permit);
            return self.refuse();
        }
        if self.queue.append_permitted(record, class, permit).is_err() {
            self.refuse();
        }
    }

    /// What follows an event of this level.
    #[inline]
    pub(crate) fn after(&self, level: Level) {
        if self.flushes_on_critical && level == Level::Critical {
            self.ask_for_flush();
        }
    }

    /// What a call waits for that has found no room, and for how long. Where events may be dropped,
    /// it waits for a chunk, however large its record: or others, who would fit, would be dropped
    /// while they wait behind it.
    fn want(&self, class: Class, bytes: usize) -> Want {
        Want {
            deadline: (!self.never_lose).then(|| clock::deadline(self.patience)),
            ..Want::new(class, if self.never_lose { bytes } else { 0 })
        }
    }

    /// Waits as the overflow policy says. If events may be dropped, threads of a runtime, whose
    /// other tasks would wait with them, do not wait at all.
    fn wait_for_room(&self, want: Want) -> Option<Ticket> {
        let may_wait =
            self.never_lose || (self.may_wait() && tokio::runtime::Handle::try_current().is_err());
        may_wait.then(|| self.queue.budget().wait(want)).flatten()
    }

    /// Whether it makes sense to wait: for a call that is refused, this is all it costs.
    fn may_wait(&self) -> bool {
        self.never_lose || !(self.patience.is_zero() || self.queue.budget().is_latched())
    }

    async fn wait_async(&self, want: Want) -> Option<Ticket> {
        if !self.may_wait() {
            return None;
        }
        Room::new(self.queue.budget(), want).await
    }
}
