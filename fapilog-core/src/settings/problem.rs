//! What is wrong with a setting, and how to mend it.

use std::fmt;

use serde_json::Value as Json;

use super::{Origin, Settings, kind::Refused, leaf::Leaf};
use crate::sensitive::MASK;

/// One problem of the configuration: what, where from, what was expected, and the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    key: String,
    value: Option<String>,
    source: String,
    expected: String,
    fix: String,
}

impl Problem {
    pub(crate) fn new(
        key: &str,
        value: impl fmt::Display,
        source: impl fmt::Display,
        expected: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            key: key.to_owned(),
            value: Some(value.to_string()),
            source: source.to_string(),
            expected: expected.into(),
            fix: fix.into(),
        }
    }

    /// A value that cannot be read, or cannot work.
    pub(super) fn refused(leaf: &Leaf, given: &Json, origin: &Origin, refused: Refused) -> Self {
        let value = match given {
            _ if leaf.kind.may_hold_secrets() => MASK.to_owned(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut expected = leaf.kind.expected();
        if !refused.0.is_empty() {
            expected = format!("{expected}; {}", refused.0);
        }
        Self::new(leaf.key, value, origin, expected, fix(leaf, origin))
    }

    /// A setting of something that is not there yet.
    pub(super) fn pending(key: &str, part: &str, origin: &Origin) -> Self {
        Self {
            value: None,
            ..Self::new(
                key,
                "",
                origin,
                format!("a setting of what is there; {part} is not built yet"),
                "remove it",
            )
        }
    }

    /// A setting that there is not, or a name that is not a setting's.
    pub(super) fn unknown(key: &str, origin: &Origin, expected: &str, fix: String) -> Self {
        Self {
            value: None,
            ..Self::new(key, "", origin, expected, fix)
        }
    }

    /// The setting, or the name that was taken for one.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where the value came from: the name of a variable, a file and a line, or `builder`.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// What works, as it is written where the value came from.
fn fix(leaf: &Leaf, origin: &Origin) -> String {
    let example = leaf.kind.example();
    match origin {
        Origin::Variable(name) => format!("{name}={example}"),
        Origin::File { .. } => {
            let (group, name) = leaf.key.rsplit_once('.').unwrap_or(("", leaf.key));
            let place = match group {
                "" => String::new(),
                group => format!(" in [{group}]"),
            };
            format!("{name} = {}{place}", in_toml(leaf, &example))
        }
        _ => format!("such as {example}"),
    }
}

/// The example as a value of TOML.
fn in_toml(leaf: &Leaf, example: &str) -> String {
    let mut settings = Settings::default();
    match (leaf.set)(&mut settings, &Json::from(example)) {
        Ok(()) => toml((leaf.get)(&settings)),
        // Of a secret there is none.
        Err(_) => format!("{example:?}"),
    }
}

fn toml(value: Json) -> String {
    match value {
        Json::Object(entries) => {
            let entry = |(key, value): (String, Json)| format!("{key} = {}", toml(value));
            let entries: Vec<_> = entries.into_iter().map(entry).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Json::Array(items) => {
            let items: Vec<_> = items.into_iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        // JSON's are TOML's too.
        other => other.to_string(),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} = {value:?}", self.key)?,
            // It may be anything that somebody took for a name.
            None => write!(f, "{}", self.key.escape_debug())?,
        }
        write!(
            f,
            "  (from {})\n     expected {}\n     fix: {}\n",
            self.source, self.expected, self.fix
        )
    }
}
