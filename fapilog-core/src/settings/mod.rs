//! Settings: one typed tree, read from the environment.
//!
//! | variable | setting | default |
//! |---|---|---|
//! | `FAPILOG_CORE__LOG_LEVEL` | least level, with exceptions by module: `info,my_app=debug` | `INFO` |
//! | `FAPILOG_CORE__QUEUE_BUDGET` | memory for events on their way | `20 MB` |
//! | `FAPILOG_CORE__PROTECTED_RESERVE` | more memory, for ERROR and above alone | `5 MB` |
//! | `FAPILOG_CORE__BACKPRESSURE_WAIT_MS` | how long a call of a plain thread waits when the queue is full | `50` |
//! | `FAPILOG_CORE__SHUTDOWN_TIMEOUT_SECONDS` | how long the final flush may take | `3` |
//! | `FAPILOG_CORE__ATEXIT_DRAIN_ENABLED` | the end of the process waits for the last events | `true` |
//! | `FAPILOG_CORE__ATEXIT_DRAIN_TIMEOUT_SECONDS` | how long it waits at most | `2` |
//! | `FAPILOG_CORE__CAPTURE_UNHANDLED_ENABLED` | log panics too, as CRITICAL | `false` |
//! | `FAPILOG_CORE__INTERNAL_LOGGING_ENABLED` | report each problem of fapilog itself, not each kind once | `false` |
//! | `FAPILOG_FORMAT` | what stdout gets: `auto`, `json` or `pretty`; see [`Format`] | `auto` |
//! | `FAPILOG_SERVICE` | `diagnostics.service` | `fapilog` |
//! | `FAPILOG_ENV` | `diagnostics.env` | `ENV`, else `dev` |
//! | `FAPILOG_VERSION` | `diagnostics.version` | left out |
//! | `RUST_LOG` | like `FAPILOG_CORE__LOG_LEVEL`, and weaker | unset |
//!
//! Sizes are a number with `B`, `KB`, `MB`, `GB`, each 1024 of the one before. Times are a number
//! of seconds, or one with a unit: `500ms`, `5s`, `1h`. Any other name that begins with `FAPILOG_`
//! is an error, as is a value that cannot be read: all problems are told at once.

mod env;
mod format;
mod preset;
mod problem;
mod size;
mod time;
mod tree;

pub(crate) use self::env::apply;
pub use self::{
    format::{Format, UnknownFormat},
    preset::{Preset, UnknownPreset},
    problem::Problem,
    tree::{CoreSettings, Settings},
};
