//! Settings: one typed tree, and the sources that fill it.
//!
//! Weakest first:
//!
//! 1. the defaults,
//! 2. what the process finds around it: the variable `ENV`, a pod of Kubernetes, and a terminal at stdout, which makes
//!    the level DEBUG unless a preset says otherwise,
//! 3. the [preset](Preset): of `FAPILOG_PRESET`, else of code, else of the file,
//! 4. `RUST_LOG`, for the level alone,
//! 5. the file that `FAPILOG_CONFIG` or [code](crate::LoggerBuilder::config_file) names, in TOML (feature
//!    `toml`),
//! 6. code,
//! 7. the variables of the environment that begin with `FAPILOG_`, so that a running deployment can
//!    be changed without a build; what they change of code's settings is reported once. One that is
//!    empty is as good as none.
//!
//! The environment has a say for the process-wide pipeline; others ask for it with
//! [`LoggerBuilder::env`](crate::LoggerBuilder::env). [`Settings::explain`] tells each value and
//! where it came from, [`Settings::reference`] all there is.
//!
//! A variable is named like the path of its setting: `core.log_level` is `FAPILOG_CORE__LOG_LEVEL`.
//! Sizes are a number with `B`, `KB`, `MB`, `GB`, each 1024 of the one before. Times are a number of
//! seconds, or one with a unit: `500ms`, `5s`, `1h`, `2d`. Lists and maps stand in a variable as
//! JSON, or joined with commas: `a,b` and `a=1,b=2`. A secret is also read from the file that its
//! variable with `_FILE` at the end names.
//!
//! A name that is no setting is an error, as is a value that cannot be read or cannot work, and a
//! setting of something that is not built yet: nothing is accepted and then ignored, and all
//! problems are told at once.

mod env;
#[cfg(feature = "toml")]
mod file;
mod format;
mod groups;
mod kind;
mod leaf;
mod merge;
mod names;
mod origin;
mod pending;
mod preset;
mod problem;
mod reference;
mod serde;
mod sinks;
mod sources;
mod stages;
mod strength;
mod tables;
mod tree;
mod variable;

pub(crate) use self::{
    env::Variables,
    kind::read_size,
    sinks::{SinkKind, is_name},
    sources::{Change, Resolved, Sources},
    stages::{ENRICHERS, FILTERS, PROCESSORS},
};
pub use self::{
    format::{Format, UnknownFormat},
    groups::*,
    kind::RoutingRule,
    origin::{Explained, Origin},
    preset::{Preset, UnknownPreset},
    problem::Problem,
    reference::Setting,
    tables::SinkTable,
    tree::{EnricherConfig, FilterConfig, ProcessorConfig, RedactorConfig, Settings, SinkConfig},
};
