//! fapilog with a sink that writes its batches, and the request id in a scope.

use std::{io::Write, time::Duration};

use fapilog_core::{
    Batch, BatchError, BlockingSink, DrainReport, Event, Logger, LoggerBuilder, Pipeline,
    SinkError, context::Scope,
};

use super::{Finished, Overflow, Peer};
use crate::{
    event::{REQUEST_ID, Sample},
    output::{Arrived, Output, Writer},
};

pub struct Fapilog {
    pub log: Logger,
    pub pipeline: Pipeline,
    arrived: Arrived,
}

/// As a service would have it: with redaction.
pub fn production() -> LoggerBuilder {
    LoggerBuilder::new().with_preset("production")
}

/// Settings with which no event is lost for want of room.
pub fn lossless() -> LoggerBuilder {
    production().drop_on_full(false)
}

impl Fapilog {
    pub fn with(builder: LoggerBuilder, output: Output) -> Self {
        let (writer, arrived) = output.open();
        let sink = WriterSink::new("file", writer);
        Self::with_sinks(builder.sink(sink), arrived)
    }

    /// With sinks that the builder already has.
    pub fn with_sinks(builder: LoggerBuilder, arrived: Arrived) -> Self {
        let built = builder.service("bench").build();
        let (log, pipeline) = built.expect("the settings are the default ones, or valid");
        Self {
            log,
            pipeline,
            arrived,
        }
    }

    /// Ends it, with what arrived and what it says of it.
    pub fn shutdown(self, deadline: Duration) -> (Arrived, DrainReport) {
        let report = self.pipeline.shutdown_blocking(deadline);
        (self.arrived, report)
    }
}

impl Peer for Fapilog {
    /// The scope that is entered says where to.
    type Handle = ();

    fn start(overflow: Overflow, output: Output) -> Self {
        let builder = match overflow {
            Overflow::Default => production(),
            Overflow::Wait => lossless(),
            Overflow::Drop => production().backpressure_wait(Duration::ZERO),
        };
        Self::with(builder, output)
    }

    fn request<R>(&self, work: impl FnOnce(&()) -> R) -> R {
        let scope = Scope::new(&self.log, [("request_id", REQUEST_ID)]);
        let _entered = scope.enter();
        work(&())
    }

    #[inline(never)]
    fn log(_: &(), sample: &Sample) {
        fapilog_core::info!(
            method = sample.method,
            path = sample.path,
            status = sample.status,
            latency_ms = sample.latency_ms,
            user_id = sample.user_id,
            bytes = sample.bytes,
            region = sample.region,
            "request completed"
        );
    }

    #[inline]
    fn log_disabled(_: &(), sample: &Sample) {
        fapilog_core::debug!(
            method = sample.method,
            path = sample.path,
            status = sample.status,
            latency_ms = sample.latency_ms,
            user_id = sample.user_id,
            bytes = sample.bytes,
            region = sample.region,
            "request completed"
        );
    }

    fn finish(self) -> Finished {
        let (arrived, report) = self.shutdown(Duration::from_secs(60));
        let stats = &report.stats;
        let refused = stats.refused.total();
        // Each sink has all of it.
        for sink in &stats.sinks {
            let expected = stats.submitted + stats.generated - refused;
            assert_eq!(sink.delivered, expected, "lost only at calls: {report}");
        }
        Finished {
            arrived,
            lost: refused,
        }
    }
}

/// Writes each batch as it is.
pub struct WriterSink {
    name: String,
    writer: Writer,
}

impl WriterSink {
    pub fn new(name: impl Into<String>, writer: Writer) -> Self {
        Self {
            name: name.into(),
            writer,
        }
    }
}

impl BlockingSink for WriterSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        let line = event.to_json() + "\n";
        Ok(self.writer.write_all(line.as_bytes())?)
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        for slice in batch.slices() {
            self.writer.write_all(slice)?;
        }
        Ok(())
    }
}
