//! Values that do their worst: they cost what they log, and nothing else.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use fapilog_core::{
    Event, FieldValue, Level, Logger, LoggerBuilder, Memory, Sink, SinkError, Value,
    filter::Verdict, info, json, settings::Settings, value::ValueWriter,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled};
use serde::{Serialize, Serializer};

/// Logs, and returns what came of it.
fn events(calls: impl FnOnce(&Logger)) -> Vec<Event<'static>> {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    calls(&log);
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    memory.events()
}

fn text<'e>(event: &'e Event<'_>, key: &str) -> &'e str {
    event.data().get(key).and_then(FieldValue::as_str).unwrap()
}

/// A value that does the same whatever it is asked for.
struct Hostile<F>(F);

fn hostile<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result>(act: F) -> Hostile<F> {
    Hostile(act)
}

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Hostile<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Debug for Hostile<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> Error for Hostile<F> {}

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> Serialize for Hostile<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[test]
fn a_value_that_panics_leaves_a_mark_and_the_rest_of_the_event() {
    let bomb = hostile(|f| {
        f.write_str("half a secret")?;
        panic!("boom")
    });
    struct Own;
    impl Value for Own {
        fn record(&self, _: ValueWriter<'_>) {
            panic!("boom")
        }
    }
    let events = events(|log| {
        info!(logger: log, before = 1, %bomb, ?bomb, own = Own, j = json(&bomb), after = 2, "m");
        info!(logger: log, "{bomb}");
        info!(logger: log, error = &bomb, "m");
        log.bind([("bound", Own)])
            .event(Level::Info, "m")
            .field("f", Own)
            .emit();
    });
    assert_eq!(events.len(), 4);
    let first = &events[0];
    for (key, mark) in [("own", "<panic in Value>"), ("j", "<panic in Display>")] {
        assert_eq!(text(first, key), mark);
    }
    // Both forms stand under one key, so the last counts.
    assert_eq!(text(first, "bomb"), "<panic in Debug>");
    assert_eq!(first.data().get("before"), Some(&1.into()));
    assert_eq!(first.data().get("after"), Some(&2.into()));
    assert_eq!(events[1].message(), "<panic in message>");
    assert!(format!("{:?}", events[2].diagnostics()).contains("<panic in Display>"));
    assert_eq!(text(&events[3], "f"), "<panic in Value>");
    assert_eq!(text(&events[3], "bound"), "<panic in Value>");
}

#[test]
fn a_value_that_fails_keeps_what_it_said_and_says_so() {
    let fails = hostile(|f| {
        f.write_str("half")?;
        Err(fmt::Error)
    });
    let events = events(|log| info!(logger: log, %fails, "{fails}"));
    assert_eq!(text(&events[0], "fails"), "half<error in Display>");
    assert_eq!(events[0].message(), "half<error in message>");
}

#[test]
fn a_value_without_end_is_cut_within_milliseconds() {
    let written = AtomicUsize::new(0);
    let endless = hostile(|f| {
        loop {
            written.fetch_add(1, Ordering::Relaxed);
            f.write_str("and so on, ")?;
        }
    });
    let begun = Instant::now();
    let events = events(|log| {
        info!(logger: log, %endless, "{endless}");
        info!(logger: log, j = json(&endless), error = &endless);
    });
    // 10 ms of one core each, five times over for a busy machine.
    assert!(
        begun.elapsed() < 2 * 5 * Duration::from_millis(100),
        "{:?}",
        begun.elapsed()
    );
    assert!(written.load(Ordering::Relaxed) < 100_000, "it was stopped");
    assert!(text(&events[0], "endless").ends_with("…[truncated]"));
    assert!(events[0].message().ends_with("…[truncated]"));
    assert!(text(&events[1], "j").ends_with("…[truncated]"));
}

#[test]
fn a_text_of_any_size_is_cut() {
    let huge = "x".repeat(1 << 28);
    let events = events(|log| info!(logger: log, huge, %huge, "{huge}"));
    assert!(events[0].to_json().len() < 512 * 1024);
    assert!(events[0].message().ends_with("…[truncated]"));
}

#[test]
fn a_value_that_logs_loses_neither_its_event_nor_its_own() {
    let log_in_log = |log: &Logger| {
        let talks = hostile(|f| {
            info!(logger: log, depth = 2, "inner");
            f.write_str("outer value")
        });
        info!(logger: log, %talks, "outer {talks}");
    };
    let events = events(log_in_log);
    let messages: Vec<_> = events.iter().map(Event::message).collect();
    assert_eq!(messages.iter().filter(|it| **it == "inner").count(), 2);
    assert_eq!(
        messages
            .iter()
            .filter(|it| **it == "outer outer value")
            .count(),
        1
    );
}

#[test]
fn an_error_that_is_its_own_cause_ends() {
    #[derive(Debug)]
    struct Ouroboros;
    impl fmt::Display for Ouroboros {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("tail")
        }
    }
    impl Error for Ouroboros {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Ouroboros)
        }
    }
    #[derive(Debug)]
    struct Bomb;
    impl fmt::Display for Bomb {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bomb")
        }
    }
    impl Error for Bomb {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            panic!("boom")
        }
    }
    let events = events(|log| {
        info!(logger: log, err = Ouroboros);
        info!(logger: log, err = Bomb);
    });
    let told = format!("{:?}", events[0].diagnostics());
    assert_eq!(told.matches("\"tail\"").count(), 18, "{told}");
    let told = format!("{:?}", events[1].diagnostics());
    assert!(
        told.contains("bomb") && !told.contains("error.chain"),
        "{told}"
    );
}

#[test]
fn what_is_nested_a_hundred_thousand_times_overflows_no_stack() {
    struct Nested(u32);
    impl Serialize for Nested {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                0 => serializer.serialize_unit(),
                left => [Nested(left - 1)].serialize(serializer),
            }
        }
    }
    let events = events(|log| {
        let value = (0..100_000).fold(FieldValue::Null, |inner, _| FieldValue::List(vec![inner]));
        info!(logger: log, deep = json(Nested(100_000)), value = &value);
        // The value's own drop would overflow the stack: it is taken apart from the outside in.
        let mut value = value;
        while let FieldValue::List(mut items) = value {
            value = items.pop().unwrap_or(FieldValue::Null);
        }
    });
    assert!(events[0].to_json().matches("…[truncated]").count() == 2);
}

#[test]
fn an_event_larger_than_any_limit_does_not_hold_up_the_next() {
    let most = Settings::default().core.max_event_bytes;
    let mut settings = Settings::default();
    settings.core.queue_budget = 128 * 1024;
    settings.core.protected_reserve = 0;
    settings.core.max_string_bytes = 10 * most;
    settings.core.backpressure_wait = Duration::ZERO;
    for (max_event, size) in [most, 64 * 1024]
        .into_iter()
        .flat_map(|max| [max - 1, max, max + 1, 10 * max].map(|size| (max, size)))
    {
        settings.core.max_event_bytes = max_event;
        let memory = Memory::new();
        let builder = LoggerBuilder::new().settings(settings.clone());
        let (log, pipeline) = builder.sink(memory.clone()).build().unwrap();
        let body = "x".repeat(size);
        info!(logger: log, body, "large");
        pipeline.flush_blocking(PATIENCE);
        info!(logger: log, "next");
        let stats = pipeline.shutdown_blocking(PATIENCE).stats;
        assert_settled(&stats);
        let events = memory.events();
        assert_eq!(events.last().unwrap().message(), "next");
        let kept = events.len() == 2;
        assert_eq!(
            kept,
            stats.refused.total() == 0,
            "{max_event} {size}: kept or counted"
        );
        if kept && size >= max_event {
            assert_eq!(events[0].diagnostics().get("truncated"), Some(&true.into()));
        }
    }
}

/// A sink that logs what it does, to the pipeline that it is part of.
#[derive(Clone, Default)]
struct Talkative {
    log: Arc<OnceLock<Logger>>,
    written: Arc<AtomicUsize>,
}

impl Sink for Talkative {
    fn name(&self) -> &str {
        "talkative"
    }

    async fn write(&self, _: &Event<'static>) -> Result<(), SinkError> {
        self.written.fetch_add(1, Ordering::Relaxed);
        let log = self.log.get().unwrap().clone();
        info!(logger: log, "written");
        // Threads that the sink's own runtime starts are no different.
        let blocking = tokio::task::spawn_blocking(move || info!(logger: log, "written"));
        blocking.await.map_err(SinkError::new)
    }
}

#[test]
fn a_sink_or_stage_that_logs_does_not_feed_its_own_pipeline() {
    let sink = Talkative::default();
    let log = Arc::clone(&sink.log);
    let (logger, pipeline) = LoggerBuilder::new()
        .async_sink(sink.clone())
        .filter_fn("talkative", move |_| {
            info!(logger: log.get().unwrap(), "filtered");
            Verdict::Keep
        })
        .build()
        .unwrap();
    sink.log.set(logger.clone()).unwrap();
    for _ in 0..100 {
        info!(logger: logger, "once");
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(sink.written.load(Ordering::Relaxed), 100);
    assert_eq!(stats.refused.get("own_thread"), 300, "and each is counted");
}
