//! [`Mock`]: a stage or sink that a test leads by the hand.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crate::{
    BlockingSink, Event, SinkError, StageError,
    enrich::Enricher,
    filter::{Filter, Verdict},
    process::{Next, Processor},
    redact::Redactor,
    sync::unpoisoned,
};

/// What a [`Mock`] does with an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// Lets it pass as it is.
    #[default]
    Pass,
    /// Drops it, as a filter or a processor; others fail.
    Drop,
    /// Fails; filters, which cannot, panic.
    Fail,
    /// Panics.
    Panic,
    /// Waits until it is told something else, and does that.
    Block,
}

/// A filter, enricher, redactor, processor or sink that records what it sees, and does with it what
/// it is told. Clones are the same mock.
///
/// ```
/// use std::time::Duration;
/// use fapilog_core::{LoggerBuilder, info, testing::{Act, Mock}};
///
/// let (redactor, sink) = (Mock::new("mock"), Mock::new("sink"));
/// let (log, pipeline) = LoggerBuilder::new()
///     .on_diagnostic(|_| {})
///     .redactor(redactor.clone())
///     .sink(sink.clone())
///     .build()?;
/// redactor.set(Act::Fail);
/// info!(logger: log, "what may not get out");
/// pipeline.shutdown_blocking(Duration::from_secs(3));
/// assert_eq!(redactor.events()[0].message(), "what may not get out");
/// assert_eq!(sink.events()[0].message(), "redaction failed");
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mock {
    name: String,
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug, Default)]
struct State {
    act: Act,
    events: Vec<Event<'static>>,
}

impl Mock {
    /// A mock that lets everything pass.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            shared: Arc::default(),
        }
    }

    /// Sets what it does with each event from now on.
    pub fn set(&self, act: Act) {
        self.state().act = act;
        self.shared.1.notify_all();
    }

    /// What it has seen, as it came, in order.
    pub fn events(&self) -> Vec<Event<'static>> {
        self.state().events.clone()
    }

    /// Blocks until it has seen so many events.
    pub fn wait_for(&self, count: usize) {
        let few = |state: &mut State| state.events.len() < count;
        drop(unpoisoned(self.shared.1.wait_while(self.state(), few)));
    }

    /// Records an event; returns what to do with it.
    fn see(&self, event: &Event<'_>) -> Act {
        let mut state = self.state();
        state.events.push(event.clone().into_owned());
        self.shared.1.notify_all();
        let is_told = |state: &mut State| state.act == Act::Block;
        let act = unpoisoned(self.shared.1.wait_while(state, is_told)).act;
        assert!(
            act != Act::Panic,
            "the mock {} was told to panic",
            self.name
        );
        act
    }

    fn fails(&self, event: &Event<'_>) -> Result<(), StageError> {
        match self.see(event) {
            Act::Pass => Ok(()),
            _ => Err(StageError::new("the mock was told to fail")),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.shared.0.lock())
    }
}

impl Filter for Mock {
    fn name(&self) -> &str {
        &self.name
    }

    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        let act = self.see(event);
        assert!(act != Act::Fail, "the mock {} was told to fail", self.name);
        match act {
            Act::Drop => Verdict::Drop,
            _ => Verdict::Keep,
        }
    }
}

impl Enricher for Mock {
    fn name(&self) -> &str {
        &self.name
    }

    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        self.fails(event)
    }
}

impl Redactor for Mock {
    fn name(&self) -> &str {
        &self.name
    }

    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        self.fails(event)
    }
}

impl Processor for Mock {
    fn name(&self) -> &str {
        &self.name
    }

    fn process(&mut self, event: &mut Event<'_>) -> Result<Next, StageError> {
        match self.see(event) {
            Act::Drop => Ok(Next::Drop),
            Act::Pass => Ok(Next::Continue),
            _ => Err(StageError::new("the mock was told to fail")),
        }
    }
}

impl BlockingSink for Mock {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        self.fails(event).map_err(SinkError::new)
    }
}
