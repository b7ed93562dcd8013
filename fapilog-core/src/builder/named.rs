//! The sinks that settings name.

use std::sync::Arc;

use super::{NewSink, needs};
#[cfg(feature = "http")]
use crate::sink::Http;
#[cfg(feature = "webhook")]
use crate::sink::Webhook;
use crate::{
    Null, RotatingFile, Stderr, StdoutJson, StdoutPretty,
    clock::Clock,
    route::Router,
    settings::{Preset, Problem, Settings, SinkKind, SinkTable, is_name},
    sink::{AnySink, BlockingSink, Sink, SinkOptions},
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
                needs::check(kind, settings, problems);
                seen.push(kind);
            }
            Err(text) => problems.push(needs::absent(settings, text)),
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

/// The place of the sink of this name, and whether it is one of settings that was not there yet.
pub(super) fn place(
    name: &str,
    settings: &Settings,
    sinks: &mut Vec<NewSink>,
    clock: &Arc<dyn Clock>,
    problems: &mut Vec<Problem>,
) -> Option<(usize, bool)> {
    let place = |sinks: &[NewSink], name: &str| sinks.iter().position(|it| it.name == name);
    if let Some(found) = place(sinks, name) {
        return Some((found, false));
    }
    let kind = SinkKind::named(name).ok()?;
    let new = make(&SinkTable::new(name), settings, clock)?;
    if let Some(found) = place(sinks, &new.name) {
        return Some((found, false));
    }
    needs::check(kind, settings, problems);
    sinks.push(new);
    Some((sinks.len() - 1, true))
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
    pub(super) fn awaiting(sink: impl Sink) -> Self {
        Self {
            name: sink.name().to_owned(),
            takes_serialized: sink.takes_serialized(),
            delivery: sink.delivery(),
            sink: AnySink::Async(Arc::new(sink)),
            options: SinkOptions::default(),
            fallback: None,
        }
    }

    pub(super) fn blocking(sink: impl BlockingSink) -> Self {
        Self {
            name: sink.name().to_owned(),
            takes_serialized: sink.takes_serialized(),
            delivery: sink.delivery(),
            sink: AnySink::Blocking(Box::new(sink)),
            options: SinkOptions::default(),
            fallback: None,
        }
    }
}
