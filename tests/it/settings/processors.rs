//! What settings of processors do.

use std::sync::{Arc, Mutex};

use fapilog_core::info;
use fapilog_tests::{PATIENCE, sinks::Lines};
use serde_json::Value;

use super::{Variable, build, builder, problems};

const GUARD: Variable<'_> = ("FAPILOG_CORE__PROCESSORS", "size-guard");
const KILOBYTE: Variable<'_> = ("FAPILOG_SIZE_GUARD__MAX_BYTES", "1 KB");

/// What becomes of an event of some kilobytes, and what is told of it.
fn large(variables: &[Variable<'_>]) -> (Option<Value>, String) {
    let (lines, told) = (Lines::default(), Arc::new(Mutex::new(String::new())));
    let receiver = Arc::clone(&told);
    let builder = builder(variables).on_diagnostic(move |diagnostic| {
        receiver.lock().unwrap().push_str(&diagnostic.message);
    });
    let (log, pipeline) = build(builder.sink(lines.clone()));
    let (long, longer) = ("x".repeat(1000), "y".repeat(2000));
    info!(logger: log, long, longer, "a large one");
    pipeline.shutdown_blocking(PATIENCE);
    let line = lines.all().pop();
    let event = line.map(|line| serde_json::from_str(&line).unwrap());
    let told = told.lock().unwrap().clone();
    (event, told)
}

pub(super) fn processors_run_if_they_are_named() {
    let is_cut = |variables: &[Variable<'_>]| {
        let event = large(variables).0.unwrap();
        event["data"]["_truncated"] == true
    };
    assert!(is_cut(&[GUARD, KILOBYTE]));
    assert!(!is_cut(&[KILOBYTE]), "nobody has chosen it");
    assert!(!is_cut(&[
        ("FAPILOG_CORE__PROCESSORS", "zero_copy"),
        KILOBYTE
    ]));
    let refused = problems(&[("FAPILOG_CORE__PROCESSORS", "size")]);
    assert!(
        refused.contains("there is no processor \"size\""),
        "{refused}"
    );
}

pub(super) fn an_event_is_kept_to_a_size_as_wanted() {
    let (event, told) = large(&[GUARD]);
    assert_eq!(
        (event.unwrap()["data"]["_truncated"].clone(), &*told),
        (Value::Null, "")
    );
    let three = ("FAPILOG_PROCESSOR_CONFIG__SIZE_GUARD__MAX_BYTES", "3000");
    let event = large(&[GUARD, three]).0.unwrap();
    assert_eq!(event["data"]["long"].as_str().map(str::len), Some(1000));
    let longer = event["data"]["longer"].as_str().unwrap();
    assert!(longer.ends_with("y...[truncated]"), "{longer}");
    let preserve = ("FAPILOG_SIZE_GUARD__PRESERVE_FIELDS", "data.longer");
    let event = large(&[GUARD, three, preserve]).0.unwrap();
    assert_eq!(event["data"]["longer"].as_str().map(str::len), Some(2000));

    let warn = ("FAPILOG_SIZE_GUARD__ACTION", "warn");
    let (event, told) = large(&[GUARD, KILOBYTE, warn]);
    assert_eq!(
        event.unwrap()["data"]["longer"].as_str().map(str::len),
        Some(2000)
    );
    assert!(told.contains("bytes, more than 1024"), "{told}");
    let drop = ("FAPILOG_SIZE_GUARD__ACTION", "drop");
    let (event, told) = large(&[GUARD, KILOBYTE, drop]);
    assert!(event.is_none() && told.contains("is dropped"), "{told}");
    let refused = problems(&[("FAPILOG_SIZE_GUARD__MAX_BYTES", "100")]);
    assert!(refused.contains("512"), "{refused}");
}
