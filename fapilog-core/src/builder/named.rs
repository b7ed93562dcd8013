//! The sinks that settings name.

use super::NewSink;
use crate::{
    Null, Stderr, StdoutJson, StdoutPretty,
    settings::{Problem, Settings, SinkKind, SinkTable, is_name},
    sink::{AnySink, BlockingSink, SinkOptions},
};

/// The sinks that settings name; `stdout` if they name none and code brings none either.
pub(super) fn sinks(settings: &Settings, has_others: bool) -> Vec<NewSink> {
    let mut tables: Vec<_> = settings.core.sinks.iter().map(SinkTable::new).collect();
    tables.extend(settings.sinks.iter().cloned());
    if tables.is_empty() && !has_others {
        tables.push(SinkTable::new("stdout"));
    }
    // Settings hold no names but those of sinks.
    let made = tables.iter().filter_map(|table| make(table, settings));
    made.collect()
}

fn make(table: &SinkTable, settings: &Settings) -> Option<NewSink> {
    let mut sink = match SinkKind::named(&table.kind).ok()? {
        SinkKind::Stdout if settings.format.is_pretty() => NewSink::blocking(StdoutPretty::new()),
        SinkKind::Stdout | SinkKind::StdoutJson => NewSink::blocking(StdoutJson::new()),
        SinkKind::StdoutPretty => NewSink::blocking(StdoutPretty::new()),
        SinkKind::Stderr => NewSink::blocking(Stderr::new()),
        SinkKind::Null => NewSink::blocking(Null),
    };
    if let Some(name) = &table.name {
        sink.name = name.clone();
    }
    sink.options.pressure = table.pressure;
    Some(sink)
}

/// Two sinks must not have the same name: the books could not tell them apart.
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
