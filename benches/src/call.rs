//! What a log call costs its caller, at 100,000 events a second.

use std::{hint::black_box, sync::Barrier, thread, time::Duration};

use fapilog_core::LoggerBuilder;
use hdrhistogram::Histogram;

use crate::{
    clock::paced,
    event::{self, Sample},
    floor::Floor,
    group::Group,
    peers::{Fapilog, Finished, Tracing},
};

pub const GROUP: Group = Group {
    name: "call",
    title: "ns a call, 7 fields, 100,000 events/s a producer into a file",
    metrics: &["p50 ns", "p99 ns", "p99.9 ns", "events lost"],
    contenders: &[
        "fapilog",
        "fapilog-2-producers",
        "tracing",
        "tracing-no-span",
        "floor",
    ],
    baseline: "fapilog",
    rounds: 5,
    measure,
};

const EVENTS: u64 = 200_000;
const SLOT: Duration = Duration::from_micros(10);

fn measure(contender: &str) -> Vec<f64> {
    match contender {
        "fapilog" => fapilog(1),
        "fapilog-2-producers" => fapilog(2),
        "tracing" => {
            let tracing = Tracing::start(true);
            let _entered = event::tracing_span().entered();
            one(event::tracing, || Some(tracing.finish()))
        }
        "tracing-no-span" => {
            let tracing = Tracing::start(true);
            one(event::tracing_flat, || Some(tracing.finish()))
        }
        _ => {
            let mut floor = Floor::new();
            one(|sample| floor.log(sample), || None)
        }
    }
}

fn fapilog(producers: usize) -> Vec<f64> {
    let fapilog = Fapilog::start(LoggerBuilder::new());
    let ready = Barrier::new(producers);
    let produce = || {
        let scope = event::fapilog_scope(&fapilog.log);
        let _entered = scope.enter();
        ready.wait();
        paced(EVENTS, SLOT, |number| {
            event::fapilog(black_box(&Sample::new(number)));
        })
    };
    let times = thread::scope(|threads| {
        let producers: Vec<_> = (0..producers).map(|_| threads.spawn(produce)).collect();
        let times = producers.into_iter().map(|it| it.join());
        times
            .map(|times| times.expect("a producer does not panic"))
            .reduce(|mut all, times| {
                all += times;
                all
            })
    });
    let times = times.expect("there is a producer");
    figures(&times, Some(fapilog.finish()))
}

/// Measures one producer, on this thread.
fn one(mut call: impl FnMut(&Sample), finish: impl FnOnce() -> Option<Finished>) -> Vec<f64> {
    let times = paced(EVENTS, SLOT, |number| call(black_box(&Sample::new(number))));
    figures(&times, finish())
}

fn figures(times: &Histogram<u64>, finished: Option<Finished>) -> Vec<f64> {
    let mut figures: Vec<_> = [0.5, 0.99, 0.999]
        .map(|quantile| times.value_at_quantile(quantile) as f64)
        .into();
    figures.push(finished.map_or(0, |it| it.lost) as f64);
    figures
}
