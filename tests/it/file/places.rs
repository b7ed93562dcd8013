//! What the files are called, and what stands in them.

use std::{
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use fapilog_core::{
    Batch, BatchError, BlockingSink, Event, Level, SinkError, rotating_file, settings::FileMode,
};
use fapilog_tests::forgery;

use super::*;

#[test]
fn a_path_is_that_of_the_active_file_and_missing_directories_are_made() {
    let scratch = Scratch::new("path");
    let path = scratch.path("deep/er/app.log");
    let file = rotating_file(&path, "10 MB", 7, false, FileMode::Json).unwrap();
    let logged = Logged::to(file);
    logged.log(100);
    assert_eq!(names(path.parent().unwrap()), ["app.log"]);
    logged.end_whole([path]);
}

#[test]
fn a_rotation_that_is_no_size_is_refused() {
    for rotation in ["ten", "0", ""] {
        let file = rotating_file("app.log", rotation, None, false, FileMode::Json);
        let error = file.unwrap_err().to_string();
        assert!(
            error.contains(&format!("{rotation:?} is no size")),
            "{error}"
        );
    }
}

#[test]
fn files_of_a_directory_are_called_by_prefix_and_moment() {
    let scratch = Scratch::new("directory");
    let hands = Hands::at(THEN);
    let file = || RotatingFile::within(scratch.logs(), "app").clock(hands.clone());
    let first = Logged::to(file());
    first.log(10);
    // Another one never touches it, in the same second neither.
    let second = Logged::to(file());
    second.log(20);
    let text = Logged::to(file().mode(FileMode::Text));
    text.log(1);
    let names = [
        "app-20260115-103000-1.jsonl",
        "app-20260115-103000.jsonl",
        "app-20260115-103000.log",
    ];
    assert_eq!(super::names(&scratch.logs()), names);
    let path = |name: &str| [scratch.logs().join(name)];
    first.end_whole(path(names[1]));
    second.end_whole(path(names[0]));
}

#[test]
fn modes_are_those_that_are_promised_whatever_the_umask() {
    let scratch = Scratch::new("umask");
    for umask in ["000", "077", "022"] {
        let directory = scratch.path(umask).join("logs");
        let script = format!("umask {umask}; \"$@\"");
        let words = format!("at:{}/app.log max=2000 log:50", directory.display());
        assert_eq!(Running::below(&script, &words).books()["delivered"], 50);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&directory), 0o750, "umask {umask}");
        assert_eq!(mode(directory.parent().unwrap()), 0o750, "umask {umask}");
        assert!(names(&directory).len() > 2);
        for name in all_names(&directory) {
            assert_eq!(mode(&directory.join(&name)), 0o640, "{name}, umask {umask}");
        }
    }
}

#[test]
fn a_batch_is_one_write() {
    let scratch = Scratch::new("one");
    assert_one_write_a_batch(RotatingFile::at(scratch.path("app.log")), "one-write");
    assert_eq!(events(&scratch.path("app.log")).len(), 10_001);
}

#[test]
fn a_batch_is_one_write_while_another_process_is_about_to_rotate() {
    let scratch = Scratch::new("one-full");
    let other = fs::File::create(scratch.path(".app.log.lock")).unwrap();
    other.lock().unwrap();
    let file = RotatingFile::at(scratch.path("app.log")).max_bytes(1);
    assert_one_write_a_batch(file, "full-write");
    assert_eq!(names(&scratch.0), ["app.log"]);
    assert_eq!(events(&scratch.path("app.log")).len(), 10_001);
}

fn assert_one_write_a_batch(file: RotatingFile, name: &str) {
    let counting = Counting::default();
    let (log, pipeline) = LoggerBuilder::new()
        .drop_on_full(false)
        .sink(file.named(name))
        .sink(counting.clone())
        .build()
        .unwrap();
    let oracle = Oracle::default();
    let logs = |count: usize| {
        for _ in 0..count {
            oracle.log(&log);
        }
        pipeline.flush_blocking(PATIENCE);
    };
    logs(1);
    // Names of threads have 15 letters at most.
    let thread = &format!("fapilog-{name}")[..15];
    let before = (writes_of(thread), counting.0.load(Ordering::Relaxed));
    (0..20).for_each(|_| logs(500));
    let batches = counting.0.load(Ordering::Relaxed) - before.1;
    assert!((20..10_000).contains(&batches), "{batches} batches");
    assert_eq!(writes_of(thread) - before.0, batches);
}

/// Counts batches, which are the same for all sinks.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl BlockingSink for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes bytes")
    }

    fn write_batch(&mut self, _: &Batch) -> Result<(), BatchError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// How often a thread of this process has written, as the system counts.
fn writes_of(name: &str) -> usize {
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap().path();
        // Others end meanwhile.
        let is_it = fs::read_to_string(task.join("comm")).is_ok_and(|it| it.trim() == name);
        if is_it {
            let io = fs::read_to_string(task.join("io")).unwrap();
            let count = io.lines().find_map(|line| line.strip_prefix("syscw: "));
            return count.unwrap().parse().unwrap();
        }
    }
    panic!("there is no thread {name}");
}

#[test]
fn a_restart_continues_the_file_at_a_path_unless_it_must_not() {
    let scratch = Scratch::new("restart");
    let path = scratch.path("app.log");
    let file = || RotatingFile::at(&path).clock(Hands::at(THEN));
    for _ in 0..3 {
        Logged::to(file()).log(10);
    }
    assert_eq!(events(&path).len(), 30);
    Logged::to(file().append(false)).log(7);
    assert_eq!(events(&path).len(), 7);
    assert_eq!(events(&scratch.path("app-20260115-103000.log")).len(), 30);
}

#[test]
fn a_restart_begins_a_file_in_a_directory_unless_it_must_continue_one() {
    let scratch = Scratch::new("again");
    let file = |clock| RotatingFile::within(scratch.logs(), "app").clock(Hands::at(clock));
    Logged::to(file(THEN)).log(10);
    Logged::to(file(THEN + 1)).log(10);
    Logged::to(file(THEN + 2).append(true)).log(5);
    assert_eq!(
        names(&scratch.logs()),
        ["app-20260115-103000.jsonl", "app-20260115-103001.jsonl"]
    );
    assert_eq!(
        events(&scratch.logs().join("app-20260115-103001.jsonl")).len(),
        15
    );
    // One that is in use is not.
    let first = Logged::to(file(THEN + 3));
    first.log(1);
    Logged::to(file(THEN + 4).append(true)).log(1);
    assert_eq!(names(&scratch.logs()).len(), 4);
}

#[test]
fn half_a_line_at_the_end_of_a_file_is_mended_before_the_next_one() {
    let scratch = Scratch::new("mend");
    let path = scratch.path("app.log");
    let whole = r#"{"message":"whole"}"#;
    let long = "x".repeat(200_000);
    for (before, kept) in [
        (format!("{whole}\n"), 1),
        (format!("{whole}\n{{\"mess"), 1),
        (format!("{whole}\n{{\"message\":\"{long}"), 1),
        (format!("{whole}\n{whole}"), 2),
        (r#"{"mess"#.to_owned(), 0),
        (format!("{whole}\n     "), 1),
        (String::new(), 0),
    ] {
        fs::write(&path, &before).unwrap();
        Logged::to(RotatingFile::at(&path)).log(3);
        assert_eq!(
            events(&path).len(),
            kept + 3,
            "{} bytes before",
            before.len()
        );
    }
}

#[test]
fn a_file_that_is_one_endless_line_holds_nobody_up() {
    let scratch = Scratch::new("endless");
    let path = scratch.path("app.log");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let logged = Logged::to(RotatingFile::at(&path));
    logged.log(3);
    assert_eq!(names(&scratch.0).len(), 2);
    logged.end_whole([path]);
}

#[test]
fn lines_for_people_cannot_be_forged() {
    let scratch = Scratch::new("text");
    let path = scratch.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path).mode(FileMode::Text));
    let mut random = fapilog_tests::random();
    for _ in 0..500 {
        let log = logged.log.named(forgery::text(&mut random));
        log.event(Level::Info, &forgery::text(&mut random))
            .field(&forgery::text(&mut random), forgery::text(&mut random))
            .emit();
    }
    let (_, report) = logged.end();
    assert_eq!(report.stats.sinks[0].delivered, 500);
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.lines().count(), 500);
    for line in text.lines() {
        assert!(line.starts_with("20") && line.contains("Z INFO "), "{line}");
        assert!(!line.chars().any(char::is_control), "{line}");
    }
}
