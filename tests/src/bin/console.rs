//! Logs to its own stdout or stderr, step by step, and tells its books on the other of the two.
//!
//! `console SINK STEP…`, where `SINK` is `json`, `pretty`, `local`, `stderr`, `default`, or
//! `built-pretty`, with `+` to have a memory sink beside it.

use std::{
    borrow::Cow,
    env,
    error::Error,
    fmt, io,
    process::exit,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use fapilog_core::{
    Clock, Event, FieldValue, Format, Level, Logger, LoggerBuilder, Memory, Pipeline, StageError,
    Stderr, StdoutJson, StdoutPretty, context::Scope, enrich::Enricher, error, info,
};
use fapilog_tests::{
    PATIENCE, forgery,
    oracle::{Oracle, assert_settled},
    tell,
};

fn main() {
    let mut words = env::args().skip(1);
    let sink = words.next().expect("a sink");
    let memory = Memory::new();
    let mut builder = LoggerBuilder::new().env().clock(Fixed).enricher(Nester);
    if let Some(_beside) = sink.strip_suffix('+') {
        builder = builder.sink(memory.clone());
    }
    let (log, pipeline) = match sink.trim_end_matches('+') {
        "json" => builder.sink(StdoutJson::new()),
        "pretty" => builder.sink(StdoutPretty::new()),
        "local" => builder.sink(StdoutPretty::new().local_time(true)),
        "stderr" => builder.sink(Stderr::new()),
        "default" => builder,
        "built-pretty" => builder.format(Format::Pretty),
        other => panic!("no such sink: {other}"),
    }
    .build()
    .unwrap_or_else(|error| {
        eprintln!("{error}");
        exit(2)
    });
    let mut console = Console {
        tells_on_stdout: sink.starts_with("stderr"),
        oracle: Oracle::default(),
        random: fastrand::Rng::with_seed(0),
        patience: PATIENCE,
        memory,
        log,
        pipeline,
    };
    words.for_each(|step| console.step(&step));
    console.end();
}

struct Console {
    tells_on_stdout: bool,
    oracle: Oracle,
    random: fastrand::Rng,
    patience: Duration,
    /// Has its events only if it is beside the other sink.
    memory: Memory,
    log: Logger,
    pipeline: Pipeline,
}

impl Console {
    fn step(&mut self, step: &str) {
        let (name, number) = step.split_once(':').unwrap_or((step, "0"));
        let number: u64 = number.parse().expect("a number");
        match name {
            "log" => {
                for _ in 0..number {
                    self.oracle.log(&self.log);
                }
            }
            "big" => info!(logger: self.log, text = "x".repeat(number as usize), "big"),
            "sample" => sample(&self.log),
            "seed" => self.random.seed(number),
            "forge" => (0..number).for_each(|index| self.forge(index)),
            "flush" => drop(self.pipeline.flush_blocking(PATIENCE)),
            "patience" => self.patience = Duration::from_millis(number),
            "beside" => self.wait_beside(number),
            "ready" => self.tell("ready"),
            "wait" => drop(io::stdin().read_line(&mut String::new())),
            other => panic!("no such step: {other}"),
        }
    }

    /// Logs text that is more than text at every place that text can come to.
    fn forge(&mut self, index: u64) {
        let mut text = || forgery::text(&mut self.random);
        let log = self.log.named(text());
        let _entered = Scope::new(&log, [("request_id", text())]).into_entered();
        log.event(Level::Info, &text())
            .field(&text(), text())
            .field("nested", text())
            .field("fault", text())
            .emit();
        if index.is_multiple_of(1000) {
            self.pipeline.flush_blocking(PATIENCE);
        }
    }

    /// Waits until the memory sink has so many events, whatever the other one has.
    fn wait_beside(&self, count: u64) {
        let begun = Instant::now();
        while (self.memory.len() as u64) < count {
            assert!(begun.elapsed() < PATIENCE, "the sink beside has stopped");
            thread::yield_now();
        }
    }

    fn end(mut self) {
        let patience = self.patience;
        let report = self.pipeline.shutdown_blocking(patience);
        let stats = &report.stats;
        assert_settled(stats);
        let sink = stats.sinks.last().expect("a sink");
        let figures = format!(
            r#"{{"sink":"{}","issued":{},"refused":{},"delivered":{},"failed":{},"late":{},"unknown":{},"beside":{}}}"#,
            sink.name,
            stats.submitted,
            stats.refused.total(),
            sink.delivered,
            sink.dropped.get("sink_failed"),
            sink.dropped.get("shutdown_deadline"),
            sink.unknown,
            self.memory.len(),
        );
        self.tell(&figures);
    }

    fn tell(&mut self, line: &str) {
        match self.tells_on_stdout {
            true => println!("{line}"),
            false => tell(line),
        }
    }
}

fn sample(log: &Logger) {
    let id = "01a1fc6b-6a44-7db2-b7bf-cd862d7f723f";
    let log = log.named("shop::orders");
    log.event(Level::Info, "starting").emit();
    let _entered = Scope::new(&log, [("request_id", id), ("user_id", "u-1")]).into_entered();
    log.event(Level::Info, "order placed")
        .field("order_id", 42)
        .field("note", "two words")
        .field("nested", "Ada L.")
        .emit();
    error!(logger: log, err = &CardError(fmt::Error), "charge failed");
    log.event(Level::Critical, "all is lost")
        .field("fault", "no stock")
        .emit();
}

#[derive(Debug)]
struct CardError(fmt::Error);

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("card declined")
    }
}

impl Error for CardError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Puts values where no call can put them: of `nested` a map, of `fault` an exception.
struct Nester;

impl Enricher for Nester {
    fn name(&self) -> &str {
        "nester"
    }

    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        if let Some(FieldValue::Str(text)) = event.data_mut().remove("nested") {
            let text = || FieldValue::Str(Cow::Owned(text.to_string()));
            let map = FieldValue::Map(vec![("name".into(), text())]);
            let list = FieldValue::List(vec![text(), map.clone()]);
            let entries = vec![("map".into(), map), ("list".into(), list)];
            event.data_mut().insert("nested", FieldValue::Map(entries));
        }
        if let Some(FieldValue::Str(text)) = event.data_mut().remove("fault") {
            let text = || FieldValue::Str(Cow::Owned(text.to_string()));
            let stack = format!("at pay\nat {}", text().as_str().unwrap_or_default());
            let entries = vec![
                ("error.type".into(), "StockError".into()),
                ("error.message".into(), text()),
                ("error.cause".into(), text()),
                ("error.chain".into(), FieldValue::List(vec![text(), text()])),
                ("error.stack".into(), stack.into()),
                ("error.frames".into(), FieldValue::List(vec![text()])),
                ("error.code".into(), text()),
            ];
            let exception = FieldValue::Map(entries);
            event.diagnostics_mut().insert("exception", exception);
        }
        Ok(())
    }
}

/// 2026-01-15T10:30:59Z, always.
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_768_473_059)
    }
}
