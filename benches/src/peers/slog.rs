//! slog with slog-json behind slog-async, and the request id in a child logger.

use std::io::BufWriter;

use slog::{Drain, Level, LevelFilter, Logger, o};
use slog_async::{Async, AsyncGuard, OverflowStrategy};
use slog_json::Json;

use super::{Finished, Overflow, Peer};
use crate::{
    event::{REQUEST_ID, Sample},
    output::{Arrived, Output},
};

pub struct Slog {
    root: Logger,
    guard: AsyncGuard,
    arrived: Arrived,
}

impl Slog {
    /// As many lines as tracing-appender takes; 128 by default.
    const ROOM: usize = 128_000;
}

impl Peer for Slog {
    type Handle = Logger;

    fn start(overflow: Overflow, output: Output) -> Self {
        let (writer, arrived) = output.open();
        // slog-json writes each token for itself, so nobody gives it a bare file.
        let json = Json::default(BufWriter::new(writer)).fuse();
        let builder = match overflow {
            Overflow::Default => Async::new(json),
            Overflow::Wait => Async::new(json)
                .chan_size(Self::ROOM)
                .overflow_strategy(OverflowStrategy::Block),
            Overflow::Drop => Async::new(json).overflow_strategy(OverflowStrategy::Drop),
        };
        let (drain, guard) = builder.build_with_guard();
        let drain = LevelFilter::new(drain, Level::Info).fuse();
        Self {
            root: Logger::root(drain, o!()),
            guard,
            arrived,
        }
    }

    fn request<R>(&self, work: impl FnOnce(&Logger) -> R) -> R {
        work(&self.root.new(o!("request_id" => REQUEST_ID)))
    }

    #[inline(never)]
    fn log(log: &Logger, sample: &Sample) {
        slog::info!(log, "request completed";
            "method" => sample.method,
            "path" => sample.path,
            "status" => sample.status,
            "latency_ms" => sample.latency_ms,
            "user_id" => sample.user_id,
            "bytes" => sample.bytes,
            "region" => sample.region,
        );
    }

    #[inline]
    fn log_disabled(log: &Logger, sample: &Sample) {
        slog::debug!(log, "request completed";
            "method" => sample.method,
            "path" => sample.path,
            "status" => sample.status,
            "latency_ms" => sample.latency_ms,
            "user_id" => sample.user_id,
            "bytes" => sample.bytes,
            "region" => sample.region,
        );
    }

    /// What it has dropped, it tells nobody but its own file.
    fn finish(self) -> Finished {
        drop(self.root);
        drop(self.guard);
        Finished {
            arrived: self.arrived,
            lost: 0,
        }
    }
}
