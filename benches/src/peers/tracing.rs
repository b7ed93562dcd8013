//! tracing with the JSON format of tracing-subscriber and the thread of tracing-appender, as the
//! logger of the process, and the request id in a span.

use std::io::{BufWriter, Write};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};

use super::{Finished, Overflow, Peer};
use crate::{
    event::{REQUEST_ID, Sample},
    output::{Arrived, Output},
};

pub struct Tracing {
    guard: WorkerGuard,
    errors: ErrorCounter,
    arrived: Arrived,
}

impl Tracing {
    fn with(overflow: Overflow, writer: impl Write + Send + 'static, arrived: Arrived) -> Self {
        let lossy = overflow != Overflow::Wait;
        let (writer, guard) = NonBlockingBuilder::default().lossy(lossy).finish(writer);
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
            arrived,
        }
    }
}

impl Peer for Tracing {
    type Handle = ();

    fn start(overflow: Overflow, output: Output) -> Self {
        let (writer, arrived) = output.open();
        Self::with(overflow, writer, arrived)
    }

    fn request<R>(&self, work: impl FnOnce(&()) -> R) -> R {
        let _entered = tracing::info_span!("request", request_id = REQUEST_ID).entered();
        work(&())
    }

    #[inline(never)]
    fn log(_: &(), sample: &Sample) {
        tracing::info!(
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
        tracing::debug!(
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
        drop(self.guard);
        Finished {
            arrived: self.arrived,
            lost: self.errors.dropped_lines() as u64,
        }
    }
}

/// The same with a buffer in front of its file.
pub struct TracingBuffered(Tracing);

impl Peer for TracingBuffered {
    type Handle = ();

    fn start(overflow: Overflow, output: Output) -> Self {
        let (writer, arrived) = output.open();
        Self(Tracing::with(overflow, BufWriter::new(writer), arrived))
    }

    fn request<R>(&self, work: impl FnOnce(&()) -> R) -> R {
        self.0.request(work)
    }

    fn log(handle: &(), sample: &Sample) {
        Tracing::log(handle, sample);
    }

    fn log_disabled(handle: &(), sample: &Sample) {
        Tracing::log_disabled(handle, sample);
    }

    fn finish(self) -> Finished {
        self.0.finish()
    }
}

/// The same with the request id as a field of the call, outside of any span: the difference is
/// what it costs to bind the id.
pub struct TracingFlat(Tracing);

impl Peer for TracingFlat {
    type Handle = ();

    fn start(overflow: Overflow, output: Output) -> Self {
        Self(Tracing::start(overflow, output))
    }

    fn request<R>(&self, work: impl FnOnce(&()) -> R) -> R {
        work(&())
    }

    #[inline(never)]
    fn log(_: &(), sample: &Sample) {
        tracing::info!(
            request_id = REQUEST_ID,
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

    fn log_disabled(handle: &(), sample: &Sample) {
        Tracing::log_disabled(handle, sample);
    }

    fn finish(self) -> Finished {
        self.0.finish()
    }
}
