//! How the cost of an event grows: with its fields, its size, the sinks, and the threads that log.

use std::{hint::black_box, sync::Barrier, thread, time::Duration};

use fapilog_core::Logger;
use rustix::time::{ClockId, clock_gettime};

use crate::{
    clock::cpu_time,
    group::Group,
    output::{Arrived, TempDir},
    peers::{Fapilog, Peer, WriterSink, lossless},
    plot::{Chart, Plot, Point},
    table::{column, median},
};

pub const FIELDS: Group = Group {
    name: "growth-fields",
    title: "fapilog, lossless into files: fields of an event, of 10 letters each",
    metrics: &["CPU ns/event, all", "CPU ns/event, caller"],
    contenders: &["1", "2", "4", "8", "16", "32", "48", "64"],
    baseline: "1",
    rounds: 3,
    measure: |fields, effort| {
        let event = Event::Fields(number(fields));
        measure(event, 1, 1, effort.events(EVENTS))
    },
};

pub const SINKS: Group = Group {
    name: "growth-sinks",
    title: "fapilog, lossless into files: sinks, each with a file",
    contenders: &["1", "2", "3", "4", "6", "8"],
    measure: |sinks, effort| measure(USUAL, number(sinks), 1, effort.events(EVENTS)),
    ..FIELDS
};

pub const THREADS: Group = Group {
    name: "growth-threads",
    title: "fapilog, lossless into files: threads that log at once",
    contenders: &["1", "2", "4", "8", "12", "16"],
    measure: |threads, effort| measure(USUAL, 1, number(threads), effort.events(EVENTS)),
    ..FIELDS
};

pub const BYTES: Group = Group {
    name: "growth-bytes",
    title: "fapilog, lossless into files: bytes of a text in an event",
    contenders: &["100", "1024", "4096", "16384", "32768", "49152", "65536"],
    baseline: "100",
    measure: |bytes, effort| {
        let bytes = number(bytes);
        // As many bytes, not as many events, of the large ones.
        let events = EVENTS.min(VOLUME / bytes as u64);
        measure(Event::Bytes(bytes), 1, 1, effort.events(events))
    },
    ..FIELDS
};

/// What has been measured of the groups above.
#[derive(Default)]
pub struct Growth(Vec<Chart>);

impl Growth {
    /// Keeps the figures of a group, if it is one of growth.
    pub fn add(&mut self, group: &Group, figures: &[Vec<Vec<f64>>]) {
        let (x_label, unit) = match group.name {
            "growth-fields" => ("fields of an event", 1.0),
            "growth-bytes" => ("text in an event, KiB", 1024.0),
            "growth-sinks" => ("sinks, each with a file", 1.0),
            "growth-threads" => ("threads that log at once", 1.0),
            _ => return,
        };
        let contenders = group.contenders.iter().zip(figures);
        let points = contenders.map(|(contender, rounds)| Point {
            x: number(contender) as f64 / unit,
            y: (0..group.metrics.len())
                .map(|metric| spread(&column(rounds, metric)))
                .collect(),
        });
        let points = points.collect();
        self.0.push(Chart { x_label, points });
    }

    /// A plot of all that has been kept, if anything has.
    pub fn plot(self) -> Option<Plot> {
        (!self.0.is_empty()).then_some(Plot {
            title: "What an event costs fapilog, lossless into files",
            y_label: "CPU time per event, ns",
            lines: &["all threads", "the thread that logs"],
            charts: self.0,
        })
    }
}

/// The median, the least, and the most.
fn spread(sorted: &[f64]) -> [f64; 3] {
    [median(sorted), sorted[0], sorted[sorted.len() - 1]]
}

const EVENTS: u64 = 200_000;
const VOLUME: u64 = 512 << 20;
const USUAL: Event = Event::Fields(8);

#[derive(Clone, Copy)]
enum Event {
    Fields(usize),
    Bytes(usize),
}

impl Event {
    /// Something that logs it.
    fn call(self, log: &Logger) -> Box<dyn Fn() + '_> {
        match self {
            Event::Fields(count) => fields(count, log),
            Event::Bytes(count) => {
                let text = "x".repeat(count);
                Box::new(move || {
                    fapilog_core::info!(logger: log, text = text.as_str(), "grows");
                })
            }
        }
    }
}

/// Keys of a macro are part of the program: they cannot be made up while it runs.
macro_rules! fields {
    ($log:expr, $($key:ident)*) => {
        Box::new(move || fapilog_core::info!(logger: $log, $($key = "0123456789",)* "grows"))
    };
}

fn fields(count: usize, log: &Logger) -> Box<dyn Fn() + '_> {
    match count {
        1 => fields!(log, f00),
        2 => fields!(log, f00 f01),
        4 => fields!(log, f00 f01 f02 f03),
        8 => fields!(log, f00 f01 f02 f03 f04 f05 f06 f07),
        16 => fields!(
            log,
            f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15
        ),
        32 => fields!(
            log,
            f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
            f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31
        ),
        48 => fields!(
            log,
            f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
            f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39
            f40 f41 f42 f43 f44 f45 f46 f47
        ),
        64 => fields!(
            log,
            f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
            f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39
            f40 f41 f42 f43 f44 f45 f46 f47 f48 f49 f50 f51 f52 f53 f54 f55 f56 f57 f58 f59
            f60 f61 f62 f63
        ),
        _ => panic!("there is no call with {count} fields"),
    }
}

fn number(contender: &str) -> usize {
    contender.parse().expect("a contender is a number")
}

fn measure(event: Event, sinks: usize, threads: usize, events: u64) -> Vec<f64> {
    let fapilog = start(sinks);
    let each = events / threads as u64;
    let before = cpu_time();
    let callers = log_from(&fapilog.log, event, threads, each);
    let logged = each * threads as u64;
    let finished = fapilog.finish();
    let all = cpu_time() - before;
    assert_eq!(
        finished.missing(logged * sinks as u64),
        0,
        "each file has all events"
    );
    [all, callers]
        .map(|time| time.as_nanos() as f64 / logged as f64)
        .into()
}

fn start(sinks: usize) -> Fapilog {
    let directory = TempDir::create();
    let sinks = (0..sinks).map(|number| {
        let name = format!("file-{number}");
        let file = directory.create_file(&name);
        WriterSink::new(name, Box::new(file))
    });
    let builder = sinks.fold(lossless(), |builder, sink| builder.sink(sink));
    Fapilog::with_sinks(builder, Arrived::Kept(directory))
}

/// Returns the time of the processor that the callers took.
fn log_from(log: &Logger, event: Event, threads: usize, events: u64) -> Duration {
    let ready = Barrier::new(threads);
    let produce = || {
        let call = event.call(log);
        ready.wait();
        let before = thread_time();
        for _ in 0..events {
            black_box(&call)();
        }
        thread_time() - before
    };
    thread::scope(|scope| {
        let producers: Vec<_> = (0..threads).map(|_| scope.spawn(produce)).collect();
        producers
            .into_iter()
            .map(|it| it.join().expect("a producer does not panic"))
            .sum()
    })
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
