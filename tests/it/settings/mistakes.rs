//! What is told of settings that cannot be, and that what is told mends them.

use fapilog_core::{LoggerBuilder, Null, settings::Settings};

use super::{builder, problems, sources::File};

#[test]
fn all_problems_of_all_sources_are_told_at_once_with_their_place_and_fix() {
    let file = File::new(
        "bad.toml",
        "[core]\nlog_levle = \"info\"\nmax_depth = 99\n[security.encryption]\nenabled = true\n[loki]\nurl = \"http://loki\"\n",
    );
    let text = LoggerBuilder::new()
        .queue_budget(1)
        .env_vars([
            ("FAPILOG_CONFIG", file.path()),
            ("FAPILOG_CORE__QUEUE_BUDGET", "lots"),
            ("FAPILOG_CORE__LOG_LEVLE", "info"),
            ("FAPILOG_FORMAT", "xml"),
            ("FAPILOG_NO_SUCH_THING", "1"),
            ("FAPILOG_CORE__STRICT_ENVELOPE_MODE", "true"),
            ("FAPILOG_LOKI__AUTH_TOKEN_FILE", "/no/such/file"),
            ("RUST_LOG", "my_app=loud"),
            ("PATH", "/bin"),
        ])
        .build()
        .err()
        .unwrap()
        .to_string();
    let in_file = |line: usize| format!("(from {}, line {line})", file.path());
    for part in [
        "12 problems",
        &format!("core.log_levle  {}", in_file(2)),
        "did you mean core.log_level?",
        &format!("core.max_depth = \"99\"  {}", in_file(3)),
        "expected a whole number from 1 to 64",
        &format!("security  {}", in_file(4)),
        "fapilog encrypts no files",
        &format!("sink_config.loki.url  {}", in_file(7)),
        "the Loki sink is not built yet",
        "core.queue_budget = \"1\"  (from builder)",
        "core.queue_budget = \"lots\"  (from FAPILOG_CORE__QUEUE_BUDGET)",
        "fix: FAPILOG_CORE__QUEUE_BUDGET=\"10 MB\"",
        "did you mean FAPILOG_CORE__LOG_LEVEL?",
        "format = \"xml\"  (from FAPILOG_FORMAT)",
        "expected one of auto, json, pretty",
        "FAPILOG_NO_SUCH_THING",
        "core.strict_envelope_mode  (from FAPILOG_CORE__STRICT_ENVELOPE_MODE)",
        "every event has the same envelope",
        "sink_config.loki.auth_token = \"**REDACTED**\"",
        "core.log_level = \"my_app=loud\"  (from RUST_LOG)",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_reason() {
    let missing = problems(&[("FAPILOG_CONFIG", "/no/such/file.toml")]);
    assert!(
        missing.contains("config = \"/no/such/file.toml\"  (from FAPILOG_CONFIG)"),
        "{missing}"
    );
    let file = File::new("broken.toml", "[core\nlog_level = 1");
    let broken = problems(&[("FAPILOG_CONFIG", file.path())]);
    assert!(broken.contains("line 1"), "{broken}");
}

#[test]
fn a_setting_that_is_named_twice_is_refused() {
    let refused = problems(&[
        ("FAPILOG_AXUM__CATCH_PANICS", "true"),
        ("FAPILOG_FASTAPI__CATCH_PANICS", "false"),
    ]);
    assert!(
        refused.contains("FAPILOG_AXUM__CATCH_PANICS is the same"),
        "{refused}"
    );
}

/// What is wrong with a file of this text.
fn in_file(name: &str, text: &str) -> String {
    let file = File::new(name, text);
    let error = LoggerBuilder::new().config_file(file.path()).resolve();
    error.unwrap_err().to_string()
}

#[test]
fn each_fix_mends_what_it_was_told_of() {
    let built = Settings::reference()
        .into_iter()
        .filter(|it| it.pending.is_none());
    for setting in built.filter(|it| it.key != "core.worker_count") {
        let (key, variable) = (setting.key, setting.variables[0].as_str());
        let Err(refused) = builder(&[(variable, "\u{1}")]).resolve() else {
            // A text may be anything.
            continue;
        };
        let refused = refused.to_string();
        let fix = refused.split("fix: ").nth(1);
        let Some((name, value)) = fix.and_then(|fix| fix.trim().split_once('=')) else {
            panic!("{key}: {refused}")
        };
        let unquoted = value.trim_matches('\'');
        for value in [value, unquoted] {
            let mended = builder(&[(name, value)]).resolve();
            assert!(mended.is_ok(), "{key}: {value} {mended:?}");
        }
        let (group, last) = key.rsplit_once('.').unwrap_or(("", key));
        let header = |group: &str| match group {
            "" => String::new(),
            group => format!("[{group}]\n"),
        };
        let text = format!("{}{last} = 1979-05-27\n", header(group));
        let file = File::new("fix.toml", &text);
        let Err(refused) = LoggerBuilder::new().config_file(file.path()).resolve() else {
            continue;
        };
        let refused = refused.to_string();
        let fix = refused.split("fix: ").nth(1).unwrap().trim();
        let line = fix.split(&format!(" in [{group}]")).next().unwrap();
        let file = File::new("mended.toml", &format!("{}{line}\n", header(group)));
        let mended = LoggerBuilder::new().config_file(file.path()).resolve();
        assert!(mended.is_ok(), "{key}: {line} {mended:?}");
    }
}

#[test]
fn no_secret_stands_in_what_is_told_of_it() {
    let secret = "hunter2";
    let tables = r#"[{"type":"loki","auth_token":"hunter2"}]"#;
    for told in [
        in_file("secret.toml", "[postgres]\npassword = hunter2\n"),
        in_file(
            "twice.toml",
            "[postgres]\npassword = 'hunter2'\npassword = 'hunter2'\n",
        ),
        problems(&[("FAPILOG_SINKS", tables)]),
        problems(&[("FAPILOG_POSTGRES__PASSWORD_FILE", secret)]),
        problems(&[("FAPILOG_POSTGRES__PASSWORD", secret)]),
    ] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn values_that_no_machine_could_work_with_are_refused() {
    let name = r#"[{"type":"null","name":"a\u0000b"}]"#;
    let huge = "18446744073709551615";
    let told = problems(&[
        ("FAPILOG_CORE__QUEUE_BUDGET", huge),
        ("FAPILOG_CORE__PROTECTED_RESERVE", huge),
        ("FAPILOG_CORE__SHUTDOWN_TIMEOUT_SECONDS", "inf"),
        ("FAPILOG_SINKS", name),
        ("FAPILOG_AXUM__SAMPLE_RATE", "nan"),
    ]);
    assert!(told.contains("5 problems"), "{told}");
    let nameless = LoggerBuilder::new().sink(Named("a\0b")).build();
    assert!(
        nameless
            .unwrap_err()
            .to_string()
            .contains("a name of 1 to 64 bytes")
    );
}

struct Named(&'static str);

impl fapilog_core::BlockingSink for Named {
    fn name(&self) -> &str {
        self.0
    }

    fn write(&mut self, _: &fapilog_core::Event<'static>) -> Result<(), fapilog_core::SinkError> {
        Ok(())
    }
}

#[test]
fn names_of_sinks_are_told_with_all_else() {
    let told = builder(&[
        ("FAPILOG_CORE__SINKS", "paper"),
        ("FAPILOG_CORE__MAX_DEPTH", "99"),
    ]);
    let told = told.sink(Null).resolve().unwrap_err().to_string();
    assert!(
        told.contains("2 problems") && told.contains("there is no sink \"paper\""),
        "{told}"
    );
    let twice = problems(&[("FAPILOG_CORE__SINKS", "null,Null")]);
    assert!(
        twice.contains("core.sinks = \"null,Null\"  (from FAPILOG_CORE__SINKS)"),
        "{twice}"
    );
}

#[test]
fn what_a_file_says_twice_or_in_a_group_that_there_is_not_is_refused() {
    let told = in_file(
        "odd.toml",
        "\"core.log_level\" = 'debug'\n[axum]\ncatch_panics = true\n[fastapi]\ncatch_panics = false\n\
         [corre]\n[nonsense]\n[core]\nmax_depth = inf\n",
    );
    for part in [
        "5 problems",
        "line 1)\n     expected a name without dots",
        "line 5)\n     expected a setting once; line 3 has it too",
        "corre  (",
        "nonsense  (",
        "core.max_depth = \"inf\"",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_refused_and_a_path_need_not_be_text() {
    use std::os::unix::ffi::OsStringExt;
    let bytes = std::ffi::OsString::from_vec(b"sh\xffop".to_vec());
    let told = LoggerBuilder::new().env_vars([("FAPILOG_SERVICE", bytes.clone())]);
    let told = told.resolve().unwrap_err().to_string();
    assert!(told.contains("expected text in UTF-8"), "{told}");
    let path = std::env::temp_dir().join(bytes);
    std::fs::write(&path, "service = 'shop'").unwrap();
    let settings = LoggerBuilder::new()
        .env_vars([("fapilog_config", &path)])
        .resolve();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(settings.unwrap().service.as_deref(), Some("shop"));
}
