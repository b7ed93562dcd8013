//! The kit for tests of services, and of stages and sinks of their own.

use std::{panic, thread, time::Duration};

use fapilog_core::{
    BlockingSink, Event, Level, LoggerBuilder, Memory, Null, SinkError, StageError,
    enrich::{Enricher, Host, RuntimeInfo},
    filter::{
        AdaptiveSampling, Filter, FirstOccurrence, MinLevel, RateLimit, Sampling, TraceSampling,
        Verdict,
    },
    info,
    process::{Next, Processor, SizeGuard},
    redact::Redactor,
    testing::{
        Act, Mock, check_enricher, check_filter, check_processor, check_redactor, check_sink,
    },
};
use fapilog_tests::{PATIENCE, example::Example, oracle::assert_settled};

#[test]
fn what_is_built_in_keeps_to_its_contract() {
    check_filter(MinLevel(Level::Error));
    check_filter(Sampling::new(0.5));
    check_filter(AdaptiveSampling::new(1.0));
    check_filter(TraceSampling::new(0.5));
    check_filter(
        RateLimit::new(1, 1.0)
            .key("user_id".parse().unwrap())
            .mark(),
    );
    check_filter(FirstOccurrence::new(Duration::from_secs(1)).repeats(0.5));
    check_enricher(Host);
    check_enricher(RuntimeInfo::new(None, None, None));
    check_processor(SizeGuard::new(600));
    check_sink(Memory::new());
    check_sink(Null);
    let mock = || Mock::new("mock");
    check_filter(mock());
    check_enricher(mock());
    check_redactor(mock());
    check_processor(mock());
    check_sink(mock());
}

type Run = fn(&mut Event<'_>) -> Result<(), StageError>;

/// A stage that does what it must not.
struct Bad(&'static str, Run);

impl Filter for Bad {
    fn name(&self) -> &str {
        self.0
    }
    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        match (self.1)(&mut event.clone()) {
            Ok(()) => Verdict::KeepAt(2.0),
            Err(_) => Verdict::Keep,
        }
    }
}

impl Enricher for Bad {
    fn name(&self) -> &str {
        self.0
    }
    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        (self.1)(event)
    }
}

impl Redactor for Bad {
    fn name(&self) -> &str {
        self.0
    }
    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        (self.1)(event)
    }
}

impl Processor for Bad {
    fn name(&self) -> &str {
        self.0
    }
    fn process(&mut self, event: &mut Event<'_>) -> Result<Next, StageError> {
        (self.1)(event).map(|()| Next::Continue)
    }
}

impl BlockingSink for Bad {
    fn name(&self) -> &str {
        self.0
    }
    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        (self.1)(&mut event.clone()).map_err(SinkError::new)
    }
}

/// With what a check ends that is to find something.
fn found(check: fn(Bad), name: &'static str, run: Run) -> String {
    let panic = panic::catch_unwind(|| check(Bad(name, run))).expect_err("nothing was found");
    let text = panic.downcast_ref::<String>().cloned();
    text.unwrap_or_else(|| (*panic.downcast_ref::<&str>().unwrap()).to_owned())
}

#[test]
fn what_breaks_its_contract_is_found_and_named() {
    let fine: Run = |_| Ok(());
    let panics: Run = |event| match event.message() {
        "values" => panic!("cannot stand values"),
        _ => Ok(()),
    };
    let fails: Run = |_| Err(StageError::new("for no reason"));
    let takes: Run = |event| {
        event.data_mut().remove("password");
        Ok(())
    };
    let grows: Run = |event| {
        let longer = format!("{}!", event.message());
        event.set_message(longer);
        Ok(())
    };
    for (check, run, expected) in [
        (
            check_filter as fn(Bad),
            fine,
            "bad keeps an event at a share of 2",
        ),
        (
            check_enricher,
            takes,
            "bad changes or takes out \"password\" of data",
        ),
        (check_enricher, grows, "bad changes the message"),
        (check_enricher, fails, "bad fails: "),
        (check_redactor, grows, "bad redacts what it has redacted"),
        (check_redactor, fails, "bad fails: "),
        (check_processor, fails, "bad fails: "),
        (check_enricher, panics, "bad panicked: cannot stand values"),
        (check_redactor, panics, "bad panicked: cannot stand values"),
        (check_processor, panics, "bad panicked: cannot stand values"),
        (check_sink, fails, "bad does not take every event"),
    ] {
        let text = found(check, "bad", run);
        assert!(text.contains(expected), "{expected:?} is not in {text:?}");
    }
    let checks = [
        check_filter as fn(Bad),
        check_enricher,
        check_redactor,
        check_processor,
    ];
    for check in checks.into_iter().chain([check_sink as fn(Bad)]) {
        assert!(found(check, " ", fine).contains("it has no name"));
    }
}

#[test]
fn a_mock_does_what_it_is_told_and_holds_up_no_call() {
    let (filter, enricher, sink) = (Mock::new("f"), Mock::new("e"), Mock::new("s"));
    let (log, pipeline) = LoggerBuilder::new()
        .on_diagnostic(|_| {})
        .filter(filter.clone())
        .enricher(enricher.clone())
        .sink(sink.clone())
        .build()
        .unwrap();
    enricher.set(Act::Block);
    info!(logger: log, "held");
    enricher.wait_for(1);
    info!(logger: log, "behind it");
    let flushed = pipeline.flush_blocking(Duration::from_millis(200));
    assert!(!flushed.is_complete(), "the first one is held");
    assert_eq!((enricher.events().len(), sink.events().len()), (1, 0));
    thread::spawn(move || enricher.set(Act::Panic))
        .join()
        .unwrap();
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    assert_eq!(
        sink.events().len(),
        2,
        "a panic of an enricher costs no event"
    );
    filter.set(Act::Drop);
    info!(logger: log, "dropped");
    pipeline.flush_blocking(PATIENCE);
    filter.set(Act::Pass);
    sink.set(Act::Fail);
    info!(logger: log, "refused");
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!((stats.filtered.get("f"), stats.stages[1].failed), (1, 3));
    assert_eq!(stats.sinks[0].dropped.get("sink_failed"), 1);
    let messages: Vec<_> = filter
        .events()
        .iter()
        .map(|it| it.message().to_owned())
        .collect();
    assert_eq!(messages, ["held", "behind it", "dropped", "refused"]);
}

#[test]
fn closures_are_stages_of_every_kind() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new()
        .processor_fn("process", |event| {
            event.data_mut().insert("way", "processed");
            Ok(Next::Continue)
        })
        .redactor_fn("redact", |event| {
            event.data_mut().insert("way", "redacted");
            Ok(())
        })
        .enricher_fn("enrich", |event| {
            event.data_mut().insert("enriched", true);
            Ok(())
        })
        .sink(memory.clone())
        .build()
        .unwrap();
    info!(logger: log, "an event");
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    let names: Vec<_> = stats.stages.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["enrich", "redact", "process"]);
    let event = &memory.events()[0];
    assert_eq!(event.data().get("enriched"), Some(&true.into()));
    assert_eq!(event.data().get("way"), Some(&"processed".into()));
}

#[test]
fn the_example_of_stages_writes_what_it_says() {
    let ended = Example::run("stages", &[]);
    assert!(ended.status.success(), "{}", ended.stderr);
    let events = ended.events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["data"]["cents"], 1250);
    assert_eq!(events[0]["data"]["card"], "**REDACTED**");
    assert_eq!(events[1]["data"]["sample_rate"], 0.1);
}
