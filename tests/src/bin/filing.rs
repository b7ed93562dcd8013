//! Logs to files, step by step, and tells its books on stdout.
//!
//! `filing PLACE OPTION… STEP…`, where `PLACE` is `at:PATH`, `within:DIRECTORY` or `as:SET`, by the
//! environment.

use std::{
    env,
    fs::File,
    io,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fapilog_core::{
    Clock, Logger, LoggerBuilder, Pipeline, RotatingFile, settings::FileSync, sink::FileHandle,
};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
};

fn main() {
    let mut words = env::args().skip(1).peekable();
    let place = words.next().expect("a place");
    let mut file = match place.split_once(':').expect("a place and a path") {
        ("at", path) => RotatingFile::at(path),
        ("within", directory) => RotatingFile::within(directory, "app"),
        ("as", _) => RotatingFile::default(),
        (other, _) => panic!("no such place: {other}"),
    };
    while let Some(option) = words.next_if(|word| word.contains('=')) {
        file = set(file, &option);
    }
    let handle = file.handle();
    let builder = LoggerBuilder::new().drop_on_full(false);
    let builder = match place.starts_with("as:") {
        true => builder.env(),
        false => builder.sink(file),
    };
    let (log, pipeline) = builder.build().expect("the settings are fine");
    let mut filing = Filing {
        oracle: Oracle::default(),
        patience: PATIENCE,
        held: Vec::new(),
        handle,
        log,
        pipeline,
    };
    words.for_each(|step| filing.step(&step));
    filing.end();
}

fn set(file: RotatingFile, option: &str) -> RotatingFile {
    let (name, value) = option.split_once('=').expect("a value");
    let number = || value.parse::<usize>().expect("a number");
    match name {
        "max" => file.max_bytes(number()),
        "keep" => file.max_files(number()),
        "compress" => file.compress_rotated(value == "yes"),
        "clock" => file.clock(Stopped(UNIX_EPOCH + Duration::from_secs(number() as u64))),
        "hangup" => file.reopen_on_hangup(value == "yes"),
        "sync" if value == "batch" => file.sync(FileSync::Batch),
        "sync" => {
            let interval = Duration::from_millis(number() as u64);
            file.sync(FileSync::Interval).sync_interval(interval)
        }
        other => panic!("no such option: {other}"),
    }
}

/// A clock that always shows the same time.
struct Stopped(SystemTime);

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        self.0
    }
}

struct Filing {
    oracle: Oracle,
    patience: Duration,
    /// Files that take all the numbers of files that there are.
    held: Vec<File>,
    handle: FileHandle,
    log: Logger,
    pipeline: Pipeline,
}

impl Filing {
    fn step(&mut self, step: &str) {
        let (name, number) = step.split_once(':').unwrap_or((step, "0"));
        let number: u64 = number.parse().expect("a number");
        match name {
            // The ids of this process begin here.
            "from" => self.oracle = Oracle::having_issued(number),
            "log" => {
                for _ in 0..number {
                    self.oracle.log(&self.log);
                }
            }
            "flush" => drop(self.pipeline.flush_blocking(PATIENCE)),
            "exhaust" => self
                .held
                .extend(std::iter::from_fn(|| File::open("/dev/null").ok())),
            "reopen" => self.handle.reopen(),
            "release" => self.held.clear(),
            "patience" => self.patience = Duration::from_millis(number),
            "ready" => println!("ready"),
            "wait" => drop(io::stdin().read_line(&mut String::new())),
            other => panic!("no such step: {other}"),
        }
    }

    fn end(self) {
        let report = self.pipeline.shutdown_blocking(self.patience);
        assert_settled(&report.stats);
        let sink = &report.stats.sinks[0];
        println!(
            r#"{{"delivered":{},"failed":{},"late":{},"unknown":{},"stuck":"{}","error":"{}"}}"#,
            sink.delivered,
            sink.dropped.get("sink_failed"),
            sink.dropped.get("shutdown_deadline"),
            sink.unknown,
            report.stuck_threads.join(" "),
            report.last_error.unwrap_or_default().replace('"', "'"),
        );
        // A thread that hangs does not hold up the end.
        std::process::exit(0);
    }
}
