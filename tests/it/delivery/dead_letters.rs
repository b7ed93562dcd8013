//! The file for events that nobody takes.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use serde_json::Value;

use super::*;
use crate::file::Scratch;

fn letters(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect()
}

fn refusing(numbers: &'static [u64]) -> Scripted {
    let sink = Scripted::new(move |call, _| {
        let error = || fapilog_core::SinkError::with(Action::DeadLetter, "too odd\n");
        let refused = call.numbers.iter().enumerate();
        let refused = refused.filter(|(_, number)| numbers.contains(number));
        let refused: Vec<_> = refused.map(|(index, _)| (index, error())).collect();
        match refused.is_empty() {
            true => Answer::Take,
            false => Answer::Fail(fapilog_core::BatchError::some(refused)),
        }
    });
    sink.delivery(brisk())
}

#[test]
fn what_is_refused_is_kept_with_the_reason_where_nobody_else_can_read_it() {
    let directory = Scratch::new("dead-letters-kept");
    let path = directory.path("new/dead.jsonl");
    let sink = refusing(&[3, 7]);
    let books = deliver(&sink, SinkOptions::default().dead_letters(&path), 10);
    assert_eq!(
        (books.delivered, books.dead_lettered, books.dropped.total()),
        (8, 2, 0)
    );
    let letters = letters(&path);
    let calls = sink.calls();
    for (letter, number) in letters.iter().zip([3, 7]) {
        let why = &letter["dead_letter"];
        let told = ["sink", "reason"].map(|key| why[key].as_str().unwrap());
        assert_eq!(told, ["scripted", "refused"]);
        assert!(
            why["error"].as_str().unwrap().contains("too odd\n"),
            "{why}"
        );
        let event: Value = serde_json::from_str(&calls[0].lines[number]).unwrap();
        assert_eq!(letter["event"], event);
    }
    assert_eq!(letters.len(), 2);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_is_given_up_without_a_fallback_is_kept_too() {
    let directory = Scratch::new("dead-letters-given-up");
    let path = directory.path("dead.jsonl");
    let sink = Scripted::failing(Action::Retry).delivery(brisk());
    let books = deliver(&sink, SinkOptions::default().dead_letters(&path), 10);
    assert_eq!(books.dead_lettered, 10);
    let letters = letters(&path);
    assert_eq!(letters.len(), 10);
    assert_eq!(letters[0]["dead_letter"]["reason"], "retries_exhausted");
}

#[test]
fn what_is_refused_becomes_a_dead_letter_and_what_is_given_up_goes_to_the_fallback() {
    let directory = Scratch::new("dead-letters-both");
    let path = directory.path("dead.jsonl");
    let sink = Scripted::new(|call, _| match call.numbers[0] {
        0 => Answer::fail(Action::DeadLetter),
        _ => Answer::fail(Action::GiveUp),
    });
    let sink = sink.delivery(brisk().batch_events(5));
    let options = SinkOptions::default().dead_letters(&path).fallback("null");
    let books = deliver(&sink, options, 10);
    assert_eq!((books.dead_lettered, books.fell_back), (5, 5));
    assert_eq!(letters(&path).len(), 5);
}

#[test]
fn the_file_grows_no_larger_than_it_may_and_what_is_over_is_counted() {
    let directory = Scratch::new("dead-letters-large");
    let path = directory.path("dead.jsonl");
    let sink = Scripted::failing(Action::DeadLetter).delivery(brisk().batch_events(1));
    let builder = LoggerBuilder::new().on_diagnostic(|_| {});
    let named = path.clone();
    let builder = builder.configure(move |all| {
        all.core.sink_dead_letter_file = Some(named.clone());
        all.core.sink_dead_letter_max_bytes = 4096;
    });
    let (log, pipeline) = builder.async_sink(sink).build().unwrap();
    number(&log, 0..100);
    let books = books(&end(&pipeline), 0);
    let kept = letters(&path).len() as u64;
    assert!(kept > 3 && fs::metadata(&path).unwrap().len() <= 4096);
    assert_eq!(
        (books.dead_lettered, books.dropped.get("refused")),
        (kept, 100 - kept)
    );
}

#[test]
fn dead_letters_are_not_written_through_a_link() {
    let directory = Scratch::new("dead-letters-link");
    let (path, target) = (directory.path("dead.jsonl"), directory.path("target"));
    fs::write(&target, "").unwrap();
    symlink(&target, &path).unwrap();
    let sink = Scripted::failing(Action::DeadLetter).delivery(brisk());
    let books = deliver(&sink, SinkOptions::default().dead_letters(&path), 10);
    assert_eq!(books.dropped.get("refused"), 10);
    assert_eq!(fs::read(&target).unwrap(), b"");
}
