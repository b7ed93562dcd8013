//! The sinks that settings name.

use super::NewSink;
use crate::{
    Null, Stderr, StdoutJson, StdoutPretty,
    settings::{Origin, Problem, Settings, SinkTable},
    sink::{AnySink, BlockingSink, SinkOptions},
};

/// Sinks by name, and what is known of them.
const KINDS: &[(&str, Kind)] = &[
    (
        "stdout",
        Kind::Ready(|settings| match settings.format.is_pretty() {
            true => NewSink::blocking(StdoutPretty::new()),
            false => NewSink::blocking(StdoutJson::new()),
        }),
    ),
    (
        "stdout_json",
        Kind::Ready(|_| NewSink::blocking(StdoutJson::new())),
    ),
    (
        "stdout_pretty",
        Kind::Ready(|_| NewSink::blocking(StdoutPretty::new())),
    ),
    ("stderr", Kind::Ready(|_| NewSink::blocking(Stderr::new()))),
    ("null", Kind::Ready(|_| NewSink::blocking(Null))),
    ("rotating_file", Kind::Pending),
    ("http", Kind::Pending),
    ("webhook", Kind::Pending),
    ("loki", Kind::Pending),
    ("cloudwatch", Kind::Pending),
    ("postgres", Kind::Pending),
];

/// Other names of some.
const ALIASES: [(&str, &str); 5] = [
    ("console", "stdout"),
    ("json", "stdout_json"),
    ("pretty", "stdout_pretty"),
    ("file", "rotating_file"),
    ("postgresql", "postgres"),
];

#[derive(Clone, Copy)]
enum Kind {
    Ready(fn(&Settings) -> NewSink),
    /// Known, and not built yet.
    Pending,
}

/// The sinks that settings name; `stdout` if they name none and code brings none either.
pub(super) fn sinks(
    settings: &Settings,
    has_others: bool,
    problems: &mut Vec<Problem>,
) -> Vec<NewSink> {
    let mut tables: Vec<_> = settings.core.sinks.iter().map(SinkTable::new).collect();
    let keys = tables.iter().map(|_| "core.sinks");
    let mut keys: Vec<_> = keys.chain(settings.sinks.iter().map(|_| "sinks")).collect();
    tables.extend(settings.sinks.iter().cloned());
    if tables.is_empty() && !has_others {
        tables.push(SinkTable::new("stdout"));
        keys.push("core.sinks");
    }
    let mut made = Vec::new();
    for (table, key) in tables.iter().zip(keys) {
        let origin = settings.origin(key);
        match make(table, settings) {
            Ok(sink) => made.push(sink),
            Err(expected) => problems.push(Problem::new(
                key,
                &table.kind,
                origin,
                expected,
                "name one of these, or remove it",
            )),
        }
    }
    made
}

fn make(table: &SinkTable, settings: &Settings) -> Result<NewSink, String> {
    let plain = table.kind.trim().to_ascii_lowercase().replace('-', "_");
    let alias = ALIASES.iter().find(|(alias, _)| *alias == plain);
    let name = alias.map_or(plain.as_str(), |(_, name)| name);
    let found = KINDS.iter().find(|(known, _)| *known == name);
    match found {
        Some((_, Kind::Ready(make))) => {
            let mut sink = make(settings);
            if let Some(name) = &table.name {
                sink.name = name.clone();
            }
            sink.options.pressure = table.pressure;
            Ok(sink)
        }
        Some((name, Kind::Pending)) => Err(format!(
            "a sink that is there; {name} is not built yet; there is {}",
            ready()
        )),
        None => Err(format!("the name of a sink: {}", ready())),
    }
}

fn ready() -> String {
    let ready = KINDS
        .iter()
        .filter(|(_, kind)| matches!(kind, Kind::Ready(_)));
    ready.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Two sinks must not have the same name: the books could not tell them apart.
pub(super) fn check_names(sinks: &[NewSink], problems: &mut Vec<Problem>) {
    for (index, sink) in sinks.iter().enumerate() {
        if sinks[..index].iter().any(|other| other.name == sink.name) {
            problems.push(Problem::new(
                "sinks",
                &sink.name,
                Origin::Code,
                "a different name for each sink",
                "give one of the two another name",
            ));
        }
    }
}

impl NewSink {
    pub(super) fn blocking(sink: impl BlockingSink) -> Self {
        Self {
            name: sink.name().to_owned(),
            takes_serialized: sink.takes_serialized(),
            sink: AnySink::Blocking(Box::new(sink)),
            options: SinkOptions::default(),
        }
    }
}
