//! Which source wins, what is told of it, and what is wrong with the others.

use std::{fs, path::PathBuf};

use fapilog_core::{
    Level, LoggerBuilder, Null, Preset,
    filter::LevelFilter,
    settings::{Origin, Settings},
};

use super::{build, builder, problems};

/// A file that is gone when the test ends.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("fapilog-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn level(settings: &Settings) -> (LevelFilter, String) {
    let origin = settings.origin("core.log_level").to_string();
    (settings.core.log_level.clone(), origin)
}

#[test]
fn each_source_is_stronger_than_those_before_it() {
    let file = File::new(
        "order.toml",
        "preset = \"minimal\"\n[core]\nlog_level = \"error\"\n",
    );
    let expected = |wanted: Level, origin: &str, builder: LoggerBuilder| {
        let settings = builder.resolve().unwrap();
        assert_eq!(level(&settings), (wanted.into(), origin.to_owned()));
    };
    let ours = ("FAPILOG_CORE__LOG_LEVEL", "critical");
    let rust_log = ("RUST_LOG", "trace");
    let config = ("FAPILOG_CONFIG", file.path());
    let preset = LoggerBuilder::preset;
    expected(Level::Info, "default", LoggerBuilder::new());
    expected(Level::Debug, "preset dev", preset(Preset::Dev));
    expected(
        Level::Trace,
        "RUST_LOG",
        preset(Preset::Dev).env_vars([rust_log]),
    );
    let in_file = format!("{}, line 3", file.path());
    expected(
        Level::Error,
        &in_file,
        preset(Preset::Dev).env_vars([rust_log, config]),
    );
    expected(
        Level::Error,
        &in_file,
        preset(Preset::Dev).config_file(file.path()),
    );
    let code = || preset(Preset::Dev).level(Level::Warning);
    expected(
        Level::Warning,
        "builder",
        code().env_vars([rust_log, config]),
    );
    expected(
        Level::Critical,
        ours.0,
        code().env_vars([rust_log, config, ours]),
    );
    // Nobody has asked the environment.
    expected(Level::Warning, "builder", code());
    let settings = builder(&[config]).resolve().unwrap();
    assert_eq!(settings.preset, Some(Preset::Minimal));
    assert_eq!(
        settings.origin("preset").to_string(),
        format!("{}, line 1", file.path())
    );
}

#[test]
fn what_the_environment_changes_of_code_is_reported_once() {
    let (tell, told) = std::sync::mpsc::channel();
    let (_log, _pipeline) = build(
        LoggerBuilder::new()
            .sink(Null)
            .level(Level::Debug)
            .service("shop")
            .env_vars([
                ("FAPILOG_CORE__LOG_LEVEL", "info"),
                ("FAPILOG_SERVICE", "shop"),
                ("FAPILOG_VERSION", "1"),
            ])
            .on_diagnostic(move |it| drop(tell.send(it.message.clone()))),
    );
    let told: Vec<_> = told.try_iter().collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].ends_with("core.log_level (FAPILOG_CORE__LOG_LEVEL)"),
        "{told:?}"
    );
}

#[test]
fn every_setting_is_explained_with_its_origin() {
    let settings = builder(&[("FAPILOG_SERVICE", "shop")]).resolve().unwrap();
    let explained = settings.explain();
    assert_eq!(explained.len(), Settings::reference().len());
    let service = explained.iter().find(|it| it.key == "service").unwrap();
    assert_eq!(service.to_string(), "service = shop  (FAPILOG_SERVICE)");
    let budget = explained
        .iter()
        .find(|it| it.key == "core.queue_budget")
        .unwrap();
    assert_eq!(
        budget.to_string(),
        "core.queue_budget = 20971520  (default)"
    );
    assert_eq!(budget.origin, Origin::Default);
}

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
        &format!("security.encryption.enabled  {}", in_file(5)),
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
        "sink_config.loki.auth_token = \"/no/such/file\"",
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

#[test]
fn a_file_of_settings_has_tables_of_sinks() {
    let file = File::new(
        "sinks.toml",
        "[[sinks]]\ntype = \"null\"\nname = \"one\"\n\n[[sinks]]\ntype = \"null\"\nname = \"two\"\npressure = \"shed\"\n",
    );
    let (_log, pipeline) = build(LoggerBuilder::new().config_file(file.path()));
    let names: Vec<_> = pipeline
        .stats()
        .sinks
        .into_iter()
        .map(|it| it.name)
        .collect();
    assert_eq!(names, ["one", "two"]);
}

#[test]
fn the_names_that_the_python_library_has_do_the_same() {
    let settings = LoggerBuilder::new()
        .with_backpressure(7, false)
        .resolve()
        .unwrap();
    assert_eq!(settings.core.backpressure_wait.as_millis(), 7);
    assert!(!settings.core.drop_on_full);
}
