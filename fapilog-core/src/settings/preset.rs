//! Presets: settings under a name.

use std::{error::Error, fmt, str::FromStr};

use super::{Format, Settings, kind::Choice};
use crate::{Level, filter::LevelFilter};

/// Settings under a name: a place to begin from, weaker than whatever else is set.
///
/// | preset | settings |
/// |---|---|
/// | `dev` | DEBUG and above, for people, each problem of fapilog reported |
/// | `axum` | for web services: INFO and above, JSON or lines for people as stdout is, panics become responses |
/// | `minimal` | the defaults |
/// | `production`, `serverless`, `hardened` | refused until redaction is built, which they promise |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preset {
    /// For work on the service.
    Dev,
    /// For services that read their logs from stdout.
    Production,
    /// For services built on axum.
    Axum,
    /// For functions that live for a request.
    Serverless,
    /// For services that may lose nothing and show nothing.
    Hardened,
    /// The defaults.
    Minimal,
}

impl Choice for Preset {
    const ALL: &'static [(&'static str, Self)] = &[
        ("dev", Preset::Dev),
        ("axum", Preset::Axum),
        ("production", Preset::Production),
        ("serverless", Preset::Serverless),
        ("hardened", Preset::Hardened),
        ("minimal", Preset::Minimal),
    ];
}

impl Preset {
    /// All presets.
    pub const ALL: [Preset; 6] = [
        Preset::Dev,
        Preset::Production,
        Preset::Axum,
        Preset::Serverless,
        Preset::Hardened,
        Preset::Minimal,
    ];

    /// The name of the preset.
    pub fn name(self) -> &'static str {
        let found = <Self as Choice>::ALL.iter().find(|(_, it)| *it == self);
        found.map_or("", |(name, _)| name)
    }

    /// What it promises and is not built yet.
    pub(super) fn missing(self) -> Option<&'static str> {
        match self {
            Preset::Production | Preset::Serverless | Preset::Hardened => Some("redaction"),
            Preset::Dev | Preset::Axum | Preset::Minimal => None,
        }
    }

    /// The keys that it sets, be it to what they are by default.
    pub(super) fn sets(self) -> &'static [&'static str] {
        &["core.log_level", "format"]
    }

    /// Changes settings to its own.
    pub(super) fn apply(self, settings: &mut Settings) {
        settings.core.log_level = LevelFilter::new(Level::Info);
        settings.format = Format::Auto;
        match self {
            Preset::Dev => {
                settings.core.log_level = LevelFilter::new(Level::Debug);
                settings.core.internal_logging_enabled = true;
                settings.format = Format::Pretty;
            }
            Preset::Axum => settings.axum.catch_panics = true,
            Preset::Production | Preset::Serverless | Preset::Hardened => {
                settings.format = Format::Json;
            }
            Preset::Minimal => {}
        }
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    /// Reads the name of a preset, in any case.
    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        let mut presets = Self::ALL.into_iter();
        presets
            .find(|preset| preset.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownPreset(name.to_owned()))
    }
}

/// A name that is not a preset's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPreset(String);

impl fmt::Display for UnknownPreset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Preset::ALL.iter().map(|preset| preset.name()).collect();
        let name = &self.0;
        write!(f, "unknown preset {name:?}; there is {}", names.join(", "))
    }
}

impl Error for UnknownPreset {}
