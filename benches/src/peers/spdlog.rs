//! spdlog-rs with its JSON formatter behind its asynchronous sink. It has no context, so the
//! request id is a field of the call.

use std::{num::NonZeroUsize, sync::Arc};

use spdlog::{
    LevelFilter, Logger, ThreadPool,
    formatter::JsonFormatter,
    prelude::Level,
    sink::{AsyncPoolSink, FileSink, OverflowPolicy, Sink, WriteSink},
};

use super::{Finished, Overflow, Peer};
use crate::{
    event::{REQUEST_ID, Sample},
    output::{Arrived, Output, TempDir},
};

pub struct Spdlog {
    log: Arc<Logger>,
    arrived: Arrived,
}

impl Spdlog {
    /// As many lines as tracing-appender takes; 8,192 by default.
    const ROOM: NonZeroUsize = NonZeroUsize::new(128_000).expect("it is not zero");

    fn sink(output: Output) -> (Arc<dyn Sink>, Arrived) {
        if let Output::File = output {
            let directory = TempDir::create();
            let path = directory.path().join("log.json");
            let sink = FileSink::builder()
                .path(path)
                .formatter(JsonFormatter::new())
                .build_arc();
            let sink = sink.expect("a directory of our own takes a file");
            return (sink, Arrived::Kept(directory));
        }
        let (writer, arrived) = output.open();
        let sink = WriteSink::builder()
            .target(writer)
            .formatter(JsonFormatter::new())
            .build_arc();
        (sink.expect("a writer cannot fail to be there"), arrived)
    }
}

impl Peer for Spdlog {
    type Handle = Arc<Logger>;

    fn start(overflow: Overflow, output: Output) -> Self {
        let (sink, arrived) = Self::sink(output);
        let policy = match overflow {
            Overflow::Default | Overflow::Wait => OverflowPolicy::Block,
            Overflow::Drop => OverflowPolicy::DropIncoming,
        };
        let mut builder = AsyncPoolSink::builder().sink(sink).overflow_policy(policy);
        if overflow == Overflow::Wait {
            let pool = ThreadPool::builder().capacity(Self::ROOM).build_arc();
            builder = builder.thread_pool(pool.expect("the system has a thread to give"));
        }
        let log = Logger::builder()
            .sink(builder.build_arc().expect("nothing about it can fail"))
            .level_filter(LevelFilter::MoreSevereEqual(Level::Info))
            // It would say on stderr what it drops.
            .error_handler(|_| {})
            .build_arc();
        Self {
            log: log.expect("it has no name that could be wrong"),
            arrived,
        }
    }

    fn request<R>(&self, work: impl FnOnce(&Arc<Logger>) -> R) -> R {
        work(&self.log)
    }

    #[inline(never)]
    fn log(log: &Arc<Logger>, sample: &Sample) {
        spdlog::info!(logger: log, "request completed", kv: {
            request_id = REQUEST_ID,
            method = sample.method,
            path = sample.path,
            status = sample.status,
            latency_ms = sample.latency_ms,
            user_id = sample.user_id,
            bytes = sample.bytes,
            region = sample.region,
        });
    }

    #[inline]
    fn log_disabled(log: &Arc<Logger>, sample: &Sample) {
        spdlog::debug!(logger: log, "request completed", kv: {
            request_id = REQUEST_ID,
            method = sample.method,
            path = sample.path,
            status = sample.status,
            latency_ms = sample.latency_ms,
            user_id = sample.user_id,
            bytes = sample.bytes,
            region = sample.region,
        });
    }

    /// Its flush does not wait, but its thread pool does when it is dropped.
    fn finish(self) -> Finished {
        drop(self.log);
        Finished {
            arrived: self.arrived,
            lost: 0,
        }
    }
}
