//! A sink of your own, over a file that is mapped into memory.
//!
//! `cargo run -p mmap_sink` appends two events to `events.jsonl`, or to the file that `EVENTS` names,
//! and shows all that are in it: run it again, and there are four.

use std::{
    env,
    error::Error,
    io::{Write, stdout},
    path::{Path, PathBuf},
    time::Duration,
};

use fapilog_core::{
    Batch, BatchError, BlockingSink, DrainReport, Event, LoggerBuilder, SinkError, info,
    mmap::{MemoryMappedPersistence, MemoryMappedReader, MmapMode, MmapSync},
};

fn main() -> Result<DrainReport, Box<dyn Error>> {
    let path = PathBuf::from(env::var_os("EVENTS").unwrap_or("events.jsonl".into()));
    let (log, pipeline) = LoggerBuilder::new().sink(MmapSink::new(&path)).build()?;
    info!(logger: log, order_id = 7, "order placed");
    info!(logger: log, order_id = 8, "order placed");
    let report = pipeline.shutdown_blocking(Duration::from_secs(3));
    for event in MemoryMappedReader::open(&path)? {
        stdout().write_all(&[&event?, b"\n".as_slice()].concat())?;
    }
    Ok(report)
}

/// Appends each event as a line: for `jq` now, and still there if the process is killed.
struct MmapSink {
    path: PathBuf,
    file: Option<MemoryMappedPersistence>,
}

impl MmapSink {
    fn new(path: &Path) -> Self {
        let path = path.to_owned();
        Self { path, file: None }
    }

    fn file(&mut self) -> Result<&mut MemoryMappedPersistence, SinkError> {
        self.file.as_mut().ok_or(SinkError::new("not started"))
    }
}

impl BlockingSink for MmapSink {
    fn name(&self) -> &str {
        "my_mmap"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn start(&mut self) -> Result<(), SinkError> {
        let options = MemoryMappedPersistence::options()
            .mode(MmapMode::Lines)
            .sync(MmapSync::Interval(Duration::from_secs(1)));
        self.file = Some(options.open(&self.path)?);
        Ok(())
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        Ok(self.file()?.append_line(event.to_json().as_bytes())?)
    }

    // All of a batch are there, or none: one answer is true of each.
    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        let lines: Vec<_> = batch.serialized().map(|view| view.data).collect();
        let appended = self.file()?.append_batch(&lines);
        appended.map_err(|error| BatchError::all(error.into()))
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        Ok(self.file()?.flush()?)
    }

    fn stop(&mut self) -> Result<(), SinkError> {
        Ok(self
            .file
            .take()
            .map_or(Ok(()), MemoryMappedPersistence::close)?)
    }
}
