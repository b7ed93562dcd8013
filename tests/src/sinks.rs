//! Sinks for tests: one that captures lines, and some that misbehave.

use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fapilog_core::{
    Batch, BatchError, BlockingSink, Event, Logger, LoggerBuilder, Pipeline, SerializedView, Sink,
    SinkError,
};

/// Keeps every line. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Takes all lines out.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The lines but for the first so many.
    pub fn since(&self, count: usize) -> Vec<String> {
        self.0.lock().unwrap()[count..].to_vec()
    }

    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push(&self, view: SerializedView<'_>) {
        let line = std::str::from_utf8(view.data).expect("lines are UTF-8");
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl BlockingSink for Lines {
    fn name(&self) -> &str {
        "lines"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes bytes")
    }

    fn write_serialized(&mut self, view: SerializedView<'_>) -> Result<(), SinkError> {
        self.push(view);
        Ok(())
    }
}

/// A gate that a test opens and closes. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<GateState>, Condvar)>);

#[derive(Debug, Default)]
struct GateState {
    open: bool,
    waiting: usize,
    /// How many may pass though it is closed.
    tickets: usize,
}

impl Gate {
    pub fn open(&self) {
        self.0.0.lock().unwrap().open = true;
        self.0.1.notify_all();
    }

    pub fn close(&self) {
        self.0.0.lock().unwrap().open = false;
    }

    /// Lets so many more through while it is closed.
    pub fn let_through(&self, count: usize) {
        self.0.0.lock().unwrap().tickets += count;
        self.0.1.notify_all();
    }

    /// Whether somebody stands at the gate, and may not pass.
    pub fn holds_somebody(&self) -> bool {
        let state = self.0.0.lock().unwrap();
        state.waiting > 0 && !state.open && state.tickets == 0
    }

    /// Waits until somebody stands at the closed gate.
    pub fn wait_for_visitor(&self) {
        let state = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(state, |it| it.waiting == 0).unwrap());
    }

    /// Waits until the gate is open, or lets one through.
    pub fn pass(&self) {
        let mut state = self.0.0.lock().unwrap();
        state.waiting += 1;
        self.0.1.notify_all();
        let is_shut = |it: &mut GateState| !it.open && it.tickets == 0;
        state = self.0.1.wait_while(state, is_shut).unwrap();
        state.waiting -= 1;
        if !state.open {
            state.tickets -= 1;
        }
    }
}

/// A sink that takes nothing while its gate is closed: a hung one, until the test opens it.
#[derive(Clone, Debug, Default)]
pub struct Gated {
    pub lines: Lines,
    pub gate: Gate,
    name: Option<&'static str>,
}

impl BlockingSink for Gated {
    fn name(&self) -> &str {
        self.name.unwrap_or("gated")
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes bytes")
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        self.gate.pass();
        batch.serialized().for_each(|view| self.lines.push(view));
        Ok(())
    }
}

impl Gated {
    /// One of several.
    pub fn named(name: &'static str) -> Self {
        Self {
            name: Some(name),
            ..Self::default()
        }
    }

    /// A pipeline over this sink that is soon full, and whose calls do not wait.
    pub fn tight(&self, budget: usize) -> (Logger, Pipeline) {
        let builder = LoggerBuilder::new()
            .sink(self.clone())
            .queue_budget(budget)
            .backpressure_wait(Duration::ZERO);
        builder.build().expect("the settings are fine")
    }
}

/// A sink that is asynchronous and hangs for ever in its first write.
#[derive(Clone, Copy, Debug)]
pub struct HungAsync;

impl Sink for HungAsync {
    fn name(&self) -> &str {
        "hung"
    }

    async fn write(&self, _: &Event<'static>) -> Result<(), SinkError> {
        std::future::pending().await
    }
}

/// A sink that spins inside async code and never yields.
#[derive(Clone, Copy, Debug)]
pub struct Spinning;

impl Sink for Spinning {
    fn name(&self) -> &str {
        "spinning"
    }

    async fn write(&self, _: &Event<'static>) -> Result<(), SinkError> {
        loop {
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }
}

/// A sink that takes its time for each batch.
#[derive(Clone, Debug)]
pub struct Slow {
    pub lines: Lines,
    pub delay: Duration,
}

impl BlockingSink for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes bytes")
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        std::thread::sleep(self.delay);
        batch.serialized().for_each(|view| self.lines.push(view));
        Ok(())
    }
}

/// A sink that fails every third event, and panics at every fifth.
#[derive(Clone, Debug, Default)]
pub struct Moody {
    pub taken: Arc<AtomicUsize>,
    written: usize,
}

impl BlockingSink for Moody {
    fn name(&self) -> &str {
        "moody"
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        self.written += 1;
        match self.written {
            number if number % 5 == 0 => panic!("number {number}"),
            number if number % 3 == 0 => Err(SinkError::new(format!("number {number}"))),
            _ => {
                self.taken.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        }
    }
}
