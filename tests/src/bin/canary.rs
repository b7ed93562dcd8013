//! Logs events with secrets in them through the process-wide pipeline: `canary PRESET SEED COUNT`.

use std::{env, panic, thread};

use fapilog_core::{Event, LoggerBuilder, StageError, StdoutJson, StdoutPretty, enrich::Enricher};
use fapilog_tests::{PATIENCE, canary::Canaries};

const URL: &str = "https://user:c4n4ryS3cr3t@host/x";

fn main() {
    let words: Vec<_> = env::args().skip(1).collect();
    let number = |index: usize| words[index].parse::<u64>().expect("a number");
    // What others print is not ours to redact.
    panic::set_hook(Box::new(|_| {}));
    let builder = LoggerBuilder::new()
        .with_preset(&*words[0])
        .service(URL)
        .env();
    let builder = builder
        .capture_unhandled(true)
        .drop_on_full(false)
        .enricher(Fails);
    let builder = match env::var("FAPILOG_FORMAT").as_deref() {
        Ok("pretty") => builder.sink(StdoutPretty::new()),
        _ => builder.sink(StdoutJson::new()),
    };
    let (log, pipeline) = builder.build().expect("the settings are fine");
    let mut canaries = Canaries::new(number(1), words[0] == "hardened");
    for _ in 0..number(2) {
        canaries.log(&log);
    }
    let panics = thread::spawn(|| panic!("cannot reach {URL}"));
    assert!(panics.join().is_err());
    pipeline.shutdown_blocking(PATIENCE);
}

/// Its errors, which are told on stderr, have secrets in them.
struct Fails;

impl Enricher for Fails {
    fn name(&self) -> &str {
        "fails"
    }

    fn enrich(&mut self, _: &mut Event<'_>) -> Result<(), StageError> {
        Err(StageError::new(format!(
            "cannot reach {URL}: password=c4n4ryS3cr3t"
        )))
    }
}
