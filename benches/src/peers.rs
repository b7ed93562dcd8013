//! The loggers as their users set them up, each writing JSON to a file of its own.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process,
    time::Duration,
};

use fapilog_core::{
    Batch, BatchError, BlockingSink, DrainReport, Event, Logger, LoggerBuilder, Pipeline, SinkError,
};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};

/// A file in the directory for temporary ones; removed with this value.
pub struct TempFile(PathBuf);

impl TempFile {
    fn create() -> (Self, File) {
        let path = env::temp_dir().join(format!("fapilog-benches-{}.log", process::id()));
        let file = File::create(&path).expect("the directory for temporary files takes a file");
        (Self(path), file)
    }

    pub fn lines(&self) -> u64 {
        let file = File::open(&self.0).expect("the file is there until it is dropped");
        BufReader::new(file).split(b'\n').count() as u64
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // Nothing depends on it.
        let _ = fs::remove_file(&self.0);
    }
}

/// What a logger leaves behind.
pub struct Finished {
    pub file: TempFile,
    /// Events that it says it has dropped.
    pub lost: u64,
}

pub struct Fapilog {
    pub log: Logger,
    pipeline: Pipeline,
    file: TempFile,
}

impl Fapilog {
    pub fn start(builder: LoggerBuilder) -> Self {
        let (temp, file) = TempFile::create();
        let built = builder.service("bench").sink(FileSink(file)).build();
        let (log, pipeline) = built.expect("the settings are the default ones, or valid");
        Self {
            log,
            pipeline,
            file: temp,
        }
    }

    pub fn finish(self) -> Finished {
        let report: DrainReport = self.pipeline.shutdown_blocking(Duration::from_secs(60));
        let stats = &report.stats;
        let refused = stats.refused.total();
        let delivered: u64 = stats.sinks.iter().map(|sink| sink.delivered).sum();
        let expected = stats.submitted + stats.generated - refused;
        assert_eq!(
            delivered, expected,
            "nothing is lost but at the call: {report}"
        );
        Finished {
            file: self.file,
            lost: refused,
        }
    }
}

struct FileSink(File);

impl BlockingSink for FileSink {
    fn name(&self) -> &str {
        "file"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        let line = event.to_json() + "\n";
        Ok(self.0.write_all(line.as_bytes())?)
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        for slice in batch.slices() {
            self.0.write_all(slice)?;
        }
        Ok(())
    }
}

/// tracing with the JSON format of tracing-subscriber and the thread of tracing-appender, as the
/// logger of the process.
pub struct Tracing {
    guard: WorkerGuard,
    errors: ErrorCounter,
    file: TempFile,
}

impl Tracing {
    pub fn start(lossy: bool) -> Self {
        let (temp, file) = TempFile::create();
        let (writer, guard) = NonBlockingBuilder::default().lossy(lossy).finish(file);
        let errors = writer.error_counter();
        tracing_subscriber::fmt()
            .json()
            .with_ansi(false)
            .with_max_level(tracing::Level::INFO)
            .with_writer(writer)
            .init();
        Self {
            guard,
            errors,
            file: temp,
        }
    }

    pub fn finish(self) -> Finished {
        drop(self.guard);
        Finished {
            file: self.file,
            lost: self.errors.dropped_lines() as u64,
        }
    }
}
