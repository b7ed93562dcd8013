//! Paths of fields, and texts, whatever is in them: a path is read or refused, and what redaction has
//! left of a text stays as it is, without the password that was in its URL.

#![no_main]

use std::{sync::LazyLock, time::Duration};

use fapilog_core::{FlushReport, Level, Logger, LoggerBuilder, Memory, Pipeline};
use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};

const PASSWORD: &str = "hunter2canary";

fuzz_target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let (path, pattern): (String, String) = (input.arbitrary()?, input.arbitrary()?);
    // Refused or read, and nothing else.
    let builder = LoggerBuilder::new().redact_fields([path]);
    let _ = builder.redact_patterns([pattern]).build();

    let (before, scheme, after): (String, String, String) =
        (input.arbitrary()?, input.arbitrary()?, input.arbitrary()?);
    let scheme: String = scheme.chars().filter(char::is_ascii_alphanumeric).collect();
    let text = format!("{before} {scheme}://user:{PASSWORD}@host/{after}");
    let once = redacted(&text);
    assert!(!once.contains(PASSWORD), "{text:?} became {once:?}");
    let twice = redacted(&once);
    assert_eq!(once, twice, "{text:?}");
    Ok(())
}

/// What the strictest preset leaves of a text, as a field and as a message.
fn redacted(text: &str) -> String {
    let (log, pipeline, memory) = &*PIPELINE;
    log.event(Level::Info, text).field("text", text).emit();
    let report: FlushReport = pipeline.flush_blocking(Duration::from_secs(10));
    assert!(report.is_complete(), "{report:?}");
    let events = memory.take();
    let [event] = &events[..] else {
        panic!("{} events of one", events.len());
    };
    let field = event.data().get("text").and_then(|it| it.as_str());
    assert_eq!(field, Some(event.message()));
    event.message().to_owned()
}

static PIPELINE: LazyLock<(Logger, Pipeline, Memory)> = LazyLock::new(|| {
    let memory = Memory::new();
    let builder = LoggerBuilder::new()
        .with_preset("hardened")
        .sink(memory.clone());
    let (log, pipeline) = builder.build().expect("the settings are fine");
    (log, pipeline, memory)
});
