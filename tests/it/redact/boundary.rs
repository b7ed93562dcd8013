//! There is one boundary, and nothing gets around it.

use fapilog_core::{
    Event, FieldValue, Level, Sensitive, StageError, enrich::Enricher, info, json,
    redact::Redactor, unsafe_debug,
};
use fapilog_tests::{canary::CANARY, random, scaled};
use serde_json::{Value, json as value};

use super::{MASK, events, lines, preset};

#[test]
fn names_from_outside_switch_nothing_off() {
    let reserved = [
        "_fapilog_unsafe",
        "_fapilog",
        "unsafe",
        "unredacted",
        "is_unredacted",
        "redaction",
        "redaction_failed",
        "_redact",
        "sensitive",
        "pii",
        "level",
        "logger",
        "message",
        "context",
        "diagnostics",
        "data",
        "log",
        "schema_version",
        "exception",
        "truncated",
        "core",
        "FAPILOG_CORE__REDACTORS",
        "__proto__",
        "err",
        "error",
    ];
    let mut rng = random();
    let lines = lines(preset("production").drop_on_full(false), |log| {
        for _ in 0..scaled(1000) {
            let values = [
                FieldValue::Bool(true),
                "true".into(),
                "off".into(),
                FieldValue::Null,
            ];
            let mut fields: Vec<(&str, FieldValue<'static>)> = Vec::new();
            for _ in 0..rng.usize(1..6) {
                let value = rng.choice(&values).unwrap().clone();
                fields.push((rng.choice(&reserved).unwrap(), value));
            }
            let map = fields
                .iter()
                .map(|(key, value)| ((*key).into(), value.clone()));
            let map: Vec<_> = map.chain([("token".into(), CANARY.into())]).collect();
            fields.push(("map", FieldValue::Map(map)));
            let log = log.bind(fields.clone());
            info!(logger: log, password = CANARY, ..fields, "https://u:{CANARY}@h");
        }
    });
    assert_eq!(lines.len(), scaled(1000));
    assert!(lines.iter().all(|line| !line.contains(CANARY)));
}

#[test]
fn only_the_macro_for_it_passes_redaction_by_and_what_is_sensitive_stays_hidden() {
    let builder = preset("hardened").level(Level::Debug);
    let lines = lines(builder, |log| {
        let hidden = Sensitive::new("h1dden");
        unsafe_debug!(logger: log, password = CANARY, hidden, sensitive = { a = "h1dden" }, "x");
        info!(logger: log, password = CANARY, "x");
    });
    assert!(lines[0].contains(CANARY) && lines[0].contains("\"_fapilog_unsafe\":true"));
    assert!(!lines[0].contains("h1dden"));
    assert!(!lines[1].contains(CANARY) && !lines[1].contains("_fapilog_unsafe"));
}

#[test]
fn what_is_declared_sensitive_is_hidden_before_it_is_queued() {
    let lines = lines(preset("minimal"), |log| {
        let card = Sensitive::new(CANARY);
        let nested = value!({"a": [CANARY]});
        info!(logger: log, sensitive = { card, nested }, pii = { name = CANARY }, %card, "{card:?}");
        info!(logger: log, sensitive = {}, pii = {}, list = json([card]), "x");
    });
    assert!(lines.iter().all(|line| !line.contains(CANARY)));
    let event: Value = serde_json::from_str(&lines[0]).unwrap();
    let hidden = value!({"card": MASK, "nested": MASK, "name": MASK});
    assert_eq!(event["data"]["sensitive"], hidden);
}

/// Fails, with a secret in its error.
struct Fails;

impl Redactor for Fails {
    fn name(&self) -> &str {
        "fails"
    }

    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        event.data_mut().insert("half", "done");
        match event.message() {
            "panics" => panic!("https://u:{CANARY}@h"),
            _ => Err(StageError::new(format!("https://u:{CANARY}@h"))),
        }
    }
}

#[test]
fn an_event_whose_redactor_fails_leaves_a_skeleton_without_a_secret_in_its_logger() {
    let lines = lines(preset("production").redactor(Fails), |log| {
        let log = log.named(format!("https://u:{CANARY}@h"));
        info!(logger: log, kept = "n0thing", password = CANARY, "panics");
        info!(logger: log, kept = "n0thing", password = CANARY, "fails");
    });
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(
            !line.contains(CANARY) && !line.contains("n0thing"),
            "{line}"
        );
        let event: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(event["data"], value!({"redaction_failed": true}));
        assert_eq!(event["logger"], "https://h");
    }
}

/// Adds secrets after the call.
struct Adds;

impl Enricher for Adds {
    fn name(&self) -> &str {
        "adds"
    }

    fn constants(&mut self, constants: &mut fapilog_core::Fields<'static>) {
        constants.insert("apiKey", CANARY);
        constants.insert("region", "eu");
    }

    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        event.data_mut().insert("token", CANARY);
        event
            .diagnostics_mut()
            .insert("dsn", format!("redis://:{CANARY}@h"));
        event.context_mut().insert("session_id", CANARY);
        event.set_message(format!("at https://{CANARY}@h"));
        Ok(())
    }
}

#[test]
fn what_enrichers_add_is_redacted_too() {
    let events = events(
        preset("production").enricher(Adds),
        |log| info!(logger: log, "x"),
    );
    let event = &events[0];
    assert!(!event.to_string().contains(CANARY), "{event}");
    assert_eq!(event["diagnostics"]["region"], "eu");
    assert_eq!(event["diagnostics"]["dsn"], "redis://h");
    assert_eq!(event["message"], "at https://h");
}
