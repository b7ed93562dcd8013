//! OpenTelemetry's batches of log records, with an exporter that does nothing: the SDK makes no
//! JSON and writes no file. It has no context but traces, so the request id is an attribute.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    logs::{LogBatch, LogExporter, SdkLogger, SdkLoggerProvider},
};

use super::{Finished, Overflow, Peer};
use crate::{
    event::{REQUEST_ID, Sample},
    output::{Arrived, Gate, Output},
};

pub struct Otel {
    provider: SdkLoggerProvider,
    log: SdkLogger,
    arrived: Arc<AtomicU64>,
}

impl Peer for Otel {
    type Handle = SdkLogger;

    /// It always drops what finds no room.
    fn start(_: Overflow, output: Output) -> Self {
        let arrived = Arc::<AtomicU64>::default();
        let exporter = Exporter {
            arrived: Arc::clone(&arrived),
            gate: match output {
                Output::Stuck(gate) => Some(gate),
                _ => None,
            },
        };
        let provider = SdkLoggerProvider::builder()
            .with_batch_exporter(exporter)
            .build();
        Self {
            log: provider.logger("bench"),
            provider,
            arrived,
        }
    }

    fn request<R>(&self, work: impl FnOnce(&SdkLogger) -> R) -> R {
        work(&self.log)
    }

    #[inline(never)]
    fn log(log: &SdkLogger, sample: &Sample) {
        let mut record = log.create_log_record();
        record.set_timestamp(SystemTime::now());
        record.set_severity_number(Severity::Info);
        record.set_severity_text("INFO");
        record.set_body(AnyValue::from("request completed"));
        record.add_attribute("request_id", REQUEST_ID);
        record.add_attribute("method", sample.method);
        record.add_attribute("path", sample.path);
        record.add_attribute("status", i64::from(sample.status));
        record.add_attribute("latency_ms", sample.latency_ms);
        record.add_attribute("user_id", sample.user_id as i64);
        record.add_attribute("bytes", sample.bytes as i64);
        record.add_attribute("region", sample.region);
        log.emit(record);
    }

    /// The SDK has no levels: whatever calls it has.
    fn log_disabled(_: &SdkLogger, _: &Sample) {
        unimplemented!("OpenTelemetry leaves levels to others");
    }

    fn finish(self) -> Finished {
        // Its result is that of the exporter, which is always well.
        let _ = self.provider.shutdown();
        Finished {
            arrived: Arrived::Counted(self.arrived),
            lost: 0,
        }
    }
}

#[derive(Clone)]
struct Exporter {
    arrived: Arc<AtomicU64>,
    gate: Option<Gate>,
}

impl LogExporter for Exporter {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        if let Some(gate) = &self.gate {
            gate.pass();
        }
        let count = batch.iter().count() as u64;
        self.arrived.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter").finish_non_exhaustive()
    }
}
