//! An event is written alike whether a stage looks at it on the way or not.

use std::{io, iter};

use fapilog_core::{
    FieldValue, Level, Logger, LoggerBuilder, Pipeline, context::Scope, error, filter::Verdict,
    info, warn,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled, random, scaled, sinks::Lines};

struct Rig {
    log: Logger,
    pipeline: Pipeline,
    lines: Lines,
}

impl Rig {
    fn new(builder: LoggerBuilder) -> Self {
        let lines = Lines::default();
        let builder = builder.max_fields(12).drop_on_full(false);
        let (log, pipeline) = builder.sink(lines.clone()).build().unwrap();
        Self {
            log,
            pipeline,
            lines,
        }
    }

    /// The lines, without what is new in each.
    fn finish(self) -> Vec<String> {
        assert_settled(&self.pipeline.shutdown_blocking(PATIENCE).stats);
        let blank = |mut line: String| {
            for (before, length) in [("\"timestamp\":\"", 24), ("\"message_id\":\"", 36)] {
                let at = line.find(before).unwrap() + before.len();
                line.replace_range(at..at + length, "");
            }
            line
        };
        self.lines.all().into_iter().map(blank).collect()
    }
}

fn text(rng: &mut fastrand::Rng) -> String {
    const PIECES: [&str; 10] = [
        "a",
        "plain",
        "\"",
        "\\",
        "\n",
        "\u{7f}",
        "\u{85}",
        "ß",
        "世界",
        "0123456789abcdef",
    ];
    let count = rng.usize(..5);
    iter::repeat_with(|| *rng.choice(&PIECES).unwrap())
        .take(count)
        .collect()
}

fn value(rng: &mut fastrand::Rng) -> FieldValue<'static> {
    match rng.u8(..10) {
        0 => FieldValue::I64(rng.i64(..)),
        1 => FieldValue::U64(rng.u64(..)),
        2 => FieldValue::F64(f64::from_bits(rng.u64(..))),
        3 => FieldValue::Bool(rng.bool()),
        4 => FieldValue::I128(rng.i128(..)),
        5 => FieldValue::Null,
        6 => FieldValue::Map(vec![
            (text(rng).into(), value(rng)),
            (text(rng).into(), value(rng)),
        ]),
        7 => FieldValue::List(vec![value(rng), FieldValue::F32(rng.f32())]),
        _ => text(rng).into(),
    }
}

fn fields(rng: &mut fastrand::Rng, most: usize) -> Vec<(String, FieldValue<'static>)> {
    const KEYS: [&str; 8] = [
        "request_id",
        "user_id",
        "trace_id",
        "error",
        "n",
        "text",
        "a \"key\"",
        "",
    ];
    let mut field = || {
        let key = match rng.u8(..4) {
            0 => format!("key{}", rng.u8(..)),
            _ => (*rng.choice(&KEYS).unwrap()).to_owned(),
        };
        (key, value(rng))
    };
    let fields: Vec<_> = iter::repeat_with(&mut field).take(most).collect();
    let count = rng.usize(..=most);
    fields.into_iter().take(count).collect()
}

/// Logs what a seed asks for.
fn log(seed: u64, log: &Logger) {
    let rng = &mut fastrand::Rng::with_seed(seed);
    let log = match rng.bool() {
        true => log.clone(),
        false => log.named(text(rng)),
    };
    let log = log.bind(fields(rng, 2));
    let scope = Scope::new(&log, fields(rng, 3));
    let _entered = rng.bool().then(|| scope.enter());
    let (a, b, c) = (text(rng), value(rng), rng.u16(..));
    match rng.u8(..6) {
        0 => info!(logger: log, a, "formatted {}", text(rng)),
        1 => warn!(logger: log, a, user_id = c, status_code_of_the_whole_response = c, "plain"),
        2 => error!(logger: log, err = io::Error::other(a), n = c),
        3 => info!(logger: log, n = c, text = a, n = 1, r#type = "raw"),
        4 => info!(logger: log, request_id = a, trace_id = c, n = c, user_id = "x"),
        _ => {
            let message = text(rng);
            let event = log.event(Level::Critical, &message);
            event.fields(fields(rng, 14)).field("value", b).emit();
        }
    }
}

#[test]
fn a_pipeline_with_stages_writes_the_same_bytes_as_one_without() {
    let without = Rig::new(LoggerBuilder::new());
    let with = Rig::new(LoggerBuilder::new().filter_fn("looks", |_| Verdict::Keep));
    let mut rng = random();
    for _ in 0..scaled(5_000) {
        let seed = rng.u64(..);
        log(seed, &without.log);
        log(seed, &with.log);
    }
    let (without, with) = (without.finish(), with.finish());
    for (index, (one, other)) in without.iter().zip(&with).enumerate() {
        assert_eq!(one, other, "line {index}");
        serde_json::from_str::<serde_json::Value>(one).unwrap();
    }
    assert_eq!(without.len(), with.len());
}
