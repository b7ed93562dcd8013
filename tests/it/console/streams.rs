//! Streams that are slow, full, closed, broken or non-blocking.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, pipe},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use fapilog_tests::{PATIENCE, alone, oracle::Oracle, promised};
use serde_json::Value;

use super::{Running, command, first_line, lines, run, shell, text};

#[test]
fn stderr_gets_the_same_lines_as_stdout() {
    let mut command = command(&[]);
    command.args(["stderr", "log:100"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let events = text(child.stderr.take().unwrap());
    let told = lines(child.stdout.take().unwrap());
    let books: Value = serde_json::from_str(&told.recv_timeout(PATIENCE).unwrap()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(books["sink"], "stderr");
    assert_eq!(books["delivered"], 100);
    assert_eq!(judge(&events.recv_timeout(PATIENCE).unwrap(), 100), 100);

    let (stdout, books) = run("json log:100", &[]);
    assert_eq!(books["sink"], "stdout_json");
    assert_eq!(judge(&stdout, 100), 100);
}

#[test]
fn stdout_that_is_non_blocking_loses_nothing() {
    let (mut reader, writer) = pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&reader, 4096).unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    let running = Running::start("json log:2000", &[], writer);
    let mut arrived = Vec::new();
    let mut part = [0; 1000];
    // Parts that fit no line and no page, so that writes are refused and cut short all the time.
    loop {
        match reader.read(&mut part).unwrap() {
            0 => break,
            count => arrived.extend_from_slice(&part[..count]),
        }
    }
    let books = running.books();
    assert_eq!(books["delivered"], 2000);
    assert_eq!(judge(&String::from_utf8(arrived).unwrap(), 2000), 2000);
}

#[test]
fn a_slow_reader_never_slows_the_calls() {
    let (reader, writer) = pipe().unwrap();
    let mut running = Running::start("json log:10000 ready wait", &[], writer);
    // Nobody has read a byte, and all calls have returned.
    running.wait_until_ready();
    let arrived = text(reader);
    running.go_on();
    let books = running.books();
    assert_eq!(books["refused"], 0);
    assert_eq!(books["delivered"], 10_000);
    assert_eq!(
        judge(&arrived.recv_timeout(PATIENCE).unwrap(), 10_000),
        10_000
    );
}

#[test]
fn a_reader_that_hangs_holds_up_the_end_until_the_deadline_and_no_longer() {
    let (_reader, writer) = pipe().unwrap();
    let running = Running::start("json+ log:2000 patience:2000", &[], writer);
    let books = running.books();
    assert!(books["unknown"].as_u64() > Some(0), "{books}");
    assert_eq!(books["beside"], 2000);
}

#[test]
fn a_reader_that_hangs_leaves_other_sinks_their_speed() {
    let _alone = alone();
    for sink in ["json+", "pretty+"] {
        let (_reader, writer) = pipe().unwrap();
        // More than the budget all together, and little enough at a time for the other sink.
        let rounds = (1..=20).map(|round| format!("log:500 beside:{}", round * 500));
        let rounds = rounds.collect::<Vec<_>>().join(" ");
        let steps = format!("{sink} {rounds} ready patience:100");
        let budget = [("FAPILOG_CORE__QUEUE_BUDGET", "8 MiB")];
        let begun = Instant::now();
        let running = Running::start(&steps, &budget, writer);
        running.wait_until_ready();
        let took = begun.elapsed();
        assert!(took < promised(Duration::from_secs(1)), "it took {took:?}");
        let books = running.books();
        assert_eq!(books["refused"], 0);
        // And what tells of the losses of the one that hangs.
        assert!(books["beside"].as_u64() >= Some(10_000), "{books}");
    }
}

#[test]
fn a_sink_of_settings_holds_up_the_others_or_drops_as_its_table_says() {
    let _alone = alone();
    let refused = |pressure: &str, steps: &str| {
        let (_reader, writer) = pipe().unwrap();
        let table = format!(r#"[{{"type":"stdout_json","pressure":"{pressure}"}}]"#);
        let variables = [
            ("FAPILOG_SINKS", table.as_str()),
            ("FAPILOG_CORE__QUEUE_BUDGET", "1 MB"),
        ];
        let steps = format!("default+ {steps} patience:100");
        let books = Running::start(&steps, &variables, writer).books();
        assert_eq!(books["sink"], "stdout_json");
        books["refused"].as_u64()
    };
    let rounds = (1..=20).map(|round| format!("log:200 beside:{}", round * 200));
    let rounds = rounds.collect::<Vec<_>>().join(" ");
    assert_eq!(refused("shed", &rounds), Some(0));
    assert_ne!(refused("propagate", "log:20000"), Some(0));
}

#[test]
fn lines_for_people_are_whole_too_on_a_stdout_that_is_non_blocking() {
    let (reader, writer) = pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&reader, 4096).unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    let running = Running::start("pretty log:2000", &[], writer);
    let arrived = text(reader);
    assert_eq!(running.books()["delivered"], 2000);
    let arrived = arrived.recv_timeout(PATIENCE).unwrap();
    assert_eq!(arrived.lines().count(), 2000);
    assert!(arrived.lines().all(|line| line.contains("obligation")));
}

#[test]
fn a_broken_pipe_costs_what_it_cannot_take_and_nothing_else() {
    let (reader, writer) = pipe().unwrap();
    let steps = "json+ log:10 flush ready wait log:100";
    let mut running = Running::start(steps, &[], writer);
    running.wait_until_ready();
    let first = first_line(reader).recv_timeout(PATIENCE).unwrap();
    assert_eq!(judge(&first, 10), 1);
    running.go_on();
    let books = running.books();
    assert_eq!(books["delivered"], 10, "the pipe took them: {books}");
    assert_eq!(books["failed"], 100);
    assert_eq!(books["beside"], 110);
}

#[test]
fn a_reader_that_takes_one_line_gets_one_whole_line() {
    let mut running = Running::spawn(shell(r#""$@" | head -1"#, "json log:20000"));
    let stdout = text(running.child.stdout.take().unwrap());
    let books = running.books();
    assert_eq!(judge(&stdout.recv_timeout(PATIENCE).unwrap(), 20_000), 1);
    let taken = books["delivered"].as_u64().unwrap() + books["failed"].as_u64().unwrap();
    assert_eq!(taken, 20_000);
}

#[test]
fn a_full_device_fails_every_event_and_counts_it() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    for sink in ["json+", "pretty+"] {
        let steps = format!("{sink} log:500");
        let books = Running::start(&steps, &[], full.try_clone().unwrap()).books();
        assert_eq!(books["failed"], 500);
        assert_eq!(books["beside"], 500);
    }
}

#[test]
fn of_a_write_that_is_cut_the_whole_lines_are_delivered_and_the_others_not() {
    let path = scratch("cut");
    for sink in ["json+", "pretty+"] {
        // A file may not grow beyond the limit: writes are short, then fail.
        let script = format!(
            "trap '' XFSZ; ulimit -f 16; \"$@\" > '{}'",
            path.to_str().unwrap()
        );
        let steps = format!("{sink} log:500");
        let books = Running::spawn(shell(&script, &steps)).books();
        let written = fs::read_to_string(&path).unwrap();
        assert!(!written.ends_with('\n'), "the limit is within a line");
        let whole = written.matches('\n').count();
        assert_eq!(books["delivered"], whole);
        assert_eq!(books["failed"], 500 - whole);
        assert_eq!(books["beside"], 500);
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn after_a_cut_line_the_next_one_begins_afresh() {
    let path = scratch("fifo");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    // One that reads and writes waits for nobody; the others find it there.
    let both = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    let writer = OpenOptions::new().write(true).open(&path).unwrap();
    let reader = File::open(&path).unwrap();
    drop(both);
    rustix::pipe::fcntl_setpipe_size(&reader, 4096).unwrap();
    let steps = "json big:9000 log:50 flush ready wait log:20";
    let mut running = Running::start(steps, &[], writer);
    let begun = Instant::now();
    while rustix::io::ioctl_fionread(&reader).unwrap() < 4096 {
        assert!(begun.elapsed() < PATIENCE, "the pipe does not fill");
        thread::yield_now();
    }
    drop(reader);
    running.wait_until_ready();
    let arrived = text(File::open(&path).unwrap());
    running.go_on();
    let books = running.books();
    fs::remove_file(path).unwrap();
    let arrived = arrived.recv_timeout(PATIENCE).unwrap();
    let (half, rest) = arrived.split_once('\n').unwrap();
    assert_eq!(half.len(), 4096);
    assert_eq!(judge(rest, 70), 20);
    assert_eq!(books["delivered"], 20);
    assert_eq!(books["failed"], 51);
}

#[test]
fn a_stdout_that_cannot_be_written_fails_every_event_and_counts_it() {
    // Open for reading only: writes get what they get from a closed one.
    let unwritable = File::open("/dev/null").unwrap();
    let books = Running::start("json+ log:500", &[], unwritable).books();
    assert_eq!(books["failed"], 500);
    assert_eq!(books["beside"], 500);
}

#[test]
fn a_closed_stdout_harms_nothing_else() {
    for sink in ["json+", "pretty+"] {
        let steps = format!("{sink} log:500");
        let books = Running::spawn(shell(r#""$@" >&-"#, &steps)).books();
        assert_eq!(books["beside"], 500);
        assert_eq!(books["delivered"], 500, "std opens /dev/null in its place");
    }
}

/// How many of the issued events arrived; each line has to be one.
fn judge(lines: &str, issued: u64) -> u64 {
    assert!(lines.is_empty() || lines.ends_with('\n'), "a cut line");
    Oracle::having_issued(issued).judge(lines.lines())
}

/// A path of this test alone.
fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = path.join(format!("console-{name}-{}", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}
