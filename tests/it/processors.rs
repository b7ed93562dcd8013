//! Processors that are built in: no event is larger than it may be.

use fapilog_core::{
    Event, FieldValue, Level, LoggerBuilder, StageError, Stats, info, json,
    process::{Next, Processor},
    settings::{Envelope, SizeAction},
};
use fapilog_tests::{PATIENCE, oracle::assert_settled, random, scaled, sinks::Lines};
use serde_json::Value;

/// What becomes of what is logged: lines, and the books.
fn lines(
    choose: impl FnOnce(LoggerBuilder) -> LoggerBuilder,
    log: impl FnOnce(&fapilog_core::Logger),
) -> (Vec<String>, Stats) {
    let lines = Lines::default();
    let builder = LoggerBuilder::new().on_diagnostic(|_| {});
    let builder = choose(builder.drop_on_full(false));
    let (logger, pipeline) = builder.sink(lines.clone()).build().unwrap();
    log(&logger);
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    (lines.all(), stats)
}

fn event(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

fn log_large(log: &fapilog_core::Logger) {
    let (stack, body) = ("s".repeat(700), "b".repeat(900));
    let message = "m".repeat(800);
    let log = log.named("shop");
    info!(logger: log, order_id = 7, stack, body, request_id = "request-1", "{message}");
}

#[test]
fn an_event_of_just_the_limit_passes_and_one_byte_more_is_cut() {
    let whole = lines(|it| it, log_large).0.remove(0);
    let guarded = |limit: usize| lines(|it| it.size_guard(limit), log_large).0.remove(0);
    let same = guarded(whole.len());
    assert_eq!(
        (same.len(), event(&same)["data"]["_truncated"].clone()),
        (whole.len(), Value::Null)
    );
    let cut = guarded(whole.len() - 1);
    assert!(cut.len() < whole.len());
    assert_eq!(event(&cut)["data"]["_truncated"], true);
    assert_eq!(event(&cut)["data"]["_original_size"], whole.len());
}

#[test]
fn the_largest_pieces_are_cut_first_and_what_identifies_an_event_stays() {
    let cut = |limit| event(&lines(|it| it.with_size_guard(limit), log_large).0[0]);
    let length = |value: &Value| value.as_str().map(str::len);
    let slightly = cut(2_500);
    assert!(length(&slightly["data"]["body"]).is_some_and(|it| (200..900).contains(&it)));
    assert_eq!(length(&slightly["message"]), Some(800));
    assert_eq!(length(&slightly["data"]["stack"]), Some(700));

    let much = cut(600);
    assert_eq!(much["level"], "INFO");
    assert_eq!(much["logger"], "shop");
    assert_eq!(much["context"]["correlation_id"], "request-1");
    assert_eq!(much["message"], format!("{}...[truncated]", "m".repeat(32)));
    assert_eq!(much["data"]["order_id"], 7, "what is small is left");
    assert!(much["data"]["body"].is_null(), "the largest is gone");
    let schema = event(fapilog_core::SCHEMA);
    for event in [slightly, much] {
        assert!(jsonschema::is_valid(&schema, &event), "{event}");
    }
}

#[test]
fn what_is_to_be_preserved_is_cut_last() {
    let preserving = |paths: &'static [&'static str], limit| {
        let choose = move |it: LoggerBuilder| {
            it.size_guard(limit).configure(move |all| {
                let paths = paths.iter().map(|path| path.parse().unwrap());
                all.processor_config.size_guard.preserve_fields = paths.collect();
            })
        };
        event(&lines(choose, log_large).0[0])
    };
    let body = preserving(&["data.body"], 1_500);
    assert_eq!(body["data"]["body"].as_str().map(str::len), Some(900));
    assert_eq!(
        body["context"]["correlation_id"], "request-1",
        "it is small"
    );
    let message = preserving(&["message"], 1_400);
    assert_eq!(message["message"].as_str().map(str::len), Some(800));
    // Not even that may make an event too large.
    let all = preserving(&["message", "data.body", "data.stack"], 600);
    assert!(all["data"]["body"].is_null());
}

#[test]
fn whatever_is_logged_no_line_is_longer_than_the_limit() {
    let mut rng = random();
    for _ in 0..scaled(60) {
        let limit = rng.usize(512..4_000);
        let form = if rng.bool() {
            Envelope::Wrapped
        } else {
            Envelope::Flat
        };
        let service = "s".repeat(rng.usize(1..600));
        let choose = |it: LoggerBuilder| {
            let it = it.service(service).size_guard(limit);
            it.configure(move |all| all.core.envelope = form)
        };
        let (lines, stats) = lines(choose, |log| {
            for _ in 0..20 {
                let log = log.named(text(&mut rng));
                let message = text(&mut rng);
                let mut builder = log.event(Level::Info, &message);
                for _ in 0..rng.usize(..8) {
                    let key = match rng.u8(..8) {
                        0 => "request_id".to_owned(),
                        1 => "host".to_owned(),
                        _ => text(&mut rng),
                    };
                    builder = match rng.u8(..4) {
                        0 => builder.field(&key, rng.u128(..)),
                        1 => builder.field(&key, json([text(&mut rng), text(&mut rng)])),
                        _ => builder.field(&key, text(&mut rng)),
                    };
                }
                builder.emit();
            }
        });
        assert_eq!(stats.submitted, 20);
        assert_eq!(lines.len() as u64 + stats.dropped.get("processor"), 20);
        for line in lines {
            assert!(line.len() <= limit, "{} of {limit}: {line}", line.len());
            event(&line);
        }
    }
}

/// Mostly short, at times long, and at times of what takes six bytes each.
fn text(rng: &mut fastrand::Rng) -> String {
    let length = if rng.u8(..4) == 0 {
        rng.usize(..2_000)
    } else {
        rng.usize(..30)
    };
    let letter = *rng
        .choice(&["a", "\u{1}", "\u{7f}", "ß", "世", "\""])
        .unwrap();
    letter.repeat(length)
}

#[test]
fn what_is_to_be_dropped_is_counted_and_what_is_to_be_told_of_passes() {
    for (action, dropped) in [(SizeAction::Drop, 1), (SizeAction::Warn, 0)] {
        let choose = |it: LoggerBuilder| {
            it.size_guard(1000)
                .configure(move |all| all.processor_config.size_guard.action = action)
        };
        let (lines, stats) = lines(choose, |log| {
            info!(logger: log, "small");
            log_large(log);
        });
        assert_eq!(stats.dropped.get("processor"), dropped);
        assert_eq!(lines.len() as u64, 2 - dropped);
    }
}

#[test]
fn processors_of_ones_own_come_before_those_that_are_named() {
    struct Adds;
    impl Processor for Adds {
        fn name(&self) -> &str {
            "adds"
        }
        fn process(&mut self, event: &mut Event<'_>) -> Result<Next, StageError> {
            let values = vec![FieldValue::from("x".repeat(100)); 100];
            event.data_mut().insert("many", FieldValue::List(values));
            Ok(Next::Continue)
        }
    }
    let choose = |it: LoggerBuilder| it.size_guard(1000).processor(Adds);
    let (lines, _) = lines(choose, |log| info!(logger: log, "small at first"));
    assert!(lines[0].len() <= 1000, "{}", lines[0]);
    assert_eq!(event(&lines[0])["data"]["_truncated"], true);
}

#[test]
fn the_processor_that_copies_nothing_changes_nothing() {
    let of = |names: &'static [&'static str]| {
        let choose = move |it: LoggerBuilder| {
            it.configure(move |all| {
                all.core.processors = names.iter().map(|name| (*name).to_owned()).collect();
            })
        };
        let (lines, stats) = lines(choose, log_large);
        let mut event = event(&lines[0]);
        event["context"]["message_id"].take();
        event["timestamp"].take();
        (event, stats.stages.len())
    };
    assert_eq!(of(&["zero_copy"]), of(&[]));
    assert_eq!(of(&["zero_copy"]).1, 0, "it is no stage");
}
