//! What settings do to events and calls.

use std::{
    error::Error,
    fmt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{
    BlockingSink, Event, Level, LoggerBuilder, Pipeline, SinkError, debug, error, info, json,
};
use fapilog_tests::{
    PATIENCE,
    brim::poll,
    sinks::{Gated, Lines},
};

use super::{Variable, build, builder, events, problems};

pub(super) fn constants_stand_in_diagnostics() {
    let variables = [
        ("FAPILOG_SERVICE", "shop"),
        ("FAPILOG_ENV", "prod"),
        ("FAPILOG_VERSION", "1.2.3"),
    ];
    let of = |variables: &[Variable<'_>]| {
        let events = events(variables, |log| info!(logger: log, "it runs"));
        let diagnostics = &events[0]["diagnostics"];
        ["service", "env", "version"].map(|key| diagnostics[key].as_str().map(str::to_owned))
    };
    assert_eq!(
        of(&variables),
        ["shop", "prod", "1.2.3"].map(|it| Some(it.to_owned()))
    );
    let app = [("FAPILOG_CORE__APP_NAME", "till"), ("ENV", "stage")];
    assert_eq!(
        of(&app),
        [Some("till".to_owned()), Some("stage".to_owned()), None]
    );
}

pub(super) fn a_level_lets_events_through() {
    let count =
        |variables: &[Variable<'_>]| events(variables, |log| debug!(logger: log, "a detail")).len();
    assert_eq!(count(&[]), 0);
    assert_eq!(count(&[("FAPILOG_CORE__LOG_LEVEL", "debug")]), 1);
    assert_eq!(count(&[("fapilog_core__log_level", "warn,it=DEBUG")]), 1);
}

/// A pipeline whose sink takes nothing yet, and drops at once what has no room.
fn stuck(variables: &[Variable<'_>]) -> (Gated, LoggerBuilder) {
    let sink = Gated::default();
    let mut all = vec![
        ("FAPILOG_CORE__QUEUE_BUDGET", "256 KB"),
        ("FAPILOG_CORE__BACKPRESSURE_WAIT_MS", "0"),
    ];
    all.retain(|(name, _)| !variables.iter().any(|(other, _)| other == name));
    all.extend(variables);
    (sink.clone(), builder(&all).sink(sink))
}

fn refused(pipeline: &Pipeline) -> u64 {
    pipeline.stats().refused.total()
}

fn end(sink: &Gated, pipeline: &Pipeline) {
    sink.gate.open();
    pipeline.shutdown_blocking(PATIENCE);
}

pub(super) fn a_budget_bounds_what_waits() {
    let text = "x".repeat(1024);
    let refused = |budget| {
        let (sink, builder) = stuck(&[("FAPILOG_CORE__QUEUE_BUDGET", budget)]);
        let (log, pipeline) = build(builder);
        (0..1000).for_each(|_| info!(logger: log, text = text.as_str(), "large"));
        let refused = refused(&pipeline);
        end(&sink, &pipeline);
        refused
    };
    assert_ne!(refused("256 KB"), 0);
    assert_eq!(refused("8 MB"), 0);
}

pub(super) fn a_reserve_keeps_errors() {
    let text = "x".repeat(1024);
    let refused = |reserve| {
        let (sink, builder) = stuck(&[("FAPILOG_CORE__PROTECTED_RESERVE", reserve)]);
        let (log, pipeline) = build(builder);
        (0..1000).for_each(|_| error!(logger: log, text = text.as_str(), "large"));
        let refused = refused(&pipeline);
        end(&sink, &pipeline);
        refused
    };
    assert_ne!(refused("0"), 0);
    assert_eq!(refused("8 MB"), 0);
}

pub(super) fn a_call_waits_for_room() {
    let wait = |millis| {
        let (sink, builder) = stuck(&[("FAPILOG_CORE__BACKPRESSURE_WAIT_MS", millis)]);
        let (log, pipeline) = build(builder);
        let text = "x".repeat(1024);
        let mut longest = Duration::ZERO;
        while refused(&pipeline) == 0 {
            let begun = Instant::now();
            info!(logger: log, text = text.as_str(), "large");
            longest = longest.max(begun.elapsed());
        }
        end(&sink, &pipeline);
        longest
    };
    let patient = Duration::from_millis(400);
    assert!(wait("400") >= patient);
    assert!(wait("0") < patient);
}

pub(super) fn a_call_that_must_not_drop_waits_for_ever() {
    let is_taken_or_dropped = |drop| {
        let (sink, builder) = stuck(&[("FAPILOG_CORE__DROP_ON_FULL", drop)]);
        let (log, pipeline) = build(builder);
        let text = "x".repeat(1024);
        let ended = (0..1000).all(|_| {
            let event = log.event(Level::Info, "large").field("text", text.as_str());
            poll(pin!(event.emit_async())).is_ready()
        });
        end(&sink, &pipeline);
        ended
    };
    assert!(is_taken_or_dropped("true"));
    assert!(!is_taken_or_dropped("false"));
}

pub(super) fn an_event_is_cut_to_its_limits() {
    let logged = |variables: &[Variable<'_>]| {
        let events = events(variables, |log| {
            let text = "x".repeat(500);
            let text = text.as_str();
            info!(logger: log, deep = json([[[1]]]), text, other = text, third = text, "large");
        });
        events[0].to_string()
    };
    let whole = logged(&[]);
    assert!(!whole.contains("truncated"), "{whole}");
    for (variable, value, kept, cut) in [
        (
            "FAPILOG_CORE__MAX_EVENT_BYTES",
            "1 KB",
            "\"text\"",
            "\"third\"",
        ),
        ("FAPILOG_CORE__MAX_FIELDS", "2", "\"text\"", "\"other\""),
        ("FAPILOG_CORE__MAX_DEPTH", "2", "\"third\"", "[[[1]]]"),
        (
            "FAPILOG_CORE__MAX_STRING_BYTES",
            "100",
            "[[[1]]]",
            &"x".repeat(101),
        ),
    ] {
        let event = logged(&[(variable, value)]);
        assert!(event.contains("truncated"), "{variable}: {event}");
        assert!(
            event.contains(kept) && !event.contains(cut),
            "{variable}: {event}"
        );
    }
}

pub(super) fn what_cannot_be_otherwise_is_refused() {
    let refused = problems(&[
        ("FAPILOG_CORE__SERIALIZE_IN_FLUSH", "false"),
        ("FAPILOG_CORE__WORKER_COUNT", "2"),
    ]);
    assert!(refused.contains("2 problems"), "{refused}");
    assert!(
        refused.contains("expected true, as it always is"),
        "{refused}"
    );
    assert!(
        refused.contains("expected a whole number from 1 to 1"),
        "{refused}"
    );
    let same = [
        ("FAPILOG_CORE__SERIALIZE_IN_FLUSH", "true"),
        ("FAPILOG_CORE__WORKER_COUNT", "1"),
    ];
    assert!(builder(&same).resolve().is_ok());
}

pub(super) fn tables_of_sinks_have_names_and_options() {
    let tables =
        r#"[{"type":"null","name":"one"},{"type":"null","name":"two","pressure":"propagate"}]"#;
    let (log, pipeline) = build(builder(&[("FAPILOG_SINKS", tables)]));
    info!(logger: log, "to both");
    pipeline.flush_blocking(PATIENCE);
    let sinks = pipeline.stats().sinks;
    let told: Vec<_> = sinks
        .iter()
        .map(|it| (it.name.as_str(), it.delivered))
        .collect();
    assert_eq!(told, [("one", 1), ("two", 1)]);
    let refused = problems(&[("FAPILOG_SINKS", r#"[{"type":"null","presure":"shed"}]"#)]);
    assert!(refused.contains("presure"), "{refused}");
}

pub(super) fn every_event_has_the_default_context() {
    let fields = r#"{"tenant_id":"acme","shard":{"number":3}}"#;
    let events = events(&[("FAPILOG_CORE__DEFAULT_BOUND_CONTEXT", fields)], |log| {
        info!(logger: log, "as it is");
        info!(logger: log.bind([("shard", 4)]), "bound over it");
    });
    assert_eq!(events[0]["context"]["tenant_id"], "acme");
    assert_eq!(events[0]["data"]["shard"]["number"], 3);
    assert_eq!(events[1]["data"]["shard"], 4);
}

pub(super) fn a_stack_is_told_as_far_as_wanted() {
    let exception = |variables: &[Variable<'_>]| {
        let mut events = events(
            variables,
            |log| error!(logger: log, err = &Deep(fmt::Error)),
        );
        events.remove(0)["diagnostics"]["exception"].take()
    };
    let frames = |variables: &[Variable<'_>]| {
        exception(variables)["error.frames"]
            .as_array()
            .map(Vec::len)
    };
    let length =
        |variables: &[Variable<'_>]| exception(variables)["error.stack"].as_str().map(str::len);
    assert_eq!(frames(&[]), Some(10));
    assert_eq!(
        frames(&[("FAPILOG_CORE__EXCEPTIONS_MAX_FRAMES", "3")]),
        Some(3)
    );
    assert!(length(&[]) > Some(1500));
    let short = length(&[("FAPILOG_CORE__EXCEPTIONS_MAX_STACK_CHARS", "1000")]);
    assert!((Some(900)..Some(1100)).contains(&short), "{short:?}");
    assert_eq!(length(&[("FAPILOG_CORE__EXCEPTIONS_ENABLED", "no")]), None);
    assert_eq!(frames(&[("FAPILOG_CORE__EXCEPTIONS_ENABLED", "no")]), None);
}

/// An error whose `Debug` shows the stack where it was made, as reports do.
struct Deep(fmt::Error);

impl fmt::Debug for Deep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it failed\n\nStack backtrace:\n")?;
        (0..40).try_for_each(|number| {
            writeln!(f, "  {number:2}: shop::order::place{number}")?;
            writeln!(f, "             at ./src/order.rs:{}:17", 40 + number)
        })
    }
}

impl AsRef<dyn Error + Send + Sync> for Deep {
    fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &self.0
    }
}

pub(super) fn the_final_flush_ends_in_time() {
    let took = |variables: &[Variable<'_>]| {
        let (sink, builder) = stuck(variables);
        let begun = Instant::now();
        let (_, report) = builder
            .run(|log| info!(logger: log, "never delivered"))
            .unwrap();
        assert!(report.timed_out);
        let took = begun.elapsed();
        sink.gate.open();
        took
    };
    let short = took(&[("FAPILOG_CORE__SHUTDOWN_TIMEOUT_SECONDS", "200ms")]);
    assert!(
        short >= Duration::from_millis(200) && short < Duration::from_secs(2),
        "{short:?}"
    );
    let long = took(&[("FAPILOG_CORE__SHUTDOWN_TIMEOUT_SECONDS", "2.5")]);
    assert!(long >= Duration::from_millis(2500), "{long:?}");
}

/// Loses events, then lets the sink go on.
fn lose(variables: &[Variable<'_>]) -> (Lines, Pipeline) {
    let (sink, builder) = stuck(variables);
    let (log, pipeline) = build(builder);
    let text = "x".repeat(1024);
    while refused(&pipeline) == 0 {
        info!(logger: log, text = text.as_str(), "large");
    }
    sink.gate.open();
    (sink.lines, pipeline)
}

pub(super) fn losses_are_told_if_wanted() {
    let told = |variables: &[Variable<'_>]| {
        let (lines, pipeline) = lose(variables);
        pipeline.shutdown_blocking(PATIENCE);
        lines.all().iter().any(|line| line.contains("dropped"))
    };
    assert!(told(&[]));
    assert!(!told(&[("FAPILOG_CORE__EMIT_DROP_SUMMARY", "false")]));
}

pub(super) fn losses_are_told_as_often_as_wanted() {
    let (_, seldom) = lose(&[("FAPILOG_CORE__DROP_SUMMARY_WINDOW_SECONDS", "1h")]);
    let (_, often) = lose(&[("FAPILOG_CORE__DROP_SUMMARY_WINDOW_SECONDS", "10ms")]);
    let begun = Instant::now();
    while often.stats().generated == 0 {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
    assert_eq!(seldom.stats().generated, 0);
    often.shutdown_blocking(PATIENCE);
    seldom.shutdown_blocking(PATIENCE);
}

pub(super) fn each_problem_is_reported_if_wanted() {
    let reports = |variables: &[Variable<'_>]| {
        let reports = Arc::new(AtomicUsize::new(0));
        let heard = Arc::clone(&reports);
        let builder = builder(variables).sink(Failing).on_diagnostic(move |it| {
            heard.fetch_add(usize::from(it.component == "sink"), Ordering::Relaxed);
        });
        let (log, pipeline) = build(builder);
        for _ in 0..3 {
            info!(logger: log, "not delivered");
            pipeline.flush_blocking(PATIENCE);
        }
        pipeline.shutdown_blocking(PATIENCE);
        reports.load(Ordering::Relaxed)
    };
    assert_eq!(reports(&[]), 1);
    assert_eq!(
        reports(&[("FAPILOG_CORE__INTERNAL_LOGGING_ENABLED", "on")]),
        3
    );
}

struct Failing;

impl BlockingSink for Failing {
    fn name(&self) -> &str {
        "failing"
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        Err(SinkError::new("no"))
    }
}
