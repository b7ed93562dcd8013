//! What settings do to files.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant, SystemTime},
};

use fapilog_core::{Clock, info};
use fapilog_tests::PATIENCE;

use super::{Variable, build, builder, problems};

/// A directory for logs, until it is dropped.
struct Logs(PathBuf);

impl Logs {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = path.join(format!("settings-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    /// What stands there, but for what is hidden.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }

    /// Logs so many events, one after the other, each as far as its file.
    fn log(&self, count: usize, variables: &[Variable<'_>]) {
        let directory = self.0.to_str().unwrap();
        let mut all = vec![("FAPILOG_FILE__DIRECTORY", directory)];
        all.extend(variables);
        let (log, pipeline) = build(builder(&all));
        for number in 0..count {
            info!(logger: log, number, "filed");
            pipeline.flush_blocking(PATIENCE);
        }
        let report = pipeline.shutdown_blocking(PATIENCE);
        assert_eq!(report.stats.sinks[0].name, "rotating_file");
        assert_eq!(report.stats.sinks[0].delivered, count as u64);
    }

    /// What is there after so many events with these settings.
    fn after(name: &str, count: usize, variables: &[Variable<'_>]) -> (Self, Vec<String>) {
        let logs = Self::new(name);
        logs.log(count, variables);
        let names = logs.names();
        (logs, names)
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(super) fn files_are_where_and_called_as_wanted() {
    let (_logs, names) = Logs::after("usual", 3, &[]);
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with("fapilog-2") && names[0].ends_with(".jsonl"));
    let (logs, names) = Logs::after("prefix", 1, &[("FAPILOG_FILE__FILENAME_PREFIX", "shop")]);
    assert!(names[0].starts_with("shop-2"), "{names:?}");
    // A sink of another name does as well, and others beside it.
    logs.log(1, &[("FAPILOG_CORE__SINKS", "file,null")]);
    assert_eq!(logs.names().len(), 2);
}

pub(super) fn files_hold_json_or_lines_for_people() {
    let text = |mode: &str| {
        let (logs, names) = Logs::after("mode", 1, &[("FAPILOG_FILE__MODE", mode)]);
        (
            names[0].clone(),
            fs::read_to_string(logs.0.join(&names[0])).unwrap(),
        )
    };
    let (name, json) = text("json");
    assert!(
        name.ends_with(".jsonl") && json.starts_with("{\"schema"),
        "{json}"
    );
    let (name, lines) = text("text");
    assert!(
        name.ends_with(".log") && lines.contains("Z INFO "),
        "{lines}"
    );
}

pub(super) fn a_file_is_begun_when_one_is_full() {
    let files = |size: &str| {
        Logs::after("size", 6, &[("FAPILOG_FILE__MAX_BYTES", size)])
            .1
            .len()
    };
    assert_eq!(files("1 MB"), 1);
    assert_eq!(files("1"), 6);
}

pub(super) fn old_files_are_kept_as_far_as_wanted() {
    const ONE: Variable<'_> = ("FAPILOG_FILE__MAX_BYTES", "1");
    let kept =
        |variable: &str, value: &str| Logs::after("kept", 6, &[ONE, (variable, value)]).1.len();
    assert_eq!(kept("FAPILOG_FILE__MAX_FILES", "none"), 6);
    assert_eq!(kept("FAPILOG_FILE__MAX_FILES", "2"), 3);
    assert_eq!(kept("FAPILOG_FILE__MAX_TOTAL_BYTES", "1 MB"), 6);
    assert_eq!(kept("FAPILOG_FILE__MAX_TOTAL_BYTES", "1"), 1);
    let logs = Logs::new("age");
    logs.log(3, &[ONE]);
    for name in &logs.names()[..2] {
        let file = fs::File::options()
            .write(true)
            .open(logs.0.join(name))
            .unwrap();
        let day = Duration::from_secs(24 * 3600);
        file.set_modified(SystemTime::now() - day * 2).unwrap();
    }
    logs.log(1, &[("FAPILOG_FILE__MAX_AGE_SECONDS", "3d")]);
    assert_eq!(logs.names().len(), 4);
    logs.log(1, &[("FAPILOG_FILE__MAX_AGE_SECONDS", "1d")]);
    assert_eq!(logs.names().len(), 3);
}

pub(super) fn old_files_are_compressed_if_wanted() {
    let logs = Logs::new("compressed");
    logs.log(1, &[]);
    let directory = logs.0.to_str().unwrap();
    let variables = [
        ("FAPILOG_FILE__DIRECTORY", directory),
        ("FAPILOG_FILE__COMPRESS_ROTATED", "true"),
    ];
    let (_log, pipeline) = build(builder(&variables));
    let begun = Instant::now();
    while !logs.names().iter().any(|name| name.ends_with(".jsonl.gz")) {
        assert!(begun.elapsed() < PATIENCE, "{:?}", logs.names());
        thread::yield_now();
    }
    pipeline.shutdown_blocking(PATIENCE);
}

pub(super) fn a_file_is_begun_when_its_time_is_over() {
    let rotates = |interval: &str, zone: &str| {
        let logs = Logs::new("interval");
        // 2026-01-15T22:30:00Z, half an hour before midnight in Berlin.
        let clock = Hand(Arc::new(Mutex::new(1_768_516_200)));
        let variables = [
            ("FAPILOG_FILE__DIRECTORY", logs.0.to_str().unwrap()),
            ("FAPILOG_FILE__INTERVAL_SECONDS", interval),
            ("FAPILOG_FILE__TIME_ZONE", zone),
        ];
        let (log, pipeline) = build(builder(&variables).clock(clock.clone()));
        let mut files = Vec::new();
        for minutes in [0, 29, 1, 60] {
            *clock.0.lock().unwrap() += minutes * 60;
            info!(logger: log, "filed");
            pipeline.flush_blocking(PATIENCE);
            files.push(logs.names().len());
        }
        files
    };
    assert_eq!(rotates("none", "UTC"), [1, 1, 1, 1]);
    assert_eq!(rotates("daily", "UTC"), [1, 1, 1, 2]);
    assert_eq!(rotates("daily", "europe/berlin"), [1, 1, 2, 2]);
    assert_eq!(rotates("hourly", "UTC"), [1, 1, 2, 3]);
    assert_eq!(rotates("15m", "UTC"), [1, 2, 3, 4]);
    let refused = problems(&[("FAPILOG_FILE__TIME_ZONE", "Middle/Earth")]);
    assert!(
        refused.contains("a time zone of the IANA database"),
        "{refused}"
    );
}

/// Seconds since 1970.
#[derive(Clone)]
struct Hand(Arc<Mutex<u64>>);

impl Clock for Hand {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(*self.0.lock().unwrap())
    }
}

pub(super) fn the_file_of_an_earlier_process_is_continued_if_wanted() {
    let files = |append: &str| {
        let (logs, _) = Logs::after("append", 1, &[]);
        logs.log(1, &[("FAPILOG_FILE__APPEND", append)]);
        logs.names().len()
    };
    assert_eq!((files("false"), files("true")), (2, 1));
}

pub(super) fn a_link_shows_to_the_latest_file_if_wanted() {
    let (logs, names) = Logs::after("link", 1, &[("FAPILOG_FILE__LATEST_LINK", "true")]);
    let link = fs::read_link(logs.0.join("fapilog-latest")).unwrap();
    assert_eq!(link, Path::new(&names[0]));
    assert_eq!(names.len(), 2);
}
