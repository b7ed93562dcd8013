//! The names of sinks in settings.

use serde_json::{Value as Json, json};

use super::kind::{Describe, Kind, Names, Refused};

/// A sink that settings can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SinkKind {
    Stdout,
    StdoutJson,
    StdoutPretty,
    Stderr,
    Null,
    RotatingFile,
    #[cfg(feature = "http")]
    Http,
    #[cfg(feature = "webhook")]
    Webhook,
}

/// The names of sinks, some of which have several.
const READY: &[(&str, SinkKind)] = &[
    ("stdout", SinkKind::Stdout),
    ("stdout_json", SinkKind::StdoutJson),
    ("stdout_pretty", SinkKind::StdoutPretty),
    ("stderr", SinkKind::Stderr),
    ("null", SinkKind::Null),
    ("rotating_file", SinkKind::RotatingFile),
    #[cfg(feature = "http")]
    ("http", SinkKind::Http),
    #[cfg(feature = "webhook")]
    ("webhook", SinkKind::Webhook),
    ("console", SinkKind::Stdout),
    ("json", SinkKind::StdoutJson),
    ("pretty", SinkKind::StdoutPretty),
    ("file", SinkKind::RotatingFile),
];

/// How many of these stand for themselves: the others are short for one of them.
const OWN_NAMES: usize = 6 + cfg!(feature = "http") as usize + cfg!(feature = "webhook") as usize;

/// Sinks that are not compiled in, and the feature that each needs.
const ABSENT: &[(&str, &str)] = &[
    #[cfg(not(feature = "http"))]
    ("http", "http"),
    #[cfg(not(feature = "webhook"))]
    ("webhook", "webhook"),
];

/// Names of sinks that are not built yet.
const PENDING: [&str; 4] = ["loki", "cloudwatch", "postgres", "postgresql"];

impl SinkKind {
    /// The sink of this name, in any case, with `-` or `_`; else what is wrong with it.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        let plain = name.trim().to_ascii_lowercase().replace('-', "_");
        let found = READY.iter().find(|(known, _)| *known == plain);
        let absent = ABSENT.iter().find(|(known, _)| *known == plain);
        match (found, absent) {
            (Some((_, kind)), _) => Ok(*kind),
            (None, Some((name, feature))) => Err(format!(
                "the sink {name} needs the feature {feature:?} of fapilog-core"
            )),
            _ if PENDING.contains(&plain.as_str()) => {
                Err(format!("the sink {plain} is not built yet"))
            }
            _ => Err(format!("there is no sink {name:?}")),
        }
    }
}

/// A list of the names of sinks.
pub(super) struct SinkNames;

const NAMES: Names = Names {
    example: "stdout_json,stderr",
};

impl Describe for SinkNames {
    fn expected(&self) -> String {
        let names = READY.iter().take(OWN_NAMES).map(|(name, _)| *name);
        let names = names.collect::<Vec<_>>().join(", ");
        format!("names of sinks ({names}): JSON, or joined with commas")
    }

    fn example(&self) -> String {
        NAMES.example()
    }

    fn schema(&self) -> Json {
        let names: Vec<_> = READY.iter().map(|(name, _)| name).collect();
        json!({ "type": "array", "items": { "enum": names } })
    }
}

impl Kind for SinkNames {
    type Value = Vec<String>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let names = NAMES.read(given)?;
        let mut seen = Vec::new();
        for name in &names {
            let kind = SinkKind::named(name).map_err(Refused)?;
            if seen.contains(&kind) {
                return Err(Refused(format!("{name:?} stands there twice")));
            }
            seen.push(kind);
        }
        Ok(names)
    }

    fn show(&self, value: &Self::Value) -> Json {
        NAMES.show(value)
    }
}

/// Whether a sink may be called so: the name stands in reports, and as that of a thread.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && !name.chars().any(char::is_control)
}

#[cfg(all(test, not(feature = "webhook")))]
mod tests {
    use crate::LoggerBuilder;

    #[test]
    fn without_the_feature_no_webhook_is_called() {
        let named = ("FAPILOG_CORE__SINKS", "stdout,webhook");
        let built = LoggerBuilder::new().env_vars([named]).build();
        let problems = built.err().unwrap().to_string();
        assert!(problems.contains("the feature \"webhook\""), "{problems}");
    }

    #[cfg(not(feature = "http"))]
    #[test]
    fn without_the_feature_no_sink_posts_events() {
        let endpoint = ("FAPILOG_HTTP__ENDPOINT", "https://logs.example.com");
        for variable in [("FAPILOG_CORE__SINKS", "stdout,http"), endpoint] {
            let built = LoggerBuilder::new().env_vars([variable]).build();
            let problems = built.err().unwrap().to_string();
            assert!(problems.contains("the feature \"http\""), "{problems}");
        }
    }
}
