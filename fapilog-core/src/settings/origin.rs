//! Where settings came from.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use super::{Preset, Settings, tree::leaves};

/// Where the value of a setting came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nobody has set it.
    #[default]
    Default,
    /// From what the process finds around it.
    Detected(&'static str),
    /// From a preset.
    Preset(Preset),
    /// From a file.
    File {
        /// Which one.
        path: PathBuf,
        /// Where in it.
        line: usize,
    },
    /// From code.
    Code,
    /// From a variable of this name.
    Variable(String),
    /// From somebody else's configuration, which these settings are part of.
    Given,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::Detected(what) => f.write_str(what),
            Origin::Preset(preset) => write!(f, "preset {}", preset.name()),
            Origin::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Origin::Code => f.write_str("builder"),
            Origin::Variable(name) => write!(f, "{}", name.escape_debug()),
            Origin::Given => f.write_str("what is given"),
        }
    }
}

/// Where settings came from, but for those that nobody has set.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins(pub(super) BTreeMap<&'static str, Origin>);

impl Origins {
    pub(super) fn of(&self, key: &str) -> Origin {
        self.0.get(key).cloned().unwrap_or_default()
    }
}

/// A setting, its value, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explained {
    /// Its path in the tree.
    pub key: &'static str,
    /// Its value as text; of a secret, `**REDACTED**`.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}  ({})", self.key, self.value, self.origin)
    }
}

impl Settings {
    /// Where the value of this setting came from.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.of(key)
    }

    /// Every setting with its value, and where that came from. Secrets are masked.
    pub fn explain(&self) -> Vec<Explained> {
        let explain = |leaf: &super::leaf::Leaf| Explained {
            key: leaf.key,
            value: leaf.shown(self),
            origin: self.origins.of(leaf.key),
        };
        leaves().map(explain).collect()
    }
}
