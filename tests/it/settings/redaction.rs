//! What settings of redaction do to events.

use fapilog_core::{
    Event, Logger, LoggerBuilder, Memory, StageError, error, info, json, redact::Redactor,
};
use fapilog_tests::PATIENCE;
use serde_json::{Value, json as value};

use super::{Variable, build, builder, events, problems};

/// The data of the one event that is logged.
fn data(variables: &[Variable<'_>], log: impl FnOnce(&Logger)) -> Value {
    let events = events(variables, log);
    assert_eq!(events.len(), 1);
    events[0]["data"].clone()
}

fn user(log: &Logger) {
    let items = value!([{"card": 1, "n": 2}, {"card": 3, "n": 4}]);
    info!(logger: log, userEmail = "a@b.c", user = json(value!({"e_mail": "a@b.c", "id": 7})),
        items = json(items), "logged in");
}

pub(super) fn fields_are_masked_by_name_and_path() {
    let masked = |fields: &str, mask: &[Variable<'_>]| {
        let fields = (
            "FAPILOG_REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_MASK",
            fields,
        );
        data(&[&[fields], mask].concat(), user)
    };
    let mask = [("FAPILOG_REDACTOR_CONFIG__FIELD_MASK__MASK_STRING", "***")];
    let all = masked("user-email,EMail,items[*].card", &mask);
    assert_eq!(all["userEmail"], "***");
    assert_eq!(all["user"], value!({"e_mail": "***", "id": 7}));
    assert_eq!(
        all["items"],
        value!([{"card": "***", "n": 2}, {"card": "***", "n": 4}])
    );
    let some = masked("data.user.id,items.1.n", &[]);
    assert_eq!(
        some["user"],
        value!({"e_mail": "a@b.c", "id": "**REDACTED**"})
    );
    assert_eq!(some["items"][0]["n"], 2);
    assert_eq!(some["items"][1]["n"], "**REDACTED**");
    let wrong = problems(&[(
        "FAPILOG_REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_MASK",
        "a..b",
    )]);
    assert!(wrong.contains("nothing between two dots"), "{wrong}");
}

pub(super) fn fields_are_removed_or_get_a_pseudonym() {
    let removed = [(
        "FAPILOG_REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_REMOVE",
        "items,user.id",
    )];
    let left = data(&removed, user);
    assert_eq!(
        left,
        value!({"userEmail": "a@b.c", "user": {"e_mail": "a@b.c"}})
    );
    let hashed = |key: &str| {
        let data = data(
            &[
                (
                    "FAPILOG_REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_HASH",
                    "email,user_email",
                ),
                ("FAPILOG_REDACTOR_CONFIG__FIELD_MASK__HASH_KEY", key),
            ],
            user,
        );
        assert_eq!(data["userEmail"], data["user"]["e_mail"]);
        data["userEmail"].as_str().unwrap().to_owned()
    };
    let key = "0123456789abcdef";
    // HMAC-SHA256 of "a@b.c", as `openssl dgst -sha256 -hmac` gives it.
    assert_eq!(hashed(key), "hmac:c8b9adc27ca0fc812e2cca09aab792e3");
    assert_ne!(hashed(key), hashed("another key of 16 bytes"));
    for key in [None, Some("short")] {
        let key = key.map(|it| ("FAPILOG_REDACTOR_CONFIG__FIELD_MASK__HASH_KEY", it));
        let fields = (
            "FAPILOG_REDACTOR_CONFIG__FIELD_MASK__FIELDS_TO_HASH",
            "email",
        );
        let variables: Vec<_> = key.into_iter().chain([fields]).collect();
        let refused = problems(&variables);
        assert!(
            refused.contains("16 bytes") && !refused.contains("short"),
            "{refused}"
        );
    }
}

pub(super) fn fields_are_masked_where_their_path_matches() {
    let masked = data(
        &[
            (
                "FAPILOG_REDACTOR_CONFIG__REGEX_MASK__PATTERNS",
                r"data\.user\..*mail,data\.items\.n",
            ),
            ("FAPILOG_REDACTOR_CONFIG__REGEX_MASK__MASK_STRING", "###"),
        ],
        user,
    );
    assert_eq!(masked["userEmail"], "a@b.c");
    assert_eq!(masked["user"], value!({"e_mail": "###", "id": 7}));
    assert_eq!(masked["items"][1], value!({"card": 3, "n": "###"}));
    for wrong in ["(", r"a)|(b", r"(?:a{1000}){1000}"] {
        let refused = problems(&[("FAPILOG_REDACTOR_CONFIG__REGEX_MASK__PATTERNS", wrong)]);
        assert!(refused.contains("regex"), "{refused}");
    }
}

pub(super) fn urls_lose_their_credentials() {
    let url = "https://u:p@host/x?token=t&n=1";
    let log = |log: &Logger| info!(logger: log, url, "calls {url}");
    let events = |variables: &[Variable<'_>]| events(variables, log)[0].clone();
    let clean = "https://host/x?token=**REDACTED**&n=1";
    let cleaned = events(&[]);
    assert_eq!(cleaned["data"]["url"], clean);
    assert_eq!(cleaned["message"], format!("calls {clean}"));
    // What is not looked at is not shown.
    let limit = (
        "FAPILOG_REDACTOR_CONFIG__URL_CREDENTIALS__MAX_STRING_LENGTH",
        "5",
    );
    assert_eq!(events(&[limit])["data"]["url"], "https**REDACTED**");
}

pub(super) fn redactors_are_chosen_and_variables_only_add() {
    let log = |log: &Logger| info!(logger: log, body = "b", url = "http://u:p@h", "to a@b.cd");
    let variable = [("FAPILOG_CORE__REDACTORS", "field-blocker,value_patterns")];
    let all = &events(&variable, log)[0];
    let hidden = "[REDACTED:HIGH_RISK_FIELD]";
    assert_eq!(all["data"], value!({"body": hidden, "url": "http://h"}));
    assert_eq!(all["message"], "to **REDACTED**");

    let event = |builder: LoggerBuilder| {
        let memory = Memory::new();
        let (logger, pipeline) = build(builder.sink(memory.clone()));
        log(&logger);
        pipeline.shutdown_blocking(PATIENCE);
        serde_json::from_str::<Value>(&memory.events()[0].to_json()).unwrap()
    };
    let none = || LoggerBuilder::new().configure(|all| all.core.redactors.clear());
    assert_eq!(event(none())["data"]["url"], "http://u:p@h");
    let empty = [("FAPILOG_CORE__REDACTORS", "[]")];
    let kept = LoggerBuilder::new().env_vars(empty);
    assert_eq!(event(kept)["data"]["url"], "http://h");
    let allowed = LoggerBuilder::new()
        .env_vars(empty)
        .env_may_weaken_redaction();
    assert_eq!(event(allowed)["data"]["url"], "http://u:p@h");
    let preset = LoggerBuilder::new().with_preset("hardened").env_vars([
        ("FAPILOG_PRESET", "minimal"),
        ("FAPILOG_CORE__DROP_ON_FULL", "true"),
    ]);
    assert_eq!(event(preset)["data"]["body"], hidden);
    let unknown = problems(&[("FAPILOG_CORE__REDACTORS", "field_mask,magic")]);
    assert!(unknown.contains("there is no \"magic\""), "{unknown}");
}

pub(super) fn fields_of_whole_bodies_are_blocked() {
    let log = |log: &Logger| info!(logger: log, body = "b", Payload = "p", body_length = 3, "x");
    let on = ("FAPILOG_CORE__REDACTORS", "field_blocker");
    let of = |name: &'static str, value: &'static str| data(&[on, (name, value)], log);
    let blocked = of("FAPILOG_REDACTOR_CONFIG__FIELD_BLOCKER__REPLACEMENT", "-");
    assert_eq!(
        blocked,
        value!({"body": "-", "Payload": "-", "body_length": 3})
    );
    let replacement = "[REDACTED:HIGH_RISK_FIELD]";
    let more = of(
        "FAPILOG_REDACTOR_CONFIG__FIELD_BLOCKER__BLOCKED_FIELDS",
        "bodyLength",
    );
    assert_eq!(more["body_length"], replacement);
    let fewer = of(
        "FAPILOG_REDACTOR_CONFIG__FIELD_BLOCKER__ALLOWED_FIELDS",
        "payload",
    );
    assert_eq!(
        fewer,
        value!({"body": replacement, "Payload": "p", "body_length": 3})
    );
    let hardened = LoggerBuilder::new().with_preset("hardened").env_vars([(
        "FAPILOG_REDACTOR_CONFIG__FIELD_BLOCKER__ALLOWED_FIELDS",
        "body",
    )]);
    let refused = hardened.build().unwrap_err().to_string();
    assert!(refused.contains("would take some away"), "{refused}");
}

pub(super) fn texts_are_searched_for_what_looks_like_a_secret() {
    let log = |log: &Logger| info!(logger: log, to = "a@b.cd", card = "4111111111111111", "x");
    let all = [("FAPILOG_CORE__REDACTORS", "value_patterns")];
    let masked = "**REDACTED**";
    assert_eq!(data(&all, log), value!({"to": masked, "card": masked}));
    let builder = LoggerBuilder::new().configure(|all| {
        all.core.redactors = vec![fapilog_core::settings::RedactorKind::ValuePatterns];
        all.redactor_config.value_patterns.patterns.clear();
    });
    let cards = [("FAPILOG_REDACTOR_CONFIG__VALUE_PATTERNS__PATTERNS", "card")];
    let memory = Memory::new();
    let (logger, pipeline) = build(builder.env_vars(cards).sink(memory.clone()));
    log(&logger);
    pipeline.shutdown_blocking(PATIENCE);
    let event = &memory.events()[0];
    assert_eq!(event.data().get("to").unwrap().as_str(), Some("a@b.cd"));
    assert_eq!(event.data().get("card").unwrap().as_str(), Some(masked));
}

pub(super) fn strings_are_cut_to_a_length() {
    let log = |log: &Logger| info!(logger: log, a = "12345", b = "123456", "a message");
    let cut = [(
        "FAPILOG_REDACTOR_CONFIG__STRING_TRUNCATE__MAX_STRING_LENGTH",
        "5",
    )];
    let event = &events(&cut, log)[0];
    assert_eq!(
        event["data"],
        value!({"a": "12345", "b": "12345[truncated]"})
    );
    assert_eq!(event["message"], "a mes[truncated]");
    assert_eq!(event["level"], "INFO");
}

pub(super) fn presets_are_named() {
    let log = |log: &Logger| info!(logger: log, accessToken = "t", mrn = "m", author = "x", "x");
    let of = |names: &str| data(&[("FAPILOG_CORE__REDACTION_PRESETS", names)], log);
    let masked = "**REDACTED**";
    let credentials = of("credentials");
    assert_eq!(
        credentials,
        value!({"accessToken": masked, "mrn": "m", "author": "x"})
    );
    let both = of("CREDENTIALS,HIPAA_PHI");
    assert_eq!(
        both,
        value!({"accessToken": masked, "mrn": masked, "author": "x"})
    );
    let unknown = problems(&[("FAPILOG_CORE__REDACTION_PRESETS", "SOC2")]);
    assert!(
        unknown.contains("SOC2") && unknown.contains("GDPR_PII_UK"),
        "{unknown}"
    );
}

pub(super) fn what_lies_too_deep_or_comes_too_late_is_masked() {
    let deep =
        |log: &Logger| info!(logger: log, a = json(value!({"b": {"c": {"d": 1}}, "e": 2})), "x");
    let cut = data(&[("FAPILOG_CORE__REDACTION_MAX_DEPTH", "2")], deep);
    assert_eq!(cut, value!({"a": {"b": {"c": "**REDACTED**"}, "e": 2}}));
    let wide = |log: &Logger| info!(logger: log, a = json(value!([1, 2, 3])), b = 4, c = 5, "x");
    let cut = data(&[("FAPILOG_CORE__REDACTION_MAX_KEYS_SCANNED", "3")], wide);
    let mask = "**REDACTED**";
    assert_eq!(cut, value!({"a": [1, 2, mask], "b": mask, "c": mask}));
}

pub(super) fn a_redactor_that_fails_closes_warns_or_lets_go_on() {
    struct Fails;
    impl Redactor for Fails {
        fn name(&self) -> &str {
            "fails"
        }

        fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
            event.data_mut().insert("half", "done");
            Err(StageError::new("it fails"))
        }
    }
    let event = |mode: &str| {
        let said = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let memory = Memory::new();
        let heard = std::sync::Arc::clone(&said);
        let builder = LoggerBuilder::new()
            .redactor(Fails)
            .env_vars([("FAPILOG_CORE__REDACTION_FAIL_MODE", mode)])
            .env_may_weaken_redaction()
            .on_diagnostic(move |it| heard.lock().unwrap().push(it.component))
            .sink(memory.clone());
        let (log, pipeline) = build(builder);
        error!(logger: log, n = 1, url = "http://u:p@h", "x");
        pipeline.shutdown_blocking(PATIENCE);
        let event: Value = serde_json::from_str(&memory.events()[0].to_json()).unwrap();
        let said = said.lock().unwrap().contains(&"redactor");
        (event["message"].clone(), event["data"].clone(), said)
    };
    let failed = (
        value!("redaction failed"),
        value!({"redaction_failed": true}),
        true,
    );
    assert_eq!(event("closed"), failed);
    let before = || value!({"n": 1, "url": "http://h"});
    assert_eq!(event("warn"), (value!("x"), before(), true));
    assert_eq!(event("open"), (value!("x"), before(), false));
    let refused = problems(&[("FAPILOG_CORE__REDACTION_FAIL_MODE", "open")]);
    assert!(refused.contains("env_may_weaken_redaction"), "{refused}");
    assert!(
        builder(&[("FAPILOG_CORE__REDACTION_FAIL_MODE", "closed")])
            .build()
            .is_ok()
    );
}
