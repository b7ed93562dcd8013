//! What is asked for by name, path and length is taken out, and nothing else.

use fapilog_core::{Level, LoggerBuilder, error, json};
use fapilog_tests::canary::CANARY;
use serde_json::{Value, json as value};

use super::{MASK, events, preset};

/// The data that is left of an event.
fn left(builder: LoggerBuilder, data: Value) -> Value {
    let fields = data.as_object().unwrap().clone();
    let fields = fields.iter().map(|(key, value)| (key, json(value)));
    let events = events(builder, |log| {
        log.event(Level::Info, "x").fields(fields).emit()
    });
    events[0]["data"].clone()
}

#[test]
fn paths_mean_what_stands_there_and_nothing_else() {
    let masked = |path: &str, given: Value| left(LoggerBuilder::new().redact_fields([path]), given);
    let table = [
        (
            "data.a",
            value!({"a": 1, "b": 2}),
            value!({"a": MASK, "b": 2}),
        ),
        (
            "a.b",
            value!({"a": {"b": 1, "c": 2}, "b": 3}),
            value!({"a": {"b": MASK, "c": 2}, "b": 3}),
        ),
        (
            "a.b",
            value!({"a": [{"b": 1}, {"b": 2, "c": 3}]}),
            value!({"a": [{"b": MASK}, {"b": MASK, "c": 3}]}),
        ),
        (
            "a.b",
            value!({"a": [[{"b": 1}], 2]}),
            value!({"a": [[{"b": MASK}], 2]}),
        ),
        (
            "a.b",
            value!({"a.b": 1, "a": {"b": {"c": 2}}}),
            value!({"a.b": MASK, "a": {"b": MASK}}),
        ),
        (
            "a.*",
            value!({"a": {"b": 1, "c": {"d": 2}}, "e": 3}),
            value!({"a": {"b": MASK, "c": MASK}, "e": 3}),
        ),
        (
            "a.*",
            value!({"a": [1, {"b": 2}], "c": 3}),
            value!({"a": [MASK, MASK], "c": 3}),
        ),
        (
            "a[*]",
            value!({"a": [1, [2]], "b": [3]}),
            value!({"a": [MASK, MASK], "b": [3]}),
        ),
        (
            "a[*].b",
            value!({"a": [{"b": 1, "c": 2}, 3]}),
            value!({"a": [{"b": MASK, "c": 2}, 3]}),
        ),
        ("a.1", value!({"a": [1, 2, 3]}), value!({"a": [1, MASK, 3]})),
        (
            "a[1].b",
            value!({"a": [{"b": 1}, {"b": 2}]}),
            value!({"a": [{"b": 1}, {"b": MASK}]}),
        ),
        (
            "a.1",
            value!({"a": {"1": 1, "2": 2}}),
            value!({"a": {"1": MASK, "2": 2}}),
        ),
        (
            "*.b",
            value!({"a": {"b": 1}, "c": {"b": 2}, "b": 3}),
            value!({"a": {"b": MASK}, "c": {"b": MASK}, "b": 3}),
        ),
        (
            "*",
            value!({"a": 1, "b": [2]}),
            value!({"a": MASK, "b": MASK}),
        ),
        (
            "userName.firstName",
            value!({"user_name": {"FIRST-NAME": 1}}),
            value!({"user_name": {"FIRST-NAME": MASK}}),
        ),
        ("a.none", value!({"a": {"b": 1}}), value!({"a": {"b": 1}})),
        (
            "none",
            value!({"a": null, "b": {}, "c": []}),
            value!({"a": null, "b": {}, "c": []}),
        ),
        (
            "a",
            value!({"a": null, "b": {"A": {}}}),
            value!({"a": MASK, "b": {"A": MASK}}),
        ),
    ];
    for (path, given, expected) in table {
        let once = masked(path, given);
        assert_eq!(once, expected, "{path}");
        assert_eq!(masked(path, once), expected, "{path}, twice");
    }
}

#[test]
fn fields_of_the_context_and_of_diagnostics_are_reached_by_paths_too() {
    let builder = LoggerBuilder::new()
        .service("shop")
        .redact_fields(["context.request_id", "diagnostics.service", "error.message"])
        .redact_patterns(["diagnostics\\.exception\\.error\\.message"]);
    let error = std::io::Error::other(CANARY);
    let events = events(builder, |log| {
        let log = log.bind([("request_id", CANARY), ("user_id", "u-1")]);
        error!(logger: log, err = &error, "x");
    });
    let event = &events[0];
    assert_eq!(event["context"]["request_id"], MASK);
    // It says the same.
    assert_eq!(event["context"]["correlation_id"], MASK);
    assert_eq!(event["context"]["user_id"], "u-1");
    assert_eq!(event["diagnostics"]["service"], MASK);
    let exception = &event["diagnostics"]["exception"];
    assert_eq!(exception["error.message"], MASK);
    assert_ne!(exception["error.type"], MASK);
}

#[test]
fn schemes_of_urls_do_not_matter() {
    let schemes = [
        "http",
        "https",
        "HTTP",
        "ftp",
        "ftps",
        "ssh",
        "git",
        "svn",
        "postgres",
        "postgresql",
        "mysql",
        "mysql+pymysql",
        "mongodb",
        "mongodb+srv",
        "mssql",
        "sqlserver",
        "cockroachdb",
        "redis",
        "rediss",
        "amqp",
        "amqps",
        "nats",
        "ldap",
        "ldaps",
        "smtp",
        "smtps",
        "kafka",
        "x",
    ];
    for scheme in schemes {
        let url = |user: &str| format!("{scheme}://{user}Host:1/p?q=1#f");
        let (given, expected) = (url("u:p%20w@"), url(""));
        let shown = left(
            LoggerBuilder::new(),
            value!({"a": &given, "b": format!("at {given}.")}),
        );
        assert_eq!(
            shown,
            value!({"a": &expected, "b": format!("at {expected}.")})
        );
        assert_eq!(
            left(LoggerBuilder::new(), value!({"a": expected})),
            value!({"a": expected})
        );
    }
}

#[test]
fn blocked_fields_are_hidden_at_any_depth_in_any_spelling_whatever_they_hold() {
    let hidden = "[REDACTED:HIGH_RISK_FIELD]";
    let given =
        value!({"BODY": null, "a": [{"requestBody": {"b": 1}, "rawness": 2}], "Raw-Body": []});
    let expected =
        value!({"BODY": hidden, "a": [{"requestBody": hidden, "rawness": 2}], "Raw-Body": hidden});
    assert_eq!(left(preset("hardened"), given), expected);
}

#[test]
fn strings_are_cut_behind_the_limit_alone() {
    let cut = || {
        LoggerBuilder::new().configure(|all| {
            all.redactor_config.string_truncate.max_string_length = Some(5);
        })
    };
    let given = value!({"a": "12345", "b": ["123456", {"a long key": "世界世"}], "c": 1234567});
    let expected = value!({"a": "12345", "b": ["12345[truncated]", {"a long key": "世[truncated]"}], "c": 1234567});
    let once = left(cut(), given);
    assert_eq!(once, expected);
    assert_eq!(left(cut(), once), expected);
}
