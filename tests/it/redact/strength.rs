//! The environment adds to redaction, and takes nothing away unless code allows it.

use fapilog_core::{BuildError, LoggerBuilder, Null, info, json, settings::Settings};
use serde_json::json as value;

use super::{MASK, events, preset};

/// Each setting of redaction, with values that would show more than `strict` does.
const WEAKER: &[(&str, &[&str])] = &[
    ("PRESET", &["minimal", "dev"]),
    ("CORE__REDACTORS", &["[]", "string_truncate"]),
    ("CORE__REDACTION_PRESETS", &["[]", "CONTACT_INFO"]),
    ("CORE__REDACTION_FAIL_MODE", &["open", "warn"]),
    ("CORE__REDACTION_MAX_DEPTH", &["64"]),
    ("CORE__REDACTION_MAX_KEYS_SCANNED", &["100000"]),
    (
        "REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_MASK",
        &["[]", "other"],
    ),
    (
        "REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_REMOVE",
        &["[]", "other"],
    ),
    (
        "REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_HASH",
        &["[]", "password,own,body"],
    ),
    (
        "REDACTOR_CONFIG__FIELD_MASK__HASH_KEY",
        &["known to whoever deploys"],
    ),
    ("REDACTOR_CONFIG__FIELD_MASK__MASK_STRING", &["-"]),
    (
        "REDACTOR_CONFIG__REGEX_MASK__PATTERNS",
        &["[]", "data.other"],
    ),
    ("REDACTOR_CONFIG__REGEX_MASK__MASK_STRING", &["-"]),
    (
        "REDACTOR_CONFIG__URL_CREDENTIALS__MAX_STRING_LENGTH",
        &["1", "1 GB"],
    ),
    (
        "REDACTOR_CONFIG__FIELD_BLOCKER__BLOCKED_FIELDS",
        &["[]", "other"],
    ),
    ("REDACTOR_CONFIG__FIELD_BLOCKER__ALLOWED_FIELDS", &["body"]),
    ("REDACTOR_CONFIG__FIELD_BLOCKER__REPLACEMENT", &["-"]),
    ("REDACTOR_CONFIG__VALUE_PATTERNS__PATTERNS", &["[]", "card"]),
    (
        "REDACTOR_CONFIG__STRING_TRUNCATE__MAX_STRING_LENGTH",
        &["1 MB"],
    ),
    ("AXUM__REDACT_HEADERS", &["[]", "x-other"]),
    ("AXUM__REDACT_QUERY", &["[]", "other"]),
];

const SECRET: &str = "c4n4ry";

/// Uses all of redaction.
fn strict() -> LoggerBuilder {
    let key = fapilog_core::Sensitive::new("0123456789abcdef".to_owned());
    preset("hardened")
        .redact_fields(["own"])
        .remove_fields(["gone"])
        .hash_fields(key, ["customer"])
        .redact_patterns(["data\\.matched"])
        .configure(|all| {
            all.redactor_config.string_truncate.max_string_length = Some(40);
            all.axum.redact_headers = vec!["x-own".to_owned()];
            all.axum.redact_query = vec!["own".to_owned()];
        })
}

fn is_kept(settings: &Settings) -> bool {
    settings.axum.redact_headers.iter().any(|it| it == "x-own")
        && settings.axum.redact_query.iter().any(|it| it == "own")
}

/// What becomes of secrets that each of them takes out.
fn assert_hidden(builder: LoggerBuilder, name: &str) {
    let events = events(builder, |log| {
        let deep = value!({"password": SECRET, "list": [{"email": SECRET, "kept": 1}]});
        info!(logger: log, own = SECRET, gone = SECRET, customer = SECRET, matched = SECRET,
            password = SECRET, body = SECRET, mrn = SECRET, deep = json(deep),
            url = format!("https://u:{SECRET}@h"), text = format!("token={SECRET}"),
            long = " ".repeat(40) + SECRET, "password={SECRET}");
    });
    let line = events[0].to_string();
    assert!(!line.contains(SECRET), "{name}: {line}");
    let data = &events[0]["data"];
    assert_eq!(data["deep"]["list"][0]["kept"], 1, "{name}: {line}");
    assert_eq!(data.get("gone"), None, "{name}");
    assert!(
        data["customer"].as_str().unwrap().starts_with("hmac:"),
        "{name}"
    );
}

#[test]
fn no_variable_takes_redaction_away() {
    assert_hidden(strict(), "none");
    for (name, values) in WEAKER {
        for value in *values {
            let variable = format!("FAPILOG_{name}");
            let builder = || strict().env_vars([(&*variable, *value)]);
            let built: Result<_, BuildError> = builder().sink(Null).build();
            match built {
                Ok((log, _pipeline)) => {
                    assert!(is_kept(log.settings()), "{variable}={value}");
                    assert_hidden(builder(), &variable);
                }
                Err(refused) => {
                    let text = refused.to_string();
                    assert!(
                        text.contains("would take some away"),
                        "{variable}={value}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_setting_of_redaction_is_among_those_that_are_tried() {
    let names: Vec<_> = WEAKER
        .iter()
        .map(|(name, _)| format!("FAPILOG_{name}"))
        .collect();
    for setting in Settings::reference() {
        let is_redaction = setting.key.contains("redact");
        let is_tried = setting.variables.iter().any(|it| names.contains(it));
        assert_eq!(
            is_tried,
            is_redaction || setting.key == "preset",
            "{}",
            setting.key
        );
    }
}

#[test]
fn a_pseudonym_takes_the_place_of_a_mask_only_where_code_says_so() {
    let variables = [
        (
            "FAPILOG_REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_HASH",
            "password",
        ),
        (
            "FAPILOG_REDACTOR_CONFIG__FIELD_MASK__HASH_KEY",
            "0123456789abcdef",
        ),
    ];
    let builder = || preset("production").env_vars(variables);
    let refused = builder().sink(Null).build().unwrap_err().to_string();
    assert!(refused.contains("would take some away"), "{refused}");
    let password = |builder: LoggerBuilder| {
        let events = events(builder, |log| info!(logger: log, password = SECRET, "x"));
        events[0]["data"]["password"].as_str().unwrap().to_owned()
    };
    assert!(password(builder().env_may_weaken_redaction()).starts_with("hmac:"));
    assert_eq!(password(preset("production")), MASK);
}
