//! Texts lose their secrets, once and for all, and nothing else.

use fapilog_core::{Level, LoggerBuilder, info, json};
use fapilog_tests::{
    canary::{Canaries, leak},
    random, scaled,
};
use serde_json::{Value, json as value};

use super::{MASK, events, preset};

/// Logs what was written once more, with what was written of it.
fn again(builder: LoggerBuilder, written: &[Value]) -> Vec<Value> {
    events(builder, |log| {
        for event in written {
            let fields = event["data"].as_object().unwrap();
            let fields = fields.iter().map(|(key, value)| (key, json(value)));
            let log = log.named(event["logger"].as_str().unwrap());
            log.event(Level::Info, event["message"].as_str().unwrap())
                .fields(fields)
                .emit();
        }
    })
}

#[test]
fn what_was_redacted_once_stays_as_it_is() {
    let own = || {
        preset("hardened").configure(|all| {
            all.redactor_config.field_mask.mask_string = "<\"hidden & gone\"; a=b>".to_owned();
            all.redactor_config.string_truncate.max_string_length = Some(60);
        })
    };
    let key = fapilog_core::Sensitive::new("0123456789abcdef".to_owned());
    let hashing = || preset("production").hash_fields(key.clone(), ["password", "pwd", "email"]);
    let builders: [&dyn Fn() -> LoggerBuilder; 4] = [
        &|| preset("production"),
        &|| preset("hardened"),
        &own,
        &hashing,
    ];
    for builder in builders {
        let once = events(builder().drop_on_full(false), |log| {
            let mut canaries = Canaries::new(random().u64(..), true);
            (0..scaled(500)).for_each(|_| drop(canaries.log(log)));
        });
        let twice = again(builder().drop_on_full(false), &once);
        for (once, twice) in once.iter().zip(&twice) {
            assert_eq!(once["data"], twice["data"]);
            assert_eq!(once["message"], twice["message"]);
            assert_eq!(once["logger"], twice["logger"]);
        }
        assert_eq!(once.len(), twice.len());
    }
}

#[test]
fn a_secret_in_a_key_is_taken_out_and_keys_stay_apart() {
    let (one, other) = ("https://a:c4n4ryS3cr3t@h", "https://b:c4n4ryS3cr3t@h");
    let events = events(preset("production"), |log| {
        let map = value!({one: 1, other: 2, "https://h": 3, "kept": {one: [{other: 4}]}});
        info!(logger: log, map = json(map), ..[(one, 5), (other, 6), ("https://h", 7)], "x");
    });
    assert_eq!(leak(&events[0].to_string()), None);
    let data = &events[0]["data"];
    let numbers = |it: &Value| {
        let numbers = it.as_object().unwrap().values().filter_map(Value::as_u64);
        let mut numbers: Vec<_> = numbers.collect();
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(numbers(data), [5, 6, 7]);
    assert_eq!(numbers(&data["map"]), [1, 2, 3]);
    assert_eq!(
        data["map"]["kept"],
        value!({"https://h": [{"https://h": 4}]})
    );
}

#[test]
fn texts_without_secrets_survive_hardening() {
    let innocent = [
        "GET /users/7?page=2&author=me took 3.5 ms",
        "https://example.com:8443/a/b?sort=name&limit=10#top",
        "see http://localhost:3000, then press q",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "01a1fc6b-6a44-75c7-a7b8-e0c3c08b4f82",
        "2026-11-21T19:35:52.123456789Z",
        "2026-11-21 19:35:52 +0000 1700000000 1700000001",
        "192.168.0.1:8080 [::1]:443 fe80::1%eth0",
        "error: expected `=` at src/main.rs:42:17",
        "SELECT name, key FROM users WHERE id = 7 AND a <> 'b'",
        "{\"id\":7,\"author\":\"me\",\"tags\":[\"a\",\"b\"]}",
        "User { id: 7, name: Some(\"Ada\"), tokens_left: None }",
        "a -> b, c => d; e == f != g ?? h :: i",
        "key=value sort_key: 1 keyboard=qwerty author = me compass: north",
        "the token was fine, and the password too",
        "C:\\Users\\me\\file.txt and /home/me/file.txt",
        "sk-1 eyJ AKIA Bearer x basic y ghp_ 4111",
        "100% = 50% + 50% // half and half",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "user@host a@b @me #tag",
        "世界: ?=:// 🎉",
    ];
    let fields = innocent
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("t{at}"), *text));
    let events = events(preset("hardened"), |log| {
        info!(logger: log, ..fields, "{}", innocent.join(" | "));
    });
    for (at, text) in innocent.iter().enumerate() {
        if !text.contains("tokens_left") {
            assert_eq!(events[0]["data"][format!("t{at}")], *text);
        }
    }
}

#[test]
fn whatever_stands_behind_the_name_of_a_credential_is_hidden() {
    let texts = [
        ("Config { url: \"a\", password: Some(\"x y\") }", "x y"),
        ("Config { token: Secret { inner: \"x y\" }, n: 1 }", "x y"),
        (
            "Config {\n    api_key: Key(\n        \"x y\",\n    ),\n}",
            "x y",
        ),
        ("{'password': 'x y', 'n': 1}", "x y"),
        ("{\"tokens\": [\"x\", \"x y\"], \"n\": 1}", "x"),
        ("{\"secret\": {\"a\": \"x y\"}, \"n\": 1}", "x y"),
        ("cookie: a=x1; path=/", "x1"),
        ("Server=h;User Id=me;Password=x1;Pwd=x2;", "x1"),
        ("export PGPASS_TOKEN=x1", "x1"),
        ("pay with 12 4111 1111 1111 1111 123", "1111"),
    ];
    for (text, secret) in texts {
        let lines = super::lines(preset("hardened"), |log| info!(logger: log, text, "{text}"));
        let event: Value = serde_json::from_str(&lines[0]).unwrap();
        for shown in [&event["data"]["text"], &event["message"]] {
            let shown = shown.as_str().unwrap();
            assert!(!shown.contains(secret) && shown.contains(MASK), "{shown}");
        }
    }
}
