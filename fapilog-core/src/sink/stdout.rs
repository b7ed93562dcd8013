//! Events on stdout, as JSON.

use super::console::{Console, Stream, json_lines};

/// Writes events to stdout, one JSON object a line.
///
/// The books call it `stdout_json`. It is the sink of a pipeline that names none, unless stdout is
/// a terminal: then that is [`StdoutPretty`](super::StdoutPretty). See
/// [`Format`](crate::settings::Format).
///
/// ```json
/// {"schema_version":"1.1","timestamp":"2026-01-15T10:30:00.123Z","level":"INFO","message":"order placed", …}
/// ```
///
/// # Minimal setup
///
/// ```
/// use fapilog_core::{LoggerBuilder, StdoutJson};
///
/// let (log, pipeline) = LoggerBuilder::new().sink(StdoutJson::new()).build()?;
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
///
/// # Delivery
///
/// **Delivered** means that `write(2)` took the whole line; what reads stdout may still lose it.
/// One `write(2)` carries up to 64 KiB of whole lines. Short and interrupted writes are continued.
/// Nothing is tried again after an error.
///
/// The sink holds stdout by a handle of its own, made when the pipeline starts: `print!` is never
/// locked out while a write waits, and stdout may be closed or redirected later. A pipe that is
/// full takes a write in parts, and then lines of other writers may stand between the parts.
///
/// # Failures
///
/// | failure | what happens |
/// |---|---|
/// | the reader is slow or hangs | this sink's thread waits, on a non-blocking stdout too; the backlog grows within the memory budget |
/// | the reader is gone (`EPIPE`), the disk full (`ENOSPC`), stdout not writable (`EBADF`) | events that were written to their last byte are delivered, the others of the batch dropped, `sink_failed`; the next batch tries again |
/// | a line was cut by that | the next batch begins with a line break |
/// | stdout closed while the process runs, before the pipeline starts | the sink does not start: all events are dropped, `sink_failed` |
/// | stdout closed before the process starts (`>&-`) | Rust's runtime opens `/dev/null` in its place: events are delivered there |
///
/// Rust's runtime ignores `SIGPIPE`, so a reader that goes is an error and not the end of the
/// process; a program whose `main` is not Rust's has to ignore it itself.
///
/// # Limits and counters
///
/// None of its own: an event is as long as the pipeline lets it be. Its figures stand under
/// `stdout_json` in [`Stats::sinks`](crate::Stats::sinks).
#[derive(Debug)]
pub struct StdoutJson {
    console: Console,
}

impl StdoutJson {
    /// Writes to the stdout of the process as it is when the pipeline starts.
    pub fn new() -> Self {
        Self {
            console: Console::new(Stream::Stdout),
        }
    }
}

impl Default for StdoutJson {
    fn default() -> Self {
        Self::new()
    }
}

json_lines!(StdoutJson, "stdout_json");
