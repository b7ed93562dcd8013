//! Events on stdout.

use std::io::Write;

use super::{BlockingSink, SerializedView};
use crate::{
    error::SinkError,
    event::Event,
    lane::{Batch, BatchError},
};

/// Writes events to stdout, one JSON object a line.
///
/// The books call it `stdout_json`. It is the sink of a pipeline that names none.
///
/// ```json
/// {"schema_version":"1.1","timestamp":"2026-01-15T10:30:00.123Z","level":"INFO","message":"order placed", …}
/// ```
///
/// **Delivered** means that `write(2)` took the whole line; what reads stdout may still lose it.
/// One `write(2)` carries up to 64 KiB of whole lines. Other users of stdout are never locked out
/// while a write waits, and lines are never cut by theirs as long as they write whole lines.
///
/// | failure | what happens |
/// |---|---|
/// | the reader is slow | this sink's thread waits; the backlog grows within the memory budget |
/// | the reader is gone, the disk full | the events of the batch are dropped, `sink_failed`; the next batch tries again |
#[derive(Debug)]
pub struct StdoutJson {
    out: Out,
}

/// A handle of our own: the one of `std` is locked while a write waits, and buffers.
#[cfg(unix)]
type Out = Option<std::fs::File>;
#[cfg(not(unix))]
type Out = Option<std::io::Stdout>;

impl StdoutJson {
    /// Writes to the stdout of the process as it is when the pipeline starts.
    pub fn new() -> Self {
        Self { out: None }
    }

    #[cfg(unix)]
    fn open() -> std::io::Result<std::fs::File> {
        use std::os::fd::AsFd;
        let own = std::io::stdout().as_fd().try_clone_to_owned()?;
        Ok(own.into())
    }

    #[cfg(not(unix))]
    fn open() -> std::io::Result<std::io::Stdout> {
        Ok(std::io::stdout())
    }

    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let out = self.out.as_mut();
        let out = out.ok_or_else(|| std::io::Error::other("stdout is not open"))?;
        out.write_all(bytes)
    }
}

impl Default for StdoutJson {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockingSink for StdoutJson {
    fn name(&self) -> &str {
        "stdout_json"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn start(&mut self) -> Result<(), SinkError> {
        self.out = Some(Self::open()?);
        Ok(())
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        let line = event.to_json() + "\n";
        Ok(self.write_all(line.as_bytes())?)
    }

    fn write_serialized(&mut self, view: SerializedView<'_>) -> Result<(), SinkError> {
        Ok(self.write_all(&[view.data, b"\n"].concat())?)
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        for slice in batch.slices() {
            self.write_all(slice)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let out = self.out.as_mut();
        Ok(out.map_or(Ok(()), Write::flush)?)
    }
}
