//! A sink that does with each batch what a test says.

use std::{
    fmt,
    future::pending,
    sync::{Arc, Condvar, Mutex},
    time::Instant,
};

use fapilog_core::{Action, Batch, BatchError, Delivery, Event, Logger, Sink, SinkError, info};
use serde_json::Value;

use crate::PATIENCE;

/// What becomes of a batch.
#[derive(Debug)]
pub enum Answer {
    Take,
    Fail(BatchError),
    Hang,
    Panic,
}

impl Answer {
    /// A failure of the whole batch.
    pub fn fail(action: Action) -> Self {
        Self::Fail(SinkError::with(action, format!("told to {action:?}")).into())
    }
}

/// A batch that the sink was handed.
#[derive(Clone, Debug)]
pub struct Call {
    pub id: String,
    /// The numbers of its events.
    pub numbers: Vec<u64>,
    pub lines: Vec<String>,
    pub at: Instant,
}

/// Each batch, and whether it was taken.
type Calls = (Mutex<Vec<(Call, bool)>>, Condvar);
type Script = dyn Fn(&Call, usize) -> Answer + Send + Sync;

/// A sink that does with each batch what a test says. Clones share what they were handed.
#[derive(Clone)]
pub struct Scripted {
    name: &'static str,
    delivery: Delivery,
    script: Arc<Mutex<Arc<Script>>>,
    calls: Arc<Calls>,
}

impl Scripted {
    /// The script is told the batch, and how many there were before.
    pub fn new(script: impl Fn(&Call, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            name: "scripted",
            delivery: Delivery::at_once(),
            script: Arc::new(Mutex::new(Arc::new(script))),
            calls: Arc::default(),
        }
    }

    pub fn taking() -> Self {
        Self::new(|_, _| Answer::Take)
    }

    pub fn failing(action: Action) -> Self {
        Self::new(move |_, _| Answer::fail(action))
    }

    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub fn delivery(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// Does something else from now on.
    pub fn script(&self, script: impl Fn(&Call, usize) -> Answer + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
    }

    pub fn calls(&self) -> Vec<Call> {
        let calls = self.calls.0.lock().unwrap();
        calls.iter().map(|(call, _)| call.clone()).collect()
    }

    /// Waits until it was called so often.
    pub fn wait_for(&self, count: usize) -> Vec<Call> {
        let calls = self.calls.0.lock().unwrap();
        let too_few = |calls: &mut Vec<_>| calls.len() < count;
        let waited = self.calls.1.wait_timeout_while(calls, PATIENCE, too_few);
        let (calls, waited) = waited.unwrap();
        assert!(!waited.timed_out(), "{} of {count} calls", calls.len());
        calls.iter().map(|(call, _)| call.clone()).collect()
    }

    /// The numbers of the events that it took, in their order.
    pub fn taken(&self) -> Vec<u64> {
        let calls = self.calls.0.lock().unwrap();
        let taken = calls.iter().filter(|(_, is_taken)| *is_taken);
        taken.flat_map(|(call, _)| call.numbers.clone()).collect()
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Logs events with these numbers.
pub fn number(log: &Logger, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        info!(logger: log, number, "numbered");
    }
}

/// The number of an event, as JSON.
pub fn number_of(line: &[u8]) -> u64 {
    let event: Value = serde_json::from_slice(line).expect("JSON");
    event["data"]["number"].as_u64().expect("a number")
}

impl Sink for Scripted {
    fn name(&self) -> &str {
        self.name
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn delivery(&self) -> Delivery {
        self.delivery.clone()
    }

    async fn write(&self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes batches")
    }

    async fn write_batch(&self, batch: &Batch) -> Result<(), BatchError> {
        let line = |data: &[u8]| String::from_utf8(data.to_vec()).expect("UTF-8");
        let call = Call {
            id: batch.id().to_string(),
            numbers: batch.serialized().map(|it| number_of(it.data)).collect(),
            lines: batch.serialized().map(|it| line(it.data)).collect(),
            at: Instant::now(),
        };
        let before = self.calls.0.lock().unwrap().len();
        let script = Arc::clone(&self.script.lock().unwrap());
        let answer = script(&call, before);
        let is_taken = matches!(answer, Answer::Take);
        self.calls.0.lock().unwrap().push((call, is_taken));
        self.calls.1.notify_all();
        match answer {
            Answer::Take => Ok(()),
            Answer::Fail(error) => Err(error),
            Answer::Hang => pending().await,
            Answer::Panic => panic!("told to"),
        }
    }
}
