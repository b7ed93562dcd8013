//! What settings do to events and calls.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use fapilog_core::{
    Batch, BatchError, BlockingSink, Event, SinkError, critical, debug, error, info, json,
};
use fapilog_tests::PATIENCE;

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

pub(super) fn a_batch_has_no_more_events_than_wanted() {
    let largest = |variables: &[Variable<'_>]| {
        let sink = Counting::default();
        let (log, pipeline) = build(builder(variables).sink(sink.clone()));
        for number in 0..1000 {
            info!(logger: log, number, "small");
        }
        pipeline.shutdown_blocking(PATIENCE);
        sink.largest.load(Ordering::Relaxed)
    };
    assert_eq!(largest(&[("FAPILOG_CORE__BATCH_MAX_SIZE", "1")]), 1);
    assert!(largest(&[]) > 7);
    assert_eq!(largest(&[("FAPILOG_CORE__BATCH_MAX_SIZE", "7")]), 7);
}

pub(super) fn a_critical_event_is_followed_by_a_flush_if_wanted() {
    let (sink, never) = (Counting::default(), Counting::default());
    let wanted = builder(&[("FAPILOG_CORE__FLUSH_ON_CRITICAL", "true")]).sink(sink.clone());
    let ((log, _pipeline), (other, _other)) =
        (build(wanted), build(builder(&[]).sink(never.clone())));
    error!(logger: log, "no reason to flush");
    critical!(logger: other, "nor here");
    let begun = Instant::now();
    critical!(logger: log, "all is lost");
    while sink.flushes.load(Ordering::Relaxed) == 0 {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
    assert_eq!(sink.flushes.load(Ordering::Relaxed), 1);
    assert_eq!(never.flushes.load(Ordering::Relaxed), 0);
}

/// Counts what it is handed, and how often it is flushed.

#[derive(Clone, Default)]

struct Counting {
    largest: Arc<AtomicUsize>,
    flushes: Arc<AtomicUsize>,
}

impl BlockingSink for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        Ok(())
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        self.largest.fetch_max(batch.len(), Ordering::Relaxed);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.flushes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

pub(super) fn an_event_stands_under_log_if_wanted() {
    let wrapped = [("FAPILOG_CORE__ENVELOPE", "wrapped")];
    let mut events = events(&wrapped, |log| {
        info!(logger: log, n = 1, "directly");
        error!(logger: log, err = &fmt::Error, "over an event");
    });
    assert_eq!(events.len(), 2);
    for event in &mut events {
        assert_eq!(event.as_object().unwrap().len(), 2, "{event}");
        assert_eq!(event["schema_version"], "1.1");
    }
    assert_eq!(events[0]["log"]["data"]["n"], 1);
    assert_eq!(events[1]["log"]["level"], "ERROR");
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
