//! Which source wins, what is told of it, and what is wrong with the others.

use std::{fs, path::PathBuf};

use fapilog_core::{
    Level, LoggerBuilder, Null, Preset,
    filter::LevelFilter,
    settings::{Origin, Settings},
};

use super::{build, builder};

/// A file that is gone when the test ends.
pub(super) struct File(PathBuf);

impl File {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let name = format!("fapilog-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &str {
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
    assert_eq!(settings.preset(), Some(Preset::Minimal));
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

#[test]
fn what_code_sets_to_what_it_was_is_set_by_code() {
    let same = LoggerBuilder::new().level(Level::Info).drop_on_full(true);
    let settings = same.resolve().unwrap();
    assert_eq!(level(&settings), (Level::Info.into(), "builder".to_owned()));
    assert_eq!(settings.origin("core.drop_on_full"), Origin::Code);
    let preset = LoggerBuilder::preset(Preset::Axum).resolve().unwrap();
    assert_eq!(level(&preset).1, "preset axum");
}

#[test]
fn a_variable_that_is_empty_or_of_kubernetes_is_as_good_as_none() {
    let variables = [
        ("FAPILOG_CORE__LOG_LEVEL", ""),
        ("FAPILOG_FORMAT", " "),
        ("FAPILOG_PRESET", ""),
        ("RUST_LOG", " "),
        ("ENV", " "),
        ("FAPILOG_SERVICE_HOST", "10.0.0.1"),
        ("FAPILOG_SERVICE_PORT_HTTP", "80"),
        ("FAPILOG_PORT", "tcp://10.0.0.1:80"),
        ("FAPILOG_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("FAPILOG_UI_SERVICE_HOST", "10.0.0.2"),
    ];
    let level = LoggerBuilder::new().level(Level::Error);
    let settings = level.env_vars(variables).resolve().unwrap();
    assert_eq!(settings.core.log_level, Level::Error.into());
    assert_eq!(settings.env, None);
}

#[test]
fn levels_are_read_as_other_libraries_write_them() {
    let level = |text| {
        builder(&[("RUST_LOG", text)])
            .resolve()
            .unwrap()
            .core
            .log_level
    };
    let filter = level("info,hyper=off,my_app::db=trace");
    assert!(!filter.enables(Level::Critical, "hyper::proto"));
    assert!(filter.enables(Level::Audit, "hyper::proto"));
    assert!(filter.enables(Level::Trace, "my_app::db"));
    assert!(!level("off").enables(Level::Critical, "any"));
}
