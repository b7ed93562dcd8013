//! Redaction takes the same out of an event whichever way it is written.

use std::iter;

use fapilog_core::{
    FieldValue, Level, Logger, LoggerBuilder, context::Scope, filter::Verdict, info, warn,
};
use fapilog_tests::{random, scaled};

use super::preset;

/// What may be a secret, or makes a text look like one.
const PIECES: [&str; 24] = [
    "plain",
    " ",
    "\n",
    "\"",
    "'",
    "世界",
    ":",
    "=",
    "@",
    "?",
    "//",
    "%2F%2F",
    "a@b.cd",
    "://",
    "https://u:p@h/",
    "?token=t&n=1",
    "password=",
    "4111 1111 1111 1111",
    "4111111111111111",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "Bearer 0123456789",
    "[truncated]",
    "**REDACTED**",
    "0123456789abcdef0123456789",
];
const KEYS: [&str; 14] = [
    "request_id",
    "user_id",
    "tenant_id",
    "n",
    "text",
    "author",
    "accessToken",
    "email",
    "body",
    "user.pin",
    "https://u:p@h",
    "gone",
    "a@b.cd",
    "",
];

fn text(rng: &mut fastrand::Rng) -> String {
    let count = rng.usize(..5);
    let pieces = iter::repeat_with(|| *rng.choice(&PIECES).unwrap());
    pieces.take(count).collect()
}

fn value(rng: &mut fastrand::Rng) -> FieldValue<'static> {
    match rng.u8(..8) {
        0 => rng.u64(..).into(),
        1 => rng.bool().into(),
        2 => FieldValue::List(vec![text(rng).into(), text(rng).into()]),
        3 => FieldValue::Map(vec![(
            (*rng.choice(&KEYS).unwrap()).into(),
            text(rng).into(),
        )]),
        _ => text(rng).into(),
    }
}

fn fields(rng: &mut fastrand::Rng, most: usize) -> Vec<(&'static str, FieldValue<'static>)> {
    let count = rng.usize(..=most);
    let field = || (*rng.choice(&KEYS).unwrap(), FieldValue::Null);
    let fields: Vec<_> = iter::repeat_with(field).take(count).collect();
    let fields = fields.into_iter();
    fields.map(|(key, _)| (key, value(rng))).collect()
}

/// Logs what a seed asks for.
fn log(seed: u64, log: &Logger) {
    let rng = &mut fastrand::Rng::with_seed(seed);
    let log = match rng.u8(..4) {
        0 => log.named(text(rng)),
        _ => log.clone(),
    };
    let log = log.bind(fields(rng, 1));
    let scope = Scope::new(&log, fields(rng, 2));
    let _entered = rng.bool().then(|| scope.enter());
    let (a, b) = (text(rng), value(rng));
    match rng.u8(..6) {
        0 => info!(logger: log, a, n = 1, "of {}", text(rng)),
        1 => warn!(logger: log, user_id = a, n = b, author = "x", "plain"),
        2 => info!(logger: log, password = a, "plain"),
        3 => info!(logger: log, gone = 1, n = 2, a, "plain"),
        4 => info!(logger: log, one = 1, two = 2, three = a, four = 4, "plain"),
        _ => log.event(Level::Info, &a).fields(fields(rng, 6)).emit(),
    }
}

/// The lines, without what is new in each.
fn written(builder: LoggerBuilder, seeds: &[u64]) -> Vec<String> {
    let builder = builder.drop_on_full(false);
    let lines = super::lines(builder, |to| seeds.iter().for_each(|seed| log(*seed, to)));
    let blank = |mut line: String| {
        for (before, length) in [("\"timestamp\":\"", 24), ("\"message_id\":\"", 36)] {
            let at = line.find(before).unwrap() + before.len();
            line.replace_range(at..at + length, "");
        }
        line
    };
    lines.into_iter().map(blank).collect()
}

fn assert_alike(builder: impl Fn() -> LoggerBuilder) {
    let mut rng = random();
    let seeds: Vec<_> = iter::repeat_with(|| rng.u64(..))
        .take(scaled(2000))
        .collect();
    let fast = written(builder(), &seeds);
    let slow = written(builder().filter_fn("looks", |_| Verdict::Keep), &seeds);
    assert_eq!(fast.len(), slow.len());
    for (fast, slow) in fast.iter().zip(&slow) {
        assert_eq!(fast, slow);
    }
}

#[test]
fn redaction_of_presets_is_the_same_with_stages_and_without() {
    for name in ["production", "hardened"] {
        assert_alike(|| preset(name));
    }
}

#[test]
fn all_that_redaction_can_be_told_is_the_same_with_stages_and_without() {
    assert_alike(|| {
        preset("hardened")
            .redact_fields(["context.user_id", "*.text", "n"])
            .remove_fields(["gone"])
            .redact_patterns(["data\\.a.*"])
            .configure(|all| {
                let redactors = &mut all.redactor_config;
                redactors.string_truncate.max_string_length = Some(30);
                redactors.url_credentials.max_string_length = 20;
            })
    });
}

#[test]
fn no_more_fields_are_shown_than_are_looked_at_with_stages_and_without() {
    assert_alike(|| preset("production").configure(|all| all.core.redaction_max_keys_scanned = 3));
}
