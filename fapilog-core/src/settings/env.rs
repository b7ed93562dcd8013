//! Settings from environment variables.

use std::{ffi::OsString, time::Duration};

use super::{format::Format, problem::Problem, size, time, tree::Settings};
use crate::filter::LevelFilter;

const PREFIX: &str = "FAPILOG_";

/// A variable: its name, the setting it stands for, and how to read it.
struct Variable {
    name: &'static str,
    key: &'static str,
    /// Sets the value; `Err` says what was expected, and shows a value that works.
    set: fn(&mut Settings, &str) -> Result<(), Expected>,
}

struct Expected {
    what: String,
    example: &'static str,
}

const VARIABLES: &[Variable] = &[
    Variable {
        name: "FAPILOG_CORE__LOG_LEVEL",
        key: "core.log_level",
        set: |settings, text| level(text).map(|level| settings.core.log_level = level),
    },
    Variable {
        name: "FAPILOG_CORE__QUEUE_BUDGET",
        key: "core.queue_budget",
        set: |settings, text| bytes(text).map(|bytes| settings.core.queue_budget = bytes),
    },
    Variable {
        name: "FAPILOG_CORE__PROTECTED_RESERVE",
        key: "core.protected_reserve",
        set: |settings, text| bytes(text).map(|bytes| settings.core.protected_reserve = bytes),
    },
    Variable {
        name: "FAPILOG_CORE__MAX_EVENT_BYTES",
        key: "core.max_event_bytes",
        set: |settings, text| bytes(text).map(|bytes| settings.core.max_event_bytes = bytes),
    },
    Variable {
        name: "FAPILOG_CORE__MAX_FIELDS",
        key: "core.max_fields",
        set: |settings, text| count(text).map(|count| settings.core.max_fields = count),
    },
    Variable {
        name: "FAPILOG_CORE__MAX_DEPTH",
        key: "core.max_depth",
        set: |settings, text| count(text).map(|count| settings.core.max_depth = count),
    },
    Variable {
        name: "FAPILOG_CORE__MAX_STRING_BYTES",
        key: "core.max_string_bytes",
        set: |settings, text| bytes(text).map(|bytes| settings.core.max_string_bytes = bytes),
    },
    Variable {
        name: "FAPILOG_CORE__BACKPRESSURE_WAIT_MS",
        key: "core.backpressure_wait_ms",
        set: |settings, text| millis(text).map(|time| settings.core.backpressure_wait = time),
    },
    Variable {
        name: "FAPILOG_CORE__DROP_ON_FULL",
        key: "core.drop_on_full",
        set: |settings, text| boolean(text).map(|drop| settings.core.drop_on_full = drop),
    },
    Variable {
        name: "FAPILOG_CORE__SHUTDOWN_TIMEOUT_SECONDS",
        key: "core.shutdown_timeout_seconds",
        set: |settings, text| seconds(text).map(|time| settings.core.shutdown_timeout = time),
    },
    Variable {
        name: "FAPILOG_CORE__ATEXIT_DRAIN_ENABLED",
        key: "core.atexit_drain_enabled",
        set: |settings, text| {
            boolean(text).map(|enabled| settings.core.atexit_drain_enabled = enabled)
        },
    },
    Variable {
        name: "FAPILOG_CORE__ATEXIT_DRAIN_TIMEOUT_SECONDS",
        key: "core.atexit_drain_timeout_seconds",
        set: |settings, text| seconds(text).map(|time| settings.core.atexit_drain_timeout = time),
    },
    Variable {
        name: "FAPILOG_CORE__CAPTURE_UNHANDLED_ENABLED",
        key: "core.capture_unhandled_enabled",
        set: |settings, text| {
            boolean(text).map(|enabled| settings.core.capture_unhandled_enabled = enabled)
        },
    },
    Variable {
        name: "FAPILOG_CORE__INTERNAL_LOGGING_ENABLED",
        key: "core.internal_logging_enabled",
        set: |settings, text| {
            boolean(text).map(|enabled| settings.core.internal_logging_enabled = enabled)
        },
    },
    Variable {
        name: "FAPILOG_FORMAT",
        key: "format",
        set: |settings, text| format(text).map(|format| settings.format = format),
    },
    Variable {
        name: "FAPILOG_SERVICE",
        key: "service",
        set: |settings, text| word(text).map(|text| settings.service = Some(text)),
    },
    Variable {
        name: "FAPILOG_ENV",
        key: "env",
        set: |settings, text| word(text).map(|text| settings.env = Some(text)),
    },
    Variable {
        name: "FAPILOG_VERSION",
        key: "version",
        set: |settings, text| word(text).map(|text| settings.version = Some(text)),
    },
];

/// Applies `RUST_LOG`, then every `FAPILOG_` variable; problems are collected, not thrown.
pub(crate) fn apply(
    settings: &mut Settings,
    variables: impl Iterator<Item = (OsString, OsString)>,
    problems: &mut Vec<Problem>,
) {
    let mut ours = Vec::new();
    for (name, value) in variables {
        let name = name.to_string_lossy().into_owned();
        let value = value.to_string_lossy().into_owned();
        if name == "RUST_LOG" && !value.is_empty() {
            match level(&value) {
                Ok(level) => settings.core.log_level = level,
                Err(expected) => {
                    problems.push(problem("core.log_level", &value, "RUST_LOG", &expected));
                }
            }
        } else if name.to_ascii_uppercase().starts_with(PREFIX) {
            ours.push((name, value));
        }
    }
    ours.sort();
    for (name, value) in ours {
        let upper = name.to_ascii_uppercase();
        match VARIABLES.iter().find(|variable| variable.name == upper) {
            None => problems.push(unknown(&upper)),
            Some(variable) => {
                if let Err(expected) = (variable.set)(settings, &value) {
                    problems.push(problem(variable.key, &value, variable.name, &expected));
                }
            }
        }
    }
}

fn problem(key: &str, value: &str, name: &str, expected: &Expected) -> Problem {
    let fix = format!("{name}={}", expected.example);
    Problem::new(key, value, name, expected.what.clone(), fix)
}

fn unknown(name: &str) -> Problem {
    let nearest = VARIABLES
        .iter()
        .map(|variable| (strsim::jaro_winkler(name, variable.name), variable.name))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let fix = match nearest {
        Some((likeness, nearest)) if likeness > 0.93 => format!("did you mean {nearest}?"),
        _ => format!("remove it; these are known: {}", names()),
    };
    Problem::unknown(name, "the environment", fix)
}

fn names() -> String {
    let names: Vec<_> = VARIABLES.iter().map(|variable| variable.name).collect();
    names.join(", ")
}

fn level(text: &str) -> Result<LevelFilter, Expected> {
    text.parse().map_err(|error| Expected {
        what: format!("a level, and levels by module; {error}"),
        example: "info,my_app=debug",
    })
}

fn bytes(text: &str) -> Result<usize, Expected> {
    size::parse(text).ok_or_else(|| Expected {
        what: "a size: a number, and B, KB, MB or GB".to_owned(),
        example: "\"20 MB\"",
    })
}

fn count(text: &str) -> Result<usize, Expected> {
    text.trim().parse().map_err(|_| Expected {
        what: "a whole number".to_owned(),
        example: "16",
    })
}

fn millis(text: &str) -> Result<Duration, Expected> {
    let millis = text.trim().parse().map(Duration::from_millis);
    millis.map_err(|_| Expected {
        what: "a whole number of milliseconds, 0 or more".to_owned(),
        example: "50",
    })
}

fn seconds(text: &str) -> Result<Duration, Expected> {
    time::parse(text).ok_or_else(|| Expected {
        what: "a time: a number of seconds, or one with a unit".to_owned(),
        example: "5s",
    })
}

fn boolean(text: &str) -> Result<bool, Expected> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(Expected {
            what: "true or false".to_owned(),
            example: "true",
        }),
    }
}

fn format(text: &str) -> Result<Format, Expected> {
    text.trim().parse().map_err(|_| Expected {
        what: "one of auto, json, pretty".to_owned(),
        example: "json",
    })
}

fn word(text: &str) -> Result<String, Expected> {
    match text.trim() {
        "" => Err(Expected {
            what: "a text that is not blank".to_owned(),
            example: "shop",
        }),
        word => Ok(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BuildError, Level};

    fn read(variables: &[(&str, &str)]) -> (Settings, Vec<Problem>) {
        let (mut settings, mut problems) = (Settings::default(), Vec::new());
        let variables = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        apply(&mut settings, variables, &mut problems);
        (settings, problems)
    }

    #[test]
    fn every_variable_changes_its_setting() {
        let values = [
            "debug", "1 MB", "64 KB", "2 KB", "9", "9", "1 KB", "7", "no", "500ms", "no", "5s",
            "yes", "yes", "pretty", "shop", "prod", "1.2.3",
        ];
        for (variable, value) in VARIABLES.iter().zip(values) {
            let (settings, problems) = read(&[(variable.name, value)]);
            assert!(problems.is_empty(), "{}: {problems:?}", variable.name);
            assert_ne!(settings, Settings::default(), "{}", variable.name);
        }
        assert_eq!(VARIABLES.len(), values.len());
    }

    #[test]
    fn our_level_wins_over_rust_log() {
        let (settings, _) = read(&[("FAPILOG_CORE__LOG_LEVEL", "error"), ("RUST_LOG", "trace")]);
        assert_eq!(settings.core.log_level, LevelFilter::new(Level::Error));
        let (settings, _) = read(&[("RUST_LOG", "trace")]);
        assert_eq!(settings.core.log_level, LevelFilter::new(Level::Trace));
    }

    #[test]
    fn all_problems_are_told_at_once_with_name_value_and_fix() {
        let (_, problems) = read(&[
            ("FAPILOG_CORE__QUEUE_BUDGET", "lots"),
            ("FAPILOG_CORE__LOG_LEVLE", "info"),
            ("FAPILOG_FORMAT", "xml"),
            ("FAPILOG_NO_SUCH_THING", "1"),
            ("PATH", "/bin"),
        ]);
        let text = BuildError::settings(problems).to_string();
        for part in [
            "4 problems",
            "core.queue_budget = \"lots\"  (from FAPILOG_CORE__QUEUE_BUDGET)",
            "fix: FAPILOG_CORE__QUEUE_BUDGET=\"20 MB\"",
            "did you mean FAPILOG_CORE__LOG_LEVEL?",
            "format = \"xml\"  (from FAPILOG_FORMAT)",
            "expected one of auto, json, pretty",
            "fix: FAPILOG_FORMAT=json",
            "FAPILOG_NO_SUCH_THING",
        ] {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }
}
