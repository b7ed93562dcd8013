//! The names of stages in settings, and the paths of what they look at.

use serde_json::{Value as Json, json};

use super::kind::{Describe, Kind, Names, Refused, Text};
use crate::filter::EventPath;

/// A list of the names of stages of one kind. Each is read in any case, with `-` or `_`.
pub(crate) struct StageNames {
    what: &'static str,
    /// In the order in which they are told.
    known: &'static [&'static str],
    /// Other names, and which of those they stand for.
    aliases: &'static [(&'static str, &'static str)],
    /// Names of the original that are none here, and why.
    refused: &'static [(&'static str, &'static str)],
    example: &'static str,
}

/// The names of enrichers.
pub(crate) const ENRICHERS: StageNames = StageNames {
    what: "enricher",
    known: &["runtime_info", "context_vars", "kubernetes", "host"],
    aliases: &[("k8s", "kubernetes")],
    refused: &[],
    example: "runtime_info,context_vars,host",
};

/// The names of filters.
pub(crate) const FILTERS: StageNames = StageNames {
    what: "filter",
    known: &[
        "sampling",
        "adaptive_sampling",
        "trace_sampling",
        "rate_limit",
        "first_occurrence",
    ],
    aliases: &[],
    refused: &[(
        "level",
        "core.log_level always holds, whatever filters there are",
    )],
    example: "trace_sampling,rate_limit",
};

/// The names of processors.
pub(crate) const PROCESSORS: StageNames = StageNames {
    what: "processor",
    known: &["size_guard", "zero_copy"],
    aliases: &[],
    refused: &[],
    example: "size_guard",
};

impl StageNames {
    /// All of them.
    pub(crate) fn known(&self) -> &'static [&'static str] {
        self.known
    }

    /// The stage of this name; else what is wrong with it.
    pub(crate) fn named(&self, name: &str) -> Result<&'static str, String> {
        let plain = name.trim().to_ascii_lowercase().replace('-', "_");
        let alias = self.aliases.iter().find(|(alias, _)| *alias == plain);
        let plain = alias.map_or(&*plain, |(_, name)| name);
        let refused = self.refused.iter().find(|(it, _)| *it == plain);
        let known = self.known.iter().find(|it| **it == plain);
        known.copied().ok_or_else(|| match refused {
            Some((name, reason)) => format!("{name} needs no {}: {reason}", self.what),
            None => format!("there is no {} {name:?}", self.what),
        })
    }
}

impl Describe for StageNames {
    fn expected(&self) -> String {
        let (what, known) = (self.what, self.known.join(", "));
        format!("names of {what}s ({known}): JSON, or joined with commas")
    }

    fn example(&self) -> String {
        self.example.to_owned()
    }

    fn schema(&self) -> Json {
        let aliases = self.aliases.iter().map(|(alias, _)| alias);
        let names: Vec<_> = self.known.iter().chain(aliases).collect();
        json!({ "type": "array", "items": { "enum": names } })
    }
}

impl Kind for StageNames {
    type Value = Vec<String>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let names = Names { example: "" }.read(given)?;
        let mut seen = Vec::new();
        for name in &names {
            let stage = self.named(name).map_err(Refused)?;
            if seen.contains(&stage) {
                return Err(Refused(format!("{name:?} stands there twice")));
            }
            seen.push(stage);
        }
        Ok(names)
    }

    fn show(&self, value: &Self::Value) -> Json {
        json!(value)
    }
}

/// The path of a value in an event.
pub(super) struct Path;

impl Describe for Path {
    fn expected(&self) -> String {
        "the path of a value in an event: message, context.user_id, data.order.id".to_owned()
    }

    fn example(&self) -> String {
        "context.user_id".to_owned()
    }

    fn schema(&self) -> Json {
        Text.schema()
    }
}

impl Kind for Path {
    type Value = EventPath;

    fn read(&self, given: &Json) -> Result<EventPath, Refused> {
        let path = Text.read(given)?;
        path.parse().map_err(|error| Refused(format!("{error}")))
    }

    fn show(&self, value: &EventPath) -> Json {
        json!(value.to_string())
    }
}

/// Paths of values in events.
pub(super) struct Paths {
    pub(super) example: &'static str,
}

impl Describe for Paths {
    fn expected(&self) -> String {
        "paths of values in an event: JSON, or joined with commas".to_owned()
    }

    fn example(&self) -> String {
        self.example.to_owned()
    }

    fn schema(&self) -> Json {
        Names { example: "" }.schema()
    }
}

impl Kind for Paths {
    type Value = Vec<EventPath>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let paths = Names { example: "" }.read(given)?;
        let paths = paths.iter().map(|path| Path.read(&json!(path)));
        paths.collect()
    }

    fn show(&self, value: &Self::Value) -> Json {
        value.iter().map(|path| path.to_string()).collect()
    }
}
