//! Events on stderr, as JSON.

use super::console::{Console, Stream, json_lines};

/// Writes events to stderr, one JSON object a line, for programs whose stdout is their result.
///
/// The books call it `stderr`. What fapilog has to say about itself stands between the events, on
/// lines of its own, which have no `schema_version`.
///
/// ```json
/// {"schema_version":"1.1","timestamp":"2026-01-15T10:30:00.123Z","level":"INFO","message":"order placed", …}
/// ```
///
/// # Minimal setup
///
/// ```
/// use fapilog_core::{LoggerBuilder, Stderr};
///
/// let (log, pipeline) = LoggerBuilder::new().sink(Stderr::new()).build()?;
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
///
/// # Delivery, failures, limits and counters
///
/// Those of [`StdoutJson`](super::StdoutJson), with stderr in the place of stdout; its figures
/// stand under `stderr` in [`Stats::sinks`](crate::Stats::sinks).
#[derive(Debug)]
pub struct Stderr {
    console: Console,
}

impl Stderr {
    /// Writes to the stderr of the process as it is when the pipeline starts.
    pub fn new() -> Self {
        Self {
            console: Console::new(Stream::Stderr),
        }
    }
}

impl Default for Stderr {
    fn default() -> Self {
        Self::new()
    }
}

json_lines!(Stderr, "stderr");
