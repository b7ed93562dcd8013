//! logforth behind `log`, with its JSON layout, its asynchronous appender, and the request id in
//! its diagnostic context.

use std::{
    fmt,
    io::Write,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use logforth::{
    Append, Diagnostic, Error, Layout,
    append::{asynchronous::AsyncBuilder, file::FileBuilder},
    bridge::log::LogBridge,
    diagnostic::ThreadLocalDiagnostic,
    layout::JsonLayout,
    record::{Level, LevelFilter, Record},
};

use super::{Finished, Overflow, Peer};
use crate::{
    event::{REQUEST_ID, Sample},
    output::{Arrived, Output, TempDir, Writer},
};

pub struct Logforth {
    arrived: Arrived,
    overflow: Overflow,
}

impl Logforth {
    /// As many lines as tracing-appender takes; without bound by default.
    const ROOM: usize = 128_000;

    fn append(output: Output) -> (Box<dyn Append>, Arrived) {
        if let Output::File = output {
            let directory = TempDir::create();
            let append = FileBuilder::new(directory.path(), "log")
                .layout(JsonLayout::default())
                .build();
            let append = append.expect("a directory of our own takes a file");
            return (Box::new(append), Arrived::Kept(directory));
        }
        let (writer, arrived) = output.open();
        let append = WriterAppend {
            layout: JsonLayout::default(),
            writer: Mutex::new(writer),
        };
        (Box::new(append), arrived)
    }
}

impl Peer for Logforth {
    type Handle = ();

    fn start(overflow: Overflow, output: Output) -> Self {
        let (append, arrived) = Self::append(output);
        let builder = AsyncBuilder::new("logforth").append(append);
        let builder = match overflow {
            Overflow::Default => builder,
            Overflow::Wait => builder.buffered_lines_limit(Some(Self::ROOM)),
            Overflow::Drop => builder
                .buffered_lines_limit(Some(Self::ROOM))
                .overflow_drop_incoming(),
        };
        let append = builder.build();
        let logger = logforth::core::builder()
            .dispatch(|dispatch| {
                dispatch
                    .filter(LevelFilter::MoreSevereEqual(Level::Info))
                    .diagnostic(ThreadLocalDiagnostic::default())
                    .append(append)
            })
            .build();
        log::set_boxed_logger(Box::new(LogBridge::new(logger))).expect("it is the first logger");
        log::set_max_level(log::LevelFilter::Info);
        Self { arrived, overflow }
    }

    fn request<R>(&self, work: impl FnOnce(&()) -> R) -> R {
        ThreadLocalDiagnostic::insert("request_id", REQUEST_ID);
        let result = work(&());
        ThreadLocalDiagnostic::remove("request_id");
        result
    }

    #[inline(never)]
    fn log(_: &(), sample: &Sample) {
        log::info!(
            method = sample.method,
            path = sample.path,
            status = sample.status,
            latency_ms = sample.latency_ms,
            user_id = sample.user_id,
            bytes = sample.bytes,
            region = sample.region;
            "request completed"
        );
    }

    #[inline]
    fn log_disabled(_: &(), sample: &Sample) {
        log::debug!(
            method = sample.method,
            path = sample.path,
            status = sample.status,
            latency_ms = sample.latency_ms,
            user_id = sample.user_id,
            bytes = sample.bytes,
            region = sample.region;
            "request completed"
        );
    }

    /// What it has dropped, it does not tell.
    fn finish(self) -> Finished {
        if self.overflow == Overflow::Drop {
            // A flush is dropped too while there is no room: let there be some.
            thread::sleep(Duration::from_millis(10));
        }
        log::logger().flush();
        Finished {
            arrived: self.arrived,
            lost: 0,
        }
    }
}

/// What its file appender does, for any writer.
struct WriterAppend {
    layout: JsonLayout,
    writer: Mutex<Writer>,
}

impl Append for WriterAppend {
    fn append(&self, record: &Record, diags: &[Box<dyn Diagnostic>]) -> Result<(), Error> {
        let mut line = self.layout.format(record, diags)?;
        line.push(b'\n');
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(&line).map_err(Error::from_io_error)
    }

    fn flush(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl fmt::Debug for WriterAppend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriterAppend").finish_non_exhaustive()
    }
}
