//! Events in files: what stands where, and what becomes of them when files and disks misbehave.

mod compressed;
mod disk;
mod hostile;
mod logrotate;
mod moved;
mod places;
mod processes;
mod races;
mod retention;
mod rotation;
mod synced;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, mpsc::Receiver},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use fapilog_core::{Clock, DrainReport, Logger, LoggerBuilder, Pipeline, RotatingFile};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
};
use serde_json::Value;

/// A directory of one test, removed at its end.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = path.join(format!("file-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn logs(&self) -> PathBuf {
        self.path("logs")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A clock that a test sets. Clones are the same clock.
#[derive(Clone)]
struct Hands(Arc<Mutex<SystemTime>>);

impl Hands {
    /// It shows this many seconds since 1970.
    fn at(seconds: u64) -> Self {
        let time = UNIX_EPOCH + Duration::from_secs(seconds);
        Self(Arc::new(Mutex::new(time)))
    }

    fn set(&self, seconds: u64) {
        *self.0.lock().unwrap() = UNIX_EPOCH + Duration::from_secs(seconds);
    }
}

impl Clock for Hands {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// 2026-01-15T10:30:00Z, a Thursday.
const THEN: u64 = 1_768_473_000;

/// A pipeline whose only sink is this file, with what is logged to it.
struct Logged {
    oracle: Oracle,
    log: Logger,
    pipeline: Pipeline,
}

impl Logged {
    fn to(file: RotatingFile) -> Self {
        let builder = LoggerBuilder::new().drop_on_full(false).sink(file);
        let (log, pipeline) = builder.on_diagnostic(|_| {}).build().unwrap();
        Self {
            oracle: Oracle::default(),
            log,
            pipeline,
        }
    }

    /// Logs so many events, and waits until they came to their end.
    fn log(&self, count: usize) {
        for _ in 0..count {
            self.oracle.log(&self.log);
        }
        self.pipeline.flush_blocking(PATIENCE);
    }

    fn end(self) -> (Oracle, DrainReport) {
        let report = self.pipeline.shutdown_blocking(PATIENCE);
        assert_settled(&report.stats);
        (self.oracle, report)
    }

    /// Ends, with every event delivered and in these files.
    fn end_whole(self, files: impl IntoIterator<Item = PathBuf>) {
        let (oracle, report) = self.end();
        assert_eq!(report.stats.sinks[0].delivered, oracle.issued());
        assert_eq!(judge(&oracle, files), oracle.issued());
    }
}

/// How many of the issued events stand in these files, each line of which has to be one.
fn judge(oracle: &Oracle, files: impl IntoIterator<Item = PathBuf>) -> u64 {
    let texts: Vec<_> = files
        .into_iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    oracle.judge(lines.filter(|line| !line.trim().is_empty()))
}

/// The names in a directory, but for those that begin with a dot.
fn names(directory: &Path) -> Vec<String> {
    let mut names = all_names(directory);
    names.retain(|name| !name.starts_with('.'));
    names
}

fn all_names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

/// The paths of all log files in a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let names = names(directory).into_iter();
    names.map(|name| directory.join(name)).collect()
}

fn events(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(
        text.is_empty() || text.ends_with('\n') || text.ends_with(' '),
        "a cut line"
    );
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The name of a program that a test needs.
fn program(name: &'static str) -> &'static str {
    let found = Command::new(name).arg("--version").output();
    assert!(found.is_ok(), "apt-get install {name}");
    name
}

/// Waits for what another thread or process is about to do.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::yield_now();
    }
}

/// The helper, a process that logs to files.
struct Running {
    child: Child,
    stdin: ChildStdin,
    told: Receiver<String>,
}

impl Running {
    fn start(words: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_filing"));
        command.args(words.split(' '));
        Self::spawn(command)
    }

    /// Runs it below other programs; `"$@"` is the helper with its words.
    fn below(script: &str, words: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_filing")]);
        command.args(words.split(' '));
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, told) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let lines = stdout.lines().map_while(Result::ok);
            lines.for_each(|line| drop(send.send(line)));
        });
        Self { child, stdin, told }
    }

    fn wait_until_ready(&self) {
        let line = self.told.recv_timeout(PATIENCE).expect("it is ready");
        assert_eq!(line, "ready");
    }

    fn go_on(&mut self) {
        self.stdin.write_all(b"\n").unwrap();
    }

    /// Waits for the end, and for the books.
    fn books(mut self) -> Value {
        let books = self.told();
        assert!(self.child.wait().unwrap().success());
        books
    }

    /// Waits for the books alone.
    fn told(&self) -> Value {
        let books = self
            .told
            .recv_timeout(PATIENCE)
            .expect("it tells its books");
        serde_json::from_str(&books).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After a failed test, or to kill it in the middle of its work.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
