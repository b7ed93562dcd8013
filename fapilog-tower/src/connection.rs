//! [`Connection`]: what a request becomes when it is upgraded, to a WebSocket say.

use std::{
    mem,
    sync::{Arc, Mutex, Weak},
    task::Waker,
    time::Duration,
};

use fapilog_core::{
    __private::{Callsite, FieldBlock, Message, Permit, begin_within, may_be_enabled, stamp},
    Level, Value,
};

use crate::{
    open::{Open, Place},
    outcome::Outcome,
    request::{OpenRequest, State, TARGET, lock, millis},
};

/// Known from the moment when the handler says what is to become of the request, so that there is
/// none between the end of the request and the beginning of the connection when nothing is open.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) request: Arc<State>,
    stage: Mutex<Stage>,
    /// The task that runs the handler.
    task: Mutex<Option<Waker>>,
    place: Place,
}

#[derive(Debug)]
enum Stage {
    Announced,
    Open {
        since: u64,
        /// Keeps room for the last event, where none may be lost.
        permit: Option<Permit>,
    },
    Closed,
}

impl Connection {
    pub(crate) fn announce(request: &Arc<State>) -> Arc<Self> {
        Arc::new_cyclic(|connection: &Weak<Self>| Self {
            request: Arc::clone(request),
            stage: Mutex::new(Stage::Announced),
            task: Mutex::default(),
            place: request.config.open.add(connection.clone(), stamp()),
        })
    }

    pub(crate) fn is_announced(&self) -> bool {
        matches!(*lock(&self.stage), Stage::Announced)
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(*lock(&self.stage), Stage::Closed)
    }

    /// Begins, unless it was closed before that.
    pub(crate) fn open(&self, permit: Option<Permit>) {
        let since = stamp();
        {
            let mut stage = lock(&self.stage);
            if !matches!(*stage, Stage::Announced) {
                return;
            }
            *stage = Stage::Open { since, permit };
        }
        self.log_opened(since);
    }

    /// Ends it, and logs that if it has begun. Returns whether it was open.
    pub(crate) fn close(&self, outcome: Outcome, error: Option<&dyn Value>) -> bool {
        let stage = mem::replace(&mut *lock(&self.stage), Stage::Closed);
        if !matches!(stage, Stage::Closed) {
            self.request.config.open.remove(self.place);
        }
        let Stage::Open { since, permit } = stage else {
            return false;
        };
        if let Some(error) = error {
            self.request.add("error", error);
        }
        self.log_closed(since, outcome, permit);
        true
    }

    /// Wakes this task when the connection is closed by others.
    pub(crate) fn watch(&self, task: &Waker) {
        let task = task.clone();
        // The one before is dropped after the lock is given back.
        let _before = lock(&self.task).replace(task);
    }

    fn log_opened(&self, since: u64) {
        let request = &*self.request;
        if !request.keeps(false, false) || !may_be_enabled(Level::Info) {
            return;
        }
        if let Some(call) = begin_within(&OPENED, request, None) {
            call.finish_with(
                since,
                &[&request.path(), &request.route(), &request.protocol()],
                &FieldBlock::new(),
                Message::Text("connection_opened"),
            );
        }
    }

    fn log_closed(&self, since: u64, outcome: Outcome, permit: Option<Permit>) {
        let request = &*self.request;
        let now = stamp();
        let failed = outcome.is_failure();
        let (callsite, level) = match failed {
            true => (&FAILED, Level::Error),
            false => (&CLOSED, Level::Info),
        };
        if !request.keeps(failed, false) || !may_be_enabled(level) {
            return;
        }
        let Some(call) = begin_within(callsite, request, permit) else {
            return;
        };
        call.finish_with(
            now,
            &[
                &request.path(),
                &request.route(),
                &request.protocol(),
                &millis(Duration::from_nanos(now.saturating_sub(since))),
                &outcome.as_str(),
            ],
            &request.take_added(),
            Message::Text("connection_closed"),
        );
    }
}

impl Open for Connection {
    fn shut_down(&self) -> bool {
        let was_open = self.close(Outcome::Shutdown, None);
        let task = lock(&self.task).take();
        if let Some(task) = task {
            task.wake();
        }
        was_open
    }

    fn told(&self, now: u64) -> Option<OpenRequest> {
        let Stage::Open { since, .. } = *lock(&self.stage) else {
            return None;
        };
        Some(OpenRequest::of(&self.request, since, now))
    }
}

/// Nobody runs it any more: what was announced never began, what was open was cut off.
impl Drop for Connection {
    fn drop(&mut self) {
        self.close(Outcome::Cancelled, None);
    }
}

const fn closed(level: Level) -> Callsite {
    let keys = &["path", "route", "protocol", "duration_ms", "outcome"];
    Callsite::new(level, TARGET, file!(), line!(), keys)
}

static CLOSED: Callsite = closed(Level::Info);
static FAILED: Callsite = closed(Level::Error);
static OPENED: Callsite = Callsite::new(
    Level::Info,
    TARGET,
    file!(),
    line!(),
    &["path", "route", "protocol"],
);
