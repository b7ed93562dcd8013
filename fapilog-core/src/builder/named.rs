//! The sinks that settings name.

#[cfg(feature = "http")]
use std::path::PathBuf;
use std::sync::Arc;

use super::NewSink;
#[cfg(feature = "webhook")]
use crate::sink::Webhook;
#[cfg(feature = "http")]
use crate::{
    MASK,
    sink::{Http, Sink, Trouble},
};
use crate::{
    Null, RotatingFile, Stderr, StdoutJson, StdoutPretty,
    clock::Clock,
    redact,
    route::Router,
    settings::{Preset, Problem, Settings, SinkKind, SinkTable, is_name},
    sink::{AnySink, BlockingSink, SinkOptions},
};

/// The sinks that settings name; if they name none and code brings none either, what there is then.
pub(super) fn sinks(
    settings: &Settings,
    has_others: bool,
    clock: &Arc<dyn Clock>,
    problems: &mut Vec<Problem>,
) -> Vec<NewSink> {
    let mut tables: Vec<_> = settings.core.sinks.iter().map(SinkTable::new).collect();
    tables.extend(settings.sinks.iter().cloned());
    if tables.is_empty() && !has_others && !settings.sink_routing.enabled {
        tables.extend(unnamed(settings).iter().copied().map(SinkTable::new));
    }
    let mut seen = Vec::new();
    for table in &tables {
        match SinkKind::named(&table.kind) {
            Ok(kind) if seen.contains(&kind) => {}
            Ok(kind) => {
                check(kind, settings, problems);
                seen.push(kind);
            }
            Err(text) => problems.push(absent(settings, text)),
        }
    }
    // Settings hold no names but those of sinks.
    let made = tables
        .iter()
        .filter_map(|table| make(table, settings, clock));
    made.collect()
}

/// The endpoint, else the file, if it is said where that is, else `stdout`; for who must not lose
/// anything, all that there are.
fn unnamed(settings: &Settings) -> &'static [&'static str] {
    let has_endpoint = settings.http.endpoint.is_some();
    let has_file = settings.sink_config.rotating_file.directory.is_some();
    match (settings.preset(), has_endpoint, has_file) {
        (Some(Preset::Hardened), true, _) => &["stdout", "rotating_file", "http"],
        (Some(Preset::Hardened), false, _) => &["stdout", "rotating_file"],
        (_, true, _) => &["http"],
        (_, false, true) => &["rotating_file"],
        (_, false, false) => &["stdout"],
    }
}

pub(super) fn make(
    table: &SinkTable,
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> Option<NewSink> {
    let mut sink = match SinkKind::named(&table.kind).ok()? {
        SinkKind::Stdout if settings.format.is_pretty() => NewSink::blocking(StdoutPretty::new()),
        SinkKind::Stdout | SinkKind::StdoutJson => NewSink::blocking(StdoutJson::new()),
        SinkKind::StdoutPretty => NewSink::blocking(StdoutPretty::new()),
        SinkKind::Stderr => NewSink::blocking(Stderr::new()),
        SinkKind::Null => NewSink::blocking(Null),
        SinkKind::RotatingFile => {
            let file = RotatingFile::of_settings(&settings.sink_config.rotating_file);
            NewSink::blocking(file.shared_clock(Arc::clone(clock)))
        }
        #[cfg(feature = "http")]
        SinkKind::Http => NewSink::awaiting(Http::of_settings(&settings.http)),
        #[cfg(feature = "webhook")]
        SinkKind::Webhook => {
            let webhook = Webhook::of_settings(&settings.sink_config.webhook);
            NewSink::awaiting(webhook.shared_clock(Arc::clone(clock)))
        }
    };
    if let Some(name) = &table.name {
        sink.name = name.clone();
    }
    sink.options.pressure = table.pressure;
    sink.options.limit.level = table.level;
    Some(sink)
}

/// What a sink needs that settings name must be there, and its own settings must work.
pub(super) fn check(kind: SinkKind, settings: &Settings, problems: &mut Vec<Problem>) {
    match kind {
        SinkKind::RotatingFile => check_compression(settings, problems),
        #[cfg(feature = "http")]
        SinkKind::Http => check_http(settings, problems),
        #[cfg(feature = "webhook")]
        SinkKind::Webhook => check_webhook(settings, problems),
        _ => {}
    }
}

/// The sink that an endpoint asks for, where it is not compiled in.
fn absent(settings: &Settings, text: String) -> Problem {
    const KEY: &str = "http.endpoint";
    let fix = "enable the feature \"http\" of fapilog-core, or remove it";
    let endpoint = settings.http.endpoint.as_deref().unwrap_or_default();
    Problem::new(
        KEY,
        redact::clean(endpoint),
        settings.origin(KEY),
        format!("no endpoint: {text}"),
        fix,
    )
}

#[cfg(feature = "http")]
fn check_http(settings: &Settings, problems: &mut Vec<Problem>) {
    let http = &settings.http;
    let Some(trouble) = Http::of_settings(http).trouble() else {
        return;
    };
    let value = match trouble.setting {
        "endpoint" => http.endpoint.clone(),
        "ca_file" => shown(&http.ca_file),
        "client_identity_file" => shown(&http.client_identity_file),
        "compress" | "untrusted_endpoint" => Some("true".to_owned()),
        _ => Some(MASK.to_owned()),
    };
    let fix = "see the documentation of fapilog_core::sink::Http";
    problems.push(unworkable("http", trouble, value, fix, settings));
}

#[cfg(feature = "webhook")]
fn check_webhook(settings: &Settings, problems: &mut Vec<Problem>) {
    let webhook = &settings.sink_config.webhook;
    let Some(trouble) = Webhook::of_settings(webhook).trouble() else {
        return;
    };
    let value = match trouble.setting {
        "endpoint" => webhook.endpoint.clone(),
        "ca_file" => shown(&webhook.ca_file),
        "untrusted_endpoint" => Some("true".to_owned()),
        _ => Some(MASK.to_owned()),
    };
    let fix = "see the documentation of fapilog_core::sink::Webhook";
    let group = "sink_config.webhook";
    problems.push(unworkable(group, trouble, value, fix, settings));
}

#[cfg(feature = "http")]
fn shown(path: &Option<PathBuf>) -> Option<String> {
    path.as_ref().map(|it| it.display().to_string())
}

/// What stands in the way of a sink that posts.
#[cfg(feature = "http")]
fn unworkable(
    group: &str,
    trouble: Trouble,
    value: Option<String>,
    fix: &str,
    settings: &Settings,
) -> Problem {
    let key = format!("{group}.{}", trouble.setting);
    Problem::new(
        &key,
        redact::clean(&value.unwrap_or_else(|| "none".to_owned())),
        settings.origin(&key),
        format!("what can work: {}", trouble.text),
        fix,
    )
}

/// What is not compiled in must not be wanted.
fn check_compression(settings: &Settings, problems: &mut Vec<Problem>) {
    const KEY: &str = "sink_config.rotating_file.compress_rotated";
    if settings.sink_config.rotating_file.compress_rotated && !RotatingFile::COMPRESSES {
        problems.push(Problem::new(
            KEY,
            true,
            settings.origin(KEY),
            "false: the feature \"gzip\" is not compiled in",
            "enable the feature \"gzip\" of fapilog-core",
        ));
    }
}

/// Two sinks must not have the same name: the books could not tell them apart. And there is an end to
/// how many there may be, each with a thread of its own.
pub(super) fn check_names(sinks: &[NewSink], problems: &mut Vec<Problem>) {
    for (index, sink) in sinks.iter().enumerate() {
        let mut problem = |expected: &str, fix: &str| {
            problems.push(Problem::new(
                "sinks",
                &sink.name,
                "all sources together",
                expected,
                fix,
            ));
        };
        if !is_name(&sink.name) {
            problem(
                "a name of 1 to 64 bytes, none of which controls",
                "give it another name",
            );
        }
        if sinks[..index].iter().any(|other| other.name == sink.name) {
            problem(
                "a different name for each sink",
                "give one of the two another name, or remove it",
            );
        }
        if index == Router::MOST {
            let most = Router::MOST;
            problem(&format!("at most {most} sinks"), "remove this one");
        }
    }
}

impl NewSink {
    #[cfg(feature = "http")]
    fn awaiting(sink: impl Sink) -> Self {
        Self {
            name: sink.name().to_owned(),
            takes_serialized: sink.takes_serialized(),
            sink: AnySink::Async(Box::new(sink)),
            options: SinkOptions::default(),
        }
    }

    pub(super) fn blocking(sink: impl BlockingSink) -> Self {
        Self {
            name: sink.name().to_owned(),
            takes_serialized: sink.takes_serialized(),
            sink: AnySink::Blocking(Box::new(sink)),
            options: SinkOptions::default(),
        }
    }
}
