//! What the rotating file costs beside bare writes of the same blocks, and beside a device that
//! keeps nothing.

use std::{
    fs::OpenOptions,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{
    Batch, BatchError, BlockingSink, Event, LoggerBuilder, RotatingFile, SinkError,
};

use crate::{
    clock::cpu_time,
    effort::Effort,
    flush::queue,
    group::Group,
    output::{Arrived, Gate, Output, TempDir},
    peers::{Fapilog, WriterSink, lossless},
    throughput::produce,
};

pub const WHOLE: Group = Group {
    name: "file",
    title: "1,000,000 events, lossless, from 1 thread, production's defaults, final flush included",
    metrics: &["events/s", "CPU ns/event"],
    contenders: &["bare", "dev-null", "rotating_file"],
    baseline: "bare",
    rounds: 9,
    measure: whole,
};

pub const DRAIN: Group = Group {
    name: "file-drain",
    title: "200,000 events that wait encoded, written in blocks of 64 KiB",
    metrics: &["events/s", "CPU ns/event"],
    contenders: &["bare", "rotating_file"],
    measure: drain,
    ..WHOLE
};

const EVENTS: u64 = 1_000_000;
const WAITING: u64 = 200_000;
/// Holds all that wait.
const BUDGET: usize = 512 << 20;
const DEADLINE: Duration = Duration::from_secs(60);

fn whole(contender: &str, effort: Effort) -> Vec<f64> {
    let events = effort.events(EVENTS);
    let logger = start(contender, lossless(), Gate::default().opened());
    let (begun, cpu_before) = produce(&logger, 1, events);
    end(logger, events, begun, cpu_before)
}

fn drain(contender: &str, effort: Effort) -> Vec<f64> {
    let events = effort.events(WAITING);
    let gate = Gate::default();
    let logger = start(contender, lossless().queue_budget(BUDGET), gate.clone());
    queue(&logger, events);
    while logger.pipeline.stats().queued > 0 {
        thread::sleep(Duration::from_millis(1));
    }
    let (begun, cpu_before) = (Instant::now(), cpu_time());
    gate.open();
    end(logger, events, begun, cpu_before)
}

fn start(contender: &str, builder: LoggerBuilder, gate: Gate) -> Fapilog {
    match contender {
        "rotating_file" => {
            let directory = TempDir::create();
            let file = RotatingFile::within(directory.path(), "bench");
            let builder = builder.sink(Gated { sink: file, gate });
            Fapilog::with_sinks(builder, Arrived::Kept(directory))
        }
        "dev-null" => {
            let device = OpenOptions::new().write(true).open("/dev/null");
            let writer = Box::new(device.expect("every system has it"));
            let sink = WriterSink::new("file", writer);
            let builder = builder.sink(Gated { sink, gate });
            Fapilog::with_sinks(builder, Arrived::Counted(Default::default()))
        }
        _ => {
            let (writer, arrived) = Output::File.open();
            let sink = WriterSink::new("file", writer);
            Fapilog::with_sinks(builder.sink(Gated { sink, gate }), arrived)
        }
    }
}

fn end(logger: Fapilog, events: u64, begun: Instant, cpu_before: Duration) -> Vec<f64> {
    let (arrived, report) = logger.shutdown(DEADLINE);
    let (wall, cpu) = (begun.elapsed(), cpu_time() - cpu_before);
    assert_eq!(report.stats.sinks[0].delivered, events, "{report}");
    if let Arrived::Kept(directory) = arrived {
        assert_eq!(directory.lines(), events);
    }
    vec![
        events as f64 / wall.as_secs_f64(),
        cpu.as_nanos() as f64 / events as f64,
    ]
}

/// A sink that takes nothing until its gate is open.
struct Gated<S> {
    sink: S,
    gate: Gate,
}

impl<S: BlockingSink> BlockingSink for Gated<S> {
    fn name(&self) -> &str {
        self.sink.name()
    }

    fn takes_serialized(&self) -> bool {
        self.sink.takes_serialized()
    }

    fn start(&mut self) -> Result<(), SinkError> {
        self.sink.start()
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        self.gate.pass();
        self.sink.write(event)
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        self.gate.pass();
        self.sink.write_batch(batch)
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.sink.flush()
    }

    fn stop(&mut self) -> Result<(), SinkError> {
        self.sink.stop()
    }
}
