//! Presets: settings under a name.

use std::{error::Error, fmt, str::FromStr};

use super::Settings;

/// Settings under a name.
///
/// | preset | settings |
/// |---|---|
/// | `axum` | the defaults, for a web service: events on stdout, INFO and above |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preset {
    /// For services built on axum.
    Axum,
}

impl Preset {
    /// All presets.
    pub const ALL: [Preset; 1] = [Preset::Axum];

    /// The name of the preset.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Axum => "axum",
        }
    }

    pub(crate) fn settings(self) -> Settings {
        match self {
            Preset::Axum => Settings::default(),
        }
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        let mut presets = Self::ALL.into_iter();
        presets
            .find(|preset| preset.name() == name)
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
