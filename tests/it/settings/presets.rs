//! Presets, and lists that they share with code.

use std::{fs, path::PathBuf, process::Command};

use fapilog_core::{Level, LoggerBuilder, Null, Preset, info, settings::Origin};
use fapilog_tests::PATIENCE;

use super::{build, builder, problems, sources::File};

pub(super) fn a_preset_by_variable_is_where_settings_begin() {
    let variables = [("FAPILOG_PRESET", "dev"), ("FAPILOG_FORMAT", "json")];
    let settings = builder(&variables).resolve().unwrap();
    assert_eq!(settings.preset(), Some(Preset::Dev));
    assert_eq!(settings.core.log_level, Level::Debug.into());
    assert_eq!(
        settings.origin("core.log_level"),
        Origin::Preset(Preset::Dev)
    );
    let (log, pipeline) = build(builder(&variables).sink(Null));
    fapilog_core::debug!(logger: log, "a detail");
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(report.stats.submitted, 1);
    // Over that of code.
    let both = LoggerBuilder::preset(Preset::Minimal).env_vars(variables);
    assert_eq!(both.resolve().unwrap(), settings);
}

#[test]
fn a_preset_is_the_same_whatever_way_it_comes() {
    for preset in [Preset::Dev, Preset::Axum, Preset::Minimal] {
        let name = preset.name();
        let wanted = LoggerBuilder::preset(preset).resolve().unwrap();
        let seed = LoggerBuilder::new().with_preset(name).resolve().unwrap();
        let variable = builder(&[("FAPILOG_PRESET", name)]).resolve().unwrap();
        assert_eq!((&seed, &variable), (&wanted, &wanted), "{name}");
        let values = wanted
            .explain()
            .into_iter()
            .map(|it| format!("{} = {}", it.key, it.value));
        let values: Vec<_> = values.collect();
        for way in ["logger", "layer"] {
            let output = Command::new(env!("CARGO_BIN_EXE_preset"))
                .args([way, name])
                .output();
            let output = String::from_utf8(output.unwrap().stdout).unwrap();
            assert_eq!(output.lines().collect::<Vec<_>>(), values, "{way} {name}");
        }
    }
}

#[test]
fn a_preset_is_what_is_in_force_however_it_is_written() {
    let axum = || LoggerBuilder::preset(Preset::Axum);
    for name in ["\"dev\"", "'dev'", " Dev\n"] {
        let settings = axum()
            .env_vars([("FAPILOG_PRESET", name)])
            .resolve()
            .unwrap();
        assert_eq!(settings.preset(), Some(Preset::Dev), "{name}");
        assert_eq!(settings.core.log_level, Level::Debug.into());
        assert!(!settings.axum.catch_panics);
    }
    let none = axum()
        .env_vars([("FAPILOG_PRESET", "none")])
        .resolve()
        .unwrap();
    assert_eq!((none.preset(), none.axum.catch_panics), (None, false));
    let file = File::new("weaker.toml", "preset = 'dev'");
    let code = axum().config_file(file.path()).resolve().unwrap();
    assert_eq!(code.preset(), Some(Preset::Axum));
    assert_eq!(code.origin("preset"), Origin::Code);
    let file = File::new("stronger.toml", "preset = ' dev '");
    let dev = LoggerBuilder::new()
        .config_file(file.path())
        .resolve()
        .unwrap();
    assert_eq!(dev.core.log_level, Level::Debug.into());
}

#[test]
fn a_preset_that_there_is_not_is_refused() {
    let unknown = LoggerBuilder::new()
        .with_preset("fastapi")
        .build()
        .err()
        .unwrap();
    assert!(
        unknown.to_string().contains("preset = \"fastapi\""),
        "{unknown}"
    );
}

pub(super) fn sinks_are_added_by_name() {
    let names = |builder: LoggerBuilder| -> Vec<String> {
        let (log, pipeline) = build(builder);
        info!(logger: log, "to all");
        let report = pipeline.shutdown_blocking(PATIENCE);
        let sinks = report.stats.sinks.into_iter();
        sinks
            .inspect(|it| assert_eq!(it.delivered, 1))
            .map(|it| it.name)
            .collect()
    };
    let stderr = [("FAPILOG_CORE__SINKS", "stderr,null")];
    assert_eq!(names(builder(&stderr)), ["stderr", "null"]);
    let json = [("FAPILOG_CORE__SINKS", r#"["Null"]"#)];
    assert_eq!(names(builder(&json)), ["null"]);
    // A list of code and one of a source that code is stronger than are one; the environment's
    // replaces it. What code brings as objects stays.
    let code = || {
        LoggerBuilder::new()
            .named_sinks(["stderr"])
            .sink(fapilog_core::Memory::new())
    };
    assert_eq!(names(code()), ["memory", "stderr"]);
    assert_eq!(names(code().env_vars(json)), ["memory", "null"]);
    let refused = problems(&[("FAPILOG_CORE__SINKS", "stdout-json,loki")]);
    for part in ["loki is not built yet", "stdout_pretty"] {
        assert!(refused.contains(part), "{part:?} is not in {refused}");
    }
}

#[test]
fn hardened_keeps_its_events_in_a_file_beside_stdout() {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let scratch = scratch.join(format!("hardened-{}", std::process::id()));
    fs::create_dir_all(&scratch).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_filing"));
    command.args(["as:SET", "log:10"]).current_dir(&scratch);
    let output = command.env("FAPILOG_PRESET", "hardened").output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let files: Vec<_> = fs::read_dir(scratch.join("logs")).unwrap().collect();
    let mut files = files.into_iter().map(|entry| entry.unwrap().path());
    let log = files.find(|path| path.extension().is_some_and(|it| it == "jsonl"));
    let kept = fs::read_to_string(log.expect("a file")).unwrap();
    fs::remove_dir_all(scratch).unwrap();
    let (events, _books) = stdout.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(kept.trim_end(), events);
    assert_eq!(kept.matches("obligation").count(), 10);
}
