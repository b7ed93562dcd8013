//! Presets: settings under a name.

use std::{error::Error, fmt, str::FromStr, time::Duration};

use super::{
    CoreSettings, FileSettings, Format, RedactorKind, Settings, groups::MIB, kind::Choice,
};
use crate::{Level, filter::LevelFilter};

/// Settings under a name: a place to begin from, weaker than whatever else is set.
///
/// | preset | settings |
/// |---|---|
/// | `dev` | DEBUG and above, for people, nothing redacted, each problem of fapilog reported |
/// | `production` | INFO and above, as JSON, [credentials and what identifies persons](crate::redact) masked; files, if there are any, of 50 MiB, the last ten of them kept, compressed with the feature `gzip` |
/// | `axum` | the same for web services: JSON or lines for people as stdout is, panics become responses |
/// | `serverless` | `production` with 25 events a batch and a drain of 2 s |
/// | `hardened` | `production`, and data of patients and cards masked, whole bodies blocked, what looks like a secret masked in any text; calls wait rather than lose an event; where no sink is named, a [file](crate::RotatingFile) in `./logs` beside stdout |
/// | `minimal` | the defaults, with nothing redacted |
///
/// The circuit breaker of `production` comes with the part that it is of.
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

    /// The keys that it sets, be it to what they are by default.
    pub(super) fn sets(self) -> &'static [&'static str] {
        &["core.log_level", "core.redactors", "format"]
    }

    /// Changes settings to its own.
    pub(super) fn apply(self, settings: &mut Settings) {
        settings.core.log_level = LevelFilter::new(Level::Info);
        settings.format = Format::Auto;
        match self {
            Preset::Dev => {
                settings.core.redactors.clear();
                settings.core.log_level = LevelFilter::new(Level::Debug);
                settings.core.internal_logging_enabled = true;
                settings.format = Format::Pretty;
            }
            Preset::Minimal => settings.core.redactors.clear(),
            Preset::Production => {
                settings.format = Format::Json;
                keep_files(&mut settings.sink_config.rotating_file);
            }
            Preset::Axum => settings.axum.catch_panics = true,
            Preset::Serverless => {
                settings.format = Format::Json;
                settings.core.batch_max_size = 25;
                settings.core.shutdown_timeout = Duration::from_secs(2);
            }
            Preset::Hardened => {
                settings.format = Format::Json;
                settings.core.drop_on_full = false;
                let file = &mut settings.sink_config.rotating_file;
                file.directory = Some("./logs".into());
                keep_files(file);
            }
        }
        self.redact(&mut settings.core);
    }

    fn redact(self, core: &mut CoreSettings) {
        use RedactorKind::{FieldBlocker, FieldMask, RegexMask, UrlCredentials, ValuePatterns};
        if matches!(self, Preset::Dev | Preset::Minimal) {
            return;
        }
        core.redactors = vec![FieldMask, RegexMask, UrlCredentials];
        core.redaction_presets = ["CREDENTIALS", "PII_CORE"].map(str::to_owned).to_vec();
        if self == Preset::Hardened {
            core.redactors.extend([FieldBlocker, ValuePatterns]);
            let more = ["HIPAA_PHI", "PCI_DSS"].map(str::to_owned);
            core.redaction_presets.extend(more);
        }
    }
}

/// Lets files grow large, and keeps a number of old ones, compressed if that is built in.
fn keep_files(file: &mut FileSettings) {
    file.max_bytes = 50 * MIB;
    file.max_files = Some(10);
    file.compress_rotated = cfg!(feature = "gzip");
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
