//! One event at the edge of what is allowed: whole, cut with a mark, or refused and counted; and
//! the next one flows.

use std::{ops::Range, sync::mpsc, thread};

use fapilog_core::{Event, Level, Logger, LoggerBuilder, Memory, info, settings::Settings};
use fapilog_tests::{
    PATIENCE,
    oracle::assert_settled,
    sinks::{Gated, Lines},
};

/// What stands in a record besides its text, at most.
const AROUND: usize = 256;
const MIB: usize = 1024 * 1024;

/// What arrives of events with a text of so many bytes, each with one behind it.
fn arrived(
    settings: &Settings,
    sizes: &[usize],
    log: impl Fn(&Logger, &str),
) -> Vec<Event<'static>> {
    let memory = Memory::new();
    let builder = LoggerBuilder::new()
        .settings(settings.clone())
        .drop_on_full(false);
    let (logger, pipeline) = builder.sink(memory.clone()).build().unwrap();
    for size in sizes {
        log(&logger, &"x".repeat(*size));
        info!(logger: logger, "next");
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(stats.refused.total(), 0);
    let (large, next): (Vec<_>, Vec<_>) = memory
        .events()
        .into_iter()
        .partition(|event| event.message() != "next");
    assert_eq!(next.len(), sizes.len(), "the next one flows");
    assert_eq!(large.len(), sizes.len());
    large
}

fn text_of<'a>(event: &'a Event<'static>, key: &str) -> Option<&'a str> {
    event.data().get(key)?.as_str()
}

#[test]
fn an_event_up_to_its_limit_is_whole_and_of_one_beyond_what_fits_is_kept_with_a_mark() {
    let mut settings = Settings::default();
    settings.core.max_string_bytes = MIB;
    for max in [1024, 20_000, 64 * 1024, 100_000] {
        settings.core.max_event_bytes = max;
        let mut sizes: Vec<_> = (max - AROUND..=max + 1).collect();
        sizes.push(10 * max);
        let by_macro = arrived(&settings, &sizes, |log, body| {
            info!(logger: log, first = 1, body, "large");
        });
        let by_builder = arrived(&settings, &sizes, |log, body| {
            let event = log.event(Level::Info, "large").field("first", 1);
            event.field("body", body).emit();
        });
        for events in [by_macro, by_builder] {
            let is_cut = |event: &Event<'_>| event.diagnostics().get("truncated").is_some();
            let whole = events.iter().take_while(|it| !is_cut(it)).count();
            let place: Range<usize> = 1..AROUND + 1;
            assert!(place.contains(&whole), "{max}: {whole} are whole");
            for (number, (event, size)) in events.iter().zip(&sizes).enumerate() {
                assert_eq!(is_cut(event), number >= whole, "{max}: {size}");
                let kept = text_of(event, "body").map(str::len);
                assert_eq!(kept, (number < whole).then_some(*size), "{max}");
            }
        }
    }
}

#[test]
fn a_text_up_to_its_limit_is_whole_and_a_longer_one_keeps_its_head_and_a_mark() {
    let max = 5000;
    let mut settings = Settings::default();
    settings.core.max_string_bytes = max;
    let sizes = [max - 1, max, max + 1, 10 * max];
    let events = arrived(&settings, &sizes, |log, body| {
        info!(logger: log, body, shown = %body, "large {body}");
    });
    for (event, size) in events.iter().zip(sizes) {
        let head = "x".repeat(size.min(max));
        let told = head + if size > max { "…[truncated]" } else { "" };
        assert_eq!(text_of(event, "body"), Some(&*told));
        assert_eq!(text_of(event, "shown"), Some(&*told));
    }
}

/// A pipeline in which nothing but its memory limits an event.
struct Narrow {
    lines: Lines,
    log: Logger,
    pipeline: fapilog_core::Pipeline,
    how: fn(&Logger, Level, &str),
}

impl Narrow {
    fn new(reserve: usize, drop_on_full: bool, how: fn(&Logger, Level, &str)) -> Self {
        let mut settings = Settings::default();
        settings.core.queue_budget = 160 * 1024;
        settings.core.protected_reserve = reserve;
        settings.core.max_event_bytes = 16 * MIB;
        settings.core.max_string_bytes = 16 * MIB;
        settings.core.drop_on_full = drop_on_full;
        let sink = Gated::default();
        sink.gate.open();
        let builder = LoggerBuilder::new().settings(settings);
        let (log, pipeline) = builder.sink(sink.clone()).build().unwrap();
        let lines = sink.lines;
        Self {
            lines,
            log,
            pipeline,
            how,
        }
    }

    /// Whether an event with so much text is taken when there is nothing else.
    fn takes(&self, level: Level, size: usize) -> bool {
        let refused = || self.pipeline.stats().refused.get("queue_full");
        let before = refused();
        let b = std::time::Instant::now();
        (self.how)(&self.log, level, &"x".repeat(size));
        let is_taken = refused() == before;
        let c = b.elapsed();
        assert!(self.pipeline.flush_blocking(PATIENCE).is_complete());
        (self.how)(&self.log, level, "next");
        assert!(self.pipeline.flush_blocking(PATIENCE).is_complete());
        println!("{level} {size} {c:?} {:?}", b.elapsed());
        let mut lines = self.lines.take();
        lines.retain(|line| line.contains("\"m\""));
        assert_eq!(lines.len(), 1 + usize::from(is_taken), "the next one flows");
        assert!(refused() <= before + 1, "it is counted once");
        assert!(!is_taken || lines[0].len() > size, "it is whole");
        is_taken
    }

    /// An event fits up to some size, which is the limit less what stands around its text.
    fn judge(&self, level: Level, limit: usize) {
        assert!(self.takes(level, limit - AROUND), "{level}: {limit}");
        for size in [limit - 1, limit, limit + 1, 10 * limit] {
            assert!(!self.takes(level, size), "{level}: {limit}, {size}");
        }
    }
}

fn by_call(log: &Logger, level: Level, text: &str) {
    log.event(level, "m").field("text", text).emit();
}

fn by_call_on_a_runtime(log: &Logger, level: Level, text: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let _runtime = runtime.as_ref().unwrap().enter();
    by_call(log, level, text);
}

fn without_blocking(log: &Logger, level: Level, text: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let event = log.event(level, "m").field("text", text);
    runtime.unwrap().block_on(event.emit_async());
}

#[test]
fn an_event_that_the_queue_can_never_hold_is_refused_even_where_none_may_be_lost() {
    let ways = [by_call, by_call_on_a_runtime, without_blocking];
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        for how in ways {
            for drop_on_full in [false, true] {
                let narrow = Narrow::new(64 * 1024, drop_on_full, how);
                // A quarter of the budget is kept for what is encoded.
                narrow.judge(Level::Info, 120 * 1024);
                narrow.judge(Level::Error, 224 * 1024);
                assert_settled(&narrow.pipeline.shutdown_blocking(PATIENCE).stats);
            }
        }
        done.send(())
    });
    assert_eq!(
        is_done.recv_timeout(PATIENCE),
        Ok(()),
        "a call hangs, or failed"
    );
}
