//! What does its worst costs little, and what is not looked at is not shown.

use std::time::{Duration, Instant};

use fapilog_core::{FieldValue, LoggerBuilder, Null, info, json};
use fapilog_tests::{PATIENCE, alone, canary::CANARY, promised, sinks::Lines};
use serde_json::{Value, json as value};

use super::{MASK, events, preset};

const MIB: usize = 1024 * 1024;
/// What an event may cost, from the call to the sink.
const SOON: Duration = Duration::from_millis(20);

/// Values of a mebibyte or more that are laborious to look at.
fn adversaries() -> Vec<(&'static str, FieldValue<'static>)> {
    let pieces = [
        "=",
        "a=",
        ":",
        "//",
        ",//a:b",
        ":/a:b",
        "://a:b ",
        "://a'",
        "@",
        "a@",
        "x@y.",
        "eyJ",
        "eyJa.",
        "eyJaaaa.aaaa.",
        "4",
        "4 ",
        "4111 ",
        "4111-1111-",
        "%",
        "%25",
        "=%2F%2F",
        "?",
        "&a=%3A%2F%2F",
        "token=",
        "token=(",
        "token=\"",
        "token=\\\"",
        "-----BEGIN PRIVATE KEY-----",
        "Bearer ",
        "sk-",
        "a-",
        "a.",
        "密:",
        "\u{301}",
        "\\",
        "{\"",
        "token: Some(",
        "https://a:b",
        "\n@",
    ];
    let text = |piece: &str| FieldValue::from(piece.repeat(MIB / piece.len()));
    let mut all: Vec<_> = pieces.iter().map(|it| (*it, text(it))).collect();
    for piece in ["a=", ",//a:b", "4 ", "token=(", "密:"] {
        // As many strings as go into one event, none of them cut.
        let strings = vec![FieldValue::from(piece.repeat(65_000 / piece.len())); 16];
        all.push((piece, FieldValue::List(strings)));
    }
    let map = |count: usize, key: &dyn Fn(usize) -> String| {
        let entries = (0..count).map(|it| (key(it).into(), FieldValue::from("x")));
        FieldValue::Map(entries.collect())
    };
    all.push(("wide", map(100_000, &|it| format!("key_{it}"))));
    all.push((
        "long keys",
        map(1000, &|it| format!("{it}{}", "aB_".repeat(330))),
    ));
    all.push((
        "odd keys",
        map(1000, &|it| format!("{it}{}", "=:@?".repeat(250))),
    ));
    for levels in [14, 200] {
        let inner = map(100, &|it| format!("a.b.{it}"));
        let deep = (0..levels).fold(inner, |inner, _| {
            FieldValue::Map(vec![("a.b".into(), inner), ("c".into(), "x".into())])
        });
        all.push(("deep", deep));
    }
    all
}

/// How long one event takes, the least of a few.
fn cost(builder: LoggerBuilder, adversary: &FieldValue<'_>) -> Duration {
    let (log, pipeline) = builder.sink(Null).build().unwrap();
    let times = (0..3).map(|_| {
        let begun = Instant::now();
        info!(logger: log, adversary, "x");
        assert!(pipeline.flush_blocking(PATIENCE).is_complete());
        begun.elapsed()
    });
    let least = times.min().unwrap();
    pipeline.shutdown_blocking(PATIENCE);
    least
}

#[test]
fn an_event_that_does_its_worst_is_dealt_with_at_once() {
    let _alone = alone();
    // Code that is not optimised takes many times as long.
    let slack = if cfg!(debug_assertions) { 5 } else { 1 };
    let stars = "*.".repeat(30) + "x";
    let builders = || {
        let hardened = preset("hardened").redact_fields([stars.clone()]);
        let hardened = hardened.redact_patterns([r"(a|aa)+\.(.*b)*c", "(x+x+)+y"]);
        [preset("production"), hardened]
    };
    for (name, adversary) in adversaries() {
        for builder in builders() {
            let took = cost(builder, &adversary);
            assert!(took < promised(SOON) * slack, "{name:?} took {took:?}");
        }
    }
}

#[test]
fn what_lies_beyond_the_limits_is_masked_and_what_stands_before_is_not() {
    let limited = |keys: usize, depth: usize| {
        LoggerBuilder::new()
            .redact_fields(["secret"])
            .configure(move |all| {
                all.core.redaction_max_keys_scanned = keys;
                all.core.redaction_max_depth = depth;
            })
    };
    let deep = (0..12).rev().fold(
        value!({"kept": 12, "other": CANARY}),
        |inner, level| value!({"kept": level, "secret": CANARY, "deeper": inner}),
    );
    for depth in 1..=10 {
        let events = events(
            limited(1000, depth),
            |log| info!(logger: log, a = json(&deep), "x"),
        );
        let mut level = &events[0]["data"]["a"];
        for number in 0..depth {
            assert_eq!(
                (&level["kept"], &level["secret"]),
                (&number.into(), &MASK.into())
            );
            level = &level["deeper"];
        }
        assert_eq!(*level, MASK, "{depth}");
    }
    for most in 1..20 {
        let fields = (0..20).map(|it| (format!("k{it}"), if it < most { "kept" } else { CANARY }));
        let events = events(limited(most, 16), |log| info!(logger: log, ..fields, "x"));
        let data = events[0]["data"].as_object().unwrap();
        assert_eq!(data.len(), 20);
        let shown = |it: &usize| data[&format!("k{it}")] == "kept";
        assert_eq!((0..20).filter(shown).count(), most);
        let masked = |it: &usize| data[&format!("k{it}")] == MASK;
        assert_eq!((0..20).filter(masked).count(), 20 - most);
    }
}

#[test]
fn a_url_is_not_shown_in_part_where_the_search_ends_in_it() {
    let url = format!("see https://u:{CANARY}@h/x?token={CANARY}&n=1 for more");
    for most in 1..url.len() + 2 {
        let builder = LoggerBuilder::new().configure(move |all| {
            all.redactor_config.url_credentials.max_string_length = most;
        });
        let lines = super::lines(builder, |log| info!(logger: log, url, "x"));
        let text = &serde_json::from_str::<Value>(&lines[0]).unwrap()["data"]["url"];
        let text = text.as_str().unwrap();
        assert!(!text.contains(&CANARY[..3]), "{most}: {text}");
        assert!(text.starts_with(&"see "[..most.min(4)]), "{most}: {text}");
    }
}

#[test]
fn a_url_is_not_shown_in_part_where_the_event_is_cut_in_it() {
    let padding = "x ".repeat(32);
    let urls = [
        format!("https://user:{CANARY}@host/x"),
        format!("https://{CANARY}@host/x"),
        format!("/x?token={CANARY}&n=1"),
        format!("/x?next=https%3A%2F%2Fu%3A{CANARY}%40h&n=1"),
    ];
    for url in urls {
        let text = format!("{padding}{url}");
        for most in 64..text.len() + 2 {
            let builder = LoggerBuilder::new().max_string_bytes(most);
            let lines = super::lines(builder, |log| info!(logger: log, text, "{text}"));
            assert!(!lines[0].contains(&CANARY[..3]), "{most}: {}", lines[0]);
        }
    }
}

#[test]
fn patterns_that_cannot_work_end_the_start() {
    for wrong in [
        "(",
        "[a",
        "a{1001}{1001}",
        "(?P<n",
        "*",
        "a)|(b",
        "(?:x{999}){999}",
        "\\",
    ] {
        let builder = LoggerBuilder::new()
            .redact_patterns(["fine", wrong])
            .sink(Null);
        let refused = builder.build().unwrap_err().to_string();
        assert!(
            refused.contains("redactor_config.regex_mask.patterns"),
            "{wrong}: {refused}"
        );
    }
    let nested = "(".repeat(1000) + &")".repeat(1000);
    assert!(
        LoggerBuilder::new()
            .redact_patterns([nested])
            .sink(Null)
            .build()
            .is_err()
    );
}

#[test]
fn hostile_content_loses_no_event() {
    let lines = Lines::default();
    let builder = preset("hardened").sink(lines.clone());
    let (log, pipeline) = builder.build().unwrap();
    let adversaries = adversaries();
    for (name, adversary) in &adversaries {
        let text = adversary.as_str().unwrap_or(name);
        let key = &text[..text.floor_char_boundary(1000)];
        let bound = log.bind([(key, 1)]);
        info!(logger: bound, adversary, "{text}");
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    fapilog_tests::oracle::assert_settled(&stats);
    assert_eq!(stats.dropped.total(), 0);
    assert_eq!(lines.len(), adversaries.len());
    for line in lines.all() {
        serde_json::from_str::<Value>(&line).unwrap();
    }
}
