//! Whether callers feel a collector that takes its time, and what its absence costs.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use fapilog_core::{Delivery, Http, Null, Retry, info, settings::BatchFormat, sink::SinkOptions};

use crate::{
    call::times_of,
    clock::{WARM_UP, paced},
    collector::Collector,
    effort::Effort,
    event::Sample,
    group::Group,
    output::Output,
    peers::{Fapilog, Peer, production},
    process::rss_mib,
};

pub const CALLS: Group = Group {
    name: "remote-call",
    title: "ns a call, 20,000 events at once, into nothing or a collector that answers in 2 ms, \
            batches of 100, default budget; or into nothing beside a collector that never answers",
    metrics: &["p50 ns", "p99 ns", "p99.9 ns", "events lost"],
    contenders: &["null", "http", "null-beside-hung"],
    baseline: "null",
    rounds: 15,
    measure: calls,
};

pub const OUTAGE: Group = Group {
    name: "remote-outage",
    title: "a collector that is away, 10,000 events/s of 1 KiB, default budget and reserve",
    metrics: &[
        "seconds away",
        "MiB of RSS more",
        "events refused",
        "events unaccounted for",
        "s until the next delivery",
    ],
    contenders: &["http"],
    baseline: "http",
    rounds: 1,
    measure: outage,
};

const EVENTS: u64 = 20_000;
/// What a collector takes for an answer.
const ANSWER: Duration = Duration::from_millis(2);
const NEVER: Duration = Duration::from_secs(3600);
const DEADLINE: Duration = Duration::from_secs(60);
/// 10,000 events a second.
const SLOT: Duration = Duration::from_micros(100);
/// The longest pause between attempts.
const PAUSE: Duration = Duration::from_secs(5);

fn http(collector: &Collector) -> Http {
    Http::new(&collector.url).format(BatchFormat::Ndjson)
}

fn calls(contender: &str, _: Effort) -> Vec<f64> {
    let is_hung = contender == "null-beside-hung";
    let mut collector = Collector::start(if is_hung { NEVER } else { ANSWER });
    let builder = production();
    let builder = match contender {
        "http" => builder.async_sink(http(&collector)),
        _ if is_hung => builder.sink(Null).async_sink(http(&collector)),
        _ => builder.sink(Null),
    };
    let peer = Fapilog::with_sinks(builder, Output::Null.open().1);
    let times = peer.request(|handle| {
        paced(EVENTS, Duration::ZERO, |number| {
            Fapilog::log(handle, black_box(&Sample::new(number)));
        })
    });
    let issued = WARM_UP + EVENTS;
    let deadline = if is_hung {
        Duration::from_secs(1)
    } else {
        DEADLINE
    };
    let (_, report) = peer.shutdown(deadline);
    let arrived = match contender {
        "http" => collector.count(),
        // It may have had a summary of what the other one lost.
        _ => report.stats.sinks[0].delivered - report.stats.generated,
    };
    let mut figures = times_of(&times, [0.5, 0.99, 0.999]);
    figures.push(issued.abs_diff(arrived) as f64);
    figures
}

fn outage(_: &str, effort: Effort) -> Vec<f64> {
    let mut collector = Collector::start(ANSWER);
    let retry = Retry::new().attempts(usize::MAX).elapsed(Duration::MAX);
    let delivery = Delivery::batched()
        .batch_events(100)
        .retry(retry.longest_pause(PAUSE));
    let options = SinkOptions::default().delivery(delivery);
    let builder = production().drop_summary(None);
    let builder = builder.async_sink_with(http(&collector), options);
    let peer = Fapilog::with_sinks(builder, Output::Null.open().1);
    let text = "x".repeat(700);
    let mut issued = 0;
    let mut log_for = |seconds: u64| {
        let count = seconds * 10_000;
        paced(count, SLOT, |_| {
            info!(logger: peer.log, text = text.as_str(), "an event of 1 KiB");
        });
        issued += WARM_UP + count;
    };
    log_for(3);
    peer.pipeline.flush_blocking(DEADLINE);
    let (before, seconds) = (rss_mib(), effort.seconds() * 3);
    collector.leave();
    log_for(seconds);
    let more = rss_mib() - before;
    let (arrived, back) = (collector.count(), Instant::now());
    collector.come_back();
    while collector.count() == arrived && back.elapsed() < DEADLINE {
        std::thread::sleep(Duration::from_millis(1));
    }
    let until_delivery = back.elapsed();
    log_for(1);
    let (_, report) = peer.shutdown(DEADLINE);
    let stats = &report.stats;
    let told = collector.count() + stats.refused.total() + stats.sinks[0].dropped.total();
    vec![
        seconds as f64,
        more,
        stats.refused.total() as f64,
        issued.abs_diff(told) as f64,
        until_delivery.as_secs_f64(),
    ]
}
