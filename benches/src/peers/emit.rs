//! emit with the thread of emit_file, which formats on the caller, and the request id in a frame.
//!
//! It has one way to deal with a full queue: it throws away all 10,000 events in it. And it has
//! no writer but files of its own.

use std::time::Duration;

use super::{Finished, Overflow, Peer};
use crate::{
    event::{REQUEST_ID, Sample},
    output::{Arrived, Output, TempDir},
};

pub struct Emit(TempDir);

impl Peer for Emit {
    type Handle = ();

    fn start(_: Overflow, output: Output) -> Self {
        assert!(matches!(output, Output::File), "emit_file writes files");
        let directory = TempDir::create();
        let files = emit_file::set(directory.path().join("log.json")).spawn();
        // What it returns only serves to flush.
        let _ = emit::setup()
            .emit_to(files)
            .emit_when(emit::level::min_filter(emit::Level::Info))
            .init();
        Self(directory)
    }

    fn request<R>(&self, work: impl FnOnce(&()) -> R) -> R {
        let props = emit::props! { request_id: REQUEST_ID };
        emit::Frame::push(emit::ctxt(), props).call(|| work(&()))
    }

    #[inline(never)]
    fn log(_: &(), sample: &Sample) {
        emit::info!(
            "request completed",
            method: sample.method,
            path: sample.path,
            status: sample.status,
            latency_ms: sample.latency_ms,
            user_id: sample.user_id,
            bytes: sample.bytes,
            region: sample.region,
        );
    }

    #[inline]
    fn log_disabled(_: &(), sample: &Sample) {
        emit::debug!(
            "request completed",
            method: sample.method,
            path: sample.path,
            status: sample.status,
            latency_ms: sample.latency_ms,
            user_id: sample.user_id,
            bytes: sample.bytes,
            region: sample.region,
        );
    }

    fn finish(self) -> Finished {
        emit::blocking_flush(Duration::from_secs(60));
        Finished {
            arrived: Arrived::Kept(self.0),
            lost: 0,
        }
    }
}
