//! Disks that are full or broken, and writes that hang.

use fapilog_core::{FlushOutcome, settings::FileMode};
use fapilog_tests::{alone, promised, scaled};

use super::*;

/// A small disk, until it is dropped.
struct Disk(Scratch);

impl Disk {
    fn of(size: &str, name: &str) -> Self {
        let scratch = Scratch::new(name);
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"])
            .arg(&scratch.0)
            .status();
        let is_mounted = mounted.is_ok_and(|it| it.success());
        assert!(
            is_mounted,
            "as root, or: unshare -Urm cargo test -p fapilog-tests file::disk"
        );
        Self(scratch)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0.0).status();
    }
}

#[test]
fn a_full_disk_costs_what_it_cannot_take_and_the_file_tells_of_it() {
    let disk = Disk::of("256k", "full");
    let path = disk.0.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path));
    let mut arrived = Vec::new();
    let mut lost = 0;
    for round in 0..scaled(10) {
        // More than there is room for, in batches of all sizes.
        for size in [1, 7, 30, 1000 - round % 50, 3] {
            logged.log(size);
        }
        let sink = &logged.pipeline.stats().sinks[0];
        let new = sink.dropped.get("sink_failed") - lost;
        lost += new;
        assert!(new > 0, "there was room in round {round}");
        arrived.extend(events(&path));
        // Somebody makes room: the next event finds it.
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(0)
            .unwrap();
        logged.log(1);
        let now = events(&path);
        assert_eq!(now.len(), 2, "a gap and the event");
        assert_eq!(now[0]["message"], "gap");
        assert_eq!(now[0]["data"]["lost"], new);
        let reason = now[0]["data"]["reason"].as_str().unwrap();
        assert!(reason.contains("No space left"), "{reason}");
        jsonschema_of(&now[0]);
    }
    arrived.extend(events(&path));
    let (oracle, report) = logged.end();
    let sink = &report.stats.sinks[0];
    assert_eq!(sink.delivered + lost, oracle.issued());
    assert_eq!(sink.dropped.total(), lost);
    let lines: Vec<_> = arrived.iter().map(Value::to_string).collect();
    assert_eq!(
        oracle.judge(lines.iter().map(String::as_str)),
        sink.delivered
    );
}

/// It has the form of every event.
fn jsonschema_of(event: &Value) {
    let schema: Value = serde_json::from_str(fapilog_core::SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(event), "{event}");
}

#[test]
fn a_gap_is_told_in_lines_for_people_too() {
    let disk = Disk::of("64k", "full-text");
    let path = disk.0.path("app.log");
    let file = RotatingFile::at(&path).mode(FileMode::Text);
    let logged = Logged::to(file);
    logged.log(1000);
    fs::write(&path, "").unwrap();
    logged.log(1);
    let text = fs::read_to_string(&path).unwrap();
    let (gap, line) = text.split_once('\n').unwrap();
    let lost = logged.pipeline.stats().sinks[0].dropped.total();
    assert!(gap.contains("WARNING  fapilog::rotating_file gap"), "{gap}");
    assert!(gap.contains(&format!("lost={lost} ")), "{gap}");
    assert!(line.contains("obligation"), "{line}");
}

#[test]
fn a_gap_is_told_by_a_flush_or_at_the_end_if_no_event_comes_any_more() {
    let disk = Disk::of("64k", "full-quiet");
    for (mode, by_flush) in [
        (FileMode::Json, true),
        (FileMode::Json, false),
        (FileMode::Text, true),
        (FileMode::Text, false),
    ] {
        let path = disk.0.path("app.log");
        let logged = Logged::to(RotatingFile::at(&path).mode(mode));
        logged.log(1000);
        fs::write(&path, "").unwrap();
        let lost = logged.pipeline.stats().sinks[0].dropped.total();
        match by_flush {
            true => logged.log(0),
            false => drop(logged.end()),
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        match mode {
            FileMode::Text => assert!(text.contains(&format!(" gap  lost={lost} ")), "{text}"),
            _ => {
                let event = &events(&path)[0];
                assert_eq!(
                    (&event["message"], &event["data"]["lost"]),
                    (&"gap".into(), &lost.into())
                );
                jsonschema_of(event);
            }
        }
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_full_disk_holds_up_neither_calls_nor_the_end() {
    let _alone = alone();
    let disk = Disk::of("64k", "full-calls");
    let path = disk.0.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path));
    let begun = Instant::now();
    for _ in 0..20_000 {
        logged.oracle.log(&logged.log);
    }
    let (oracle, report) = logged.end();
    let took = begun.elapsed();
    assert!(took < promised(Duration::from_secs(2)), "it took {took:?}");
    assert!(!report.timed_out);
    let sink = &report.stats.sinks[0];
    assert_eq!(
        sink.delivered + sink.dropped.get("sink_failed"),
        oracle.issued()
    );
    assert_eq!(judge(&oracle, [path]), sink.delivered);
}

#[test]
fn a_handle_tells_whether_all_is_well() {
    let disk = Disk::of("64k", "health");
    let path = disk.0.path("app.log");
    let file = RotatingFile::at(&path);
    let handle = file.handle();
    let logged = Logged::to(file);
    logged.log(1);
    assert!(handle.health_check().is_ok());
    logged.log(1000);
    let trouble = handle.health_check().unwrap_err().to_string();
    assert!(trouble.contains("cannot write: No space left"), "{trouble}");
    fs::write(&path, "").unwrap();
    logged.log(1);
    assert!(handle.health_check().is_ok());
}

#[test]
fn without_a_directory_to_write_to_events_wait_for_nothing_and_return_with_it() {
    let scratch = Scratch::new("no-directory");
    // A file is where the directory should be.
    fs::write(scratch.logs(), "in the way").unwrap();
    let path = scratch.logs().join("app.log");
    let logged = Logged::to(RotatingFile::at(&path));
    logged.log(5);
    assert_eq!(
        logged.pipeline.stats().sinks[0].dropped.get("sink_failed"),
        5
    );
    fs::remove_file(scratch.logs()).unwrap();
    logged.log(2);
    let events = events(&path);
    assert_eq!(
        (events.len(), &events[0]["data"]["lost"]),
        (3, &Value::from(5))
    );
}

#[test]
fn a_process_without_a_file_to_spare_goes_on_in_the_old_one() {
    let scratch = Scratch::new("exhausted");
    let path = scratch.path("app.log");
    let words = "max=5000 log:5 flush exhaust log:100 flush release log:1 flush log:1";
    let words = format!("at:{} {words}", path.display());
    let books = Running::below("ulimit -n 64; \"$@\"", &words).books();
    assert_eq!(books["delivered"], 107, "{books}");
    let files = files(&scratch.0);
    assert_eq!(files.len(), 2);
    assert_eq!(judge(&Oracle::having_issued(107), files), 107);
}

#[test]
fn a_disk_that_is_read_only_costs_nothing_once_it_is_not() {
    let disk = Disk::of("64k", "read-only");
    let path = disk.0.path("app.log");
    let mount = |how: &str| {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,{how}")]).arg(&disk.0.0);
        assert!(mount.status().unwrap().success());
    };
    mount("ro");
    let logged = Logged::to(RotatingFile::at(&path));
    logged.log(5);
    let dropped = logged.pipeline.stats().sinks[0].dropped.get("sink_failed");
    assert_eq!(dropped, 5);
    mount("rw");
    logged.log(1);
    let events = events(&path);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["data"]["lost"], 5);
    let reason = events[0]["data"]["reason"].as_str().unwrap();
    assert!(reason.contains("Read-only file system"), "{reason}");
}

#[test]
fn a_disk_that_becomes_read_only_between_two_files_is_written_to_in_the_old_one() {
    let scratch = Scratch::new("read-only-next");
    let path = scratch.path("app.log");
    let words = format!("at:{} max=1 {}", path.display(), "log:1 flush ".repeat(6));
    let script = format!(
        "exec {} -f -qq -o /dev/null -P app.log -e inject=renameat:error=EROFS:when=2..3 \"$@\"",
        program("strace")
    );
    let books = Running::below(&script, words.trim()).books();
    assert_eq!(books["delivered"], 6);
    let files = files(&scratch.0);
    assert_eq!(files.len(), 4);
    assert_eq!(judge(&Oracle::having_issued(6), files), 6);
}

#[test]
fn a_file_that_the_system_lets_grow_no_more_is_full() {
    let scratch = Scratch::new("limit");
    let path = scratch.path("app.log");
    let words = format!("at:{} log:100 flush log:100 flush log:1", path.display());
    // Blocks of 512 bytes.
    let books = Running::below("trap '' XFSZ; ulimit -f 40; \"$@\"", &words).books();
    assert_eq!(books["delivered"], 201, "{books}");
    let files = files(&scratch.0);
    assert!((4..20).contains(&files.len()), "{} files", files.len());
    assert_eq!(judge(&Oracle::having_issued(201), files), 201);
}

#[test]
fn an_event_that_the_system_lets_no_file_take_is_counted_and_told_of() {
    let scratch = Scratch::new("limit-small");
    let path = scratch.path("app.log");
    let words = format!("at:{} {}", path.display(), "log:1 flush ".repeat(100));
    let books = Running::below("trap '' XFSZ; ulimit -f 1; \"$@\"", words.trim()).books();
    let [delivered, failed] = ["delivered", "failed"].map(|name| books[name].as_u64().unwrap());
    assert!(delivered > 0 && failed > 0, "{books}");
    assert_eq!(delivered + failed, 100);
    let files = files(&scratch.0);
    let all = files.iter().flat_map(|file| events(file));
    let told = all.filter_map(|event| event["data"]["lost"].as_u64());
    assert_eq!(told.sum::<u64>(), failed);
    assert_eq!(judge(&Oracle::having_issued(100), files), delivered);
}

#[test]
fn a_write_that_is_interrupted_or_has_to_wait_loses_nothing() {
    let scratch = Scratch::new("interrupted");
    for error in ["EINTR", "EAGAIN"] {
        let path = scratch.path(error);
        let words = format!("at:{} {}", path.display(), "log:1 flush ".repeat(10));
        let script = format!(
            "exec {} -f -qq -o /dev/null -P '{}' -e inject=write:error={error}:when=1+2 \"$@\"",
            program("strace"),
            path.display()
        );
        let books = Running::below(&script, words.trim()).books();
        assert_eq!(books["delivered"], 10, "{error}");
        assert_eq!(judge(&Oracle::having_issued(10), [path]), 10, "{error}");
    }
}

#[test]
fn a_process_that_has_lost_its_permission_goes_on_in_the_old_file() {
    use std::os::unix::fs::{PermissionsExt, chown};
    const NOBODY: u32 = 65_534;
    // Where somebody else than the owner of the build can get to.
    let scratch =
        Scratch(std::env::temp_dir().join(format!("fapilog-lost-{}", std::process::id())));
    fs::create_dir_all(scratch.logs()).unwrap();
    let helper = scratch.path("filing");
    fs::copy(env!("CARGO_BIN_EXE_filing"), &helper).unwrap();
    let is_root = chown(scratch.logs(), Some(NOBODY), Some(NOBODY)).is_ok();
    assert!(
        is_root,
        "as root, or: unshare -Urm cargo test -p fapilog-tests file::disk"
    );
    let script = format!(
        "shift; exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups '{}' \"$@\"",
        helper.display()
    );
    let path = scratch.logs().join("app.log");
    let words = "max=5000 log:5 flush ready wait log:100 flush ready wait log:1 flush log:1";
    let mut running = Running::below(&script, &format!("at:{} {words}", path.display()));
    running.wait_until_ready();
    let allow =
        |mode| fs::set_permissions(scratch.logs(), fs::Permissions::from_mode(mode)).unwrap();
    allow(0o500);
    running.go_on();
    running.wait_until_ready();
    assert_eq!(files(&scratch.logs()).len(), 1);
    allow(0o700);
    running.go_on();
    assert_eq!(running.books()["delivered"], 107);
    assert_eq!(files(&scratch.logs()).len(), 2);
    assert_eq!(
        judge(&Oracle::having_issued(107), files(&scratch.logs())),
        107
    );
}

#[test]
fn a_disk_with_errors_costs_the_batches_that_it_refuses() {
    let scratch = Scratch::new("errors");
    let path = scratch.path("app.log");
    let words = format!("at:{} {}", path.display(), "log:1 flush ".repeat(10));
    let script = format!(
        "exec {} -f -qq -o /dev/null -P '{}' -e inject=write:error=EIO:when=3..5 \"$@\"",
        program("strace"),
        path.display()
    );
    let books = Running::below(&script, words.trim()).books();
    assert_eq!(
        (&books["delivered"], &books["failed"]),
        (&8.into(), &2.into())
    );
    let events = events(&path);
    assert_eq!(events.len(), 9);
    // The second of the writes that failed was that of a flush, to tell of the first.
    assert_eq!(events[2]["data"]["lost"], 2);
    let reason = events[2]["data"]["reason"].as_str().unwrap();
    assert!(reason.contains("Input/output error"), "{reason}");
}

#[test]
fn whichever_write_fails_the_books_tell_what_the_file_lacks() {
    let scratch = Scratch::new("nth");
    for nth in 1..scaled(8) {
        let path = scratch.path(&format!("{nth}.log"));
        let words = format!("at:{} {}", path.display(), "log:3 flush ".repeat(6));
        let script = format!(
            "exec {} -f -qq -o /dev/null -P '{}' -e inject=write:error=EIO:when={nth} \"$@\"",
            program("strace"),
            path.display()
        );
        let books = Running::below(&script, words.trim()).books();
        let events = events(&path);
        let lost = events.iter().filter_map(|it| it["data"]["lost"].as_u64());
        assert_eq!(Value::from(lost.sum::<u64>()), books["failed"]);
        let delivered = judge(&Oracle::having_issued(18), [path]);
        assert_eq!(Value::from(delivered), books["delivered"]);
        assert_eq!(books["failed"] != 0, nth <= 6, "{books}");
    }
}

#[test]
fn a_write_that_never_returns_holds_up_the_end_until_the_deadline_and_is_named() {
    let _alone = alone();
    let scratch = Scratch::new("hung");
    let path = scratch.path("app.log");
    let words = format!("at:{} log:3 flush log:1 log:1 patience:500", path.display());
    let script = format!(
        "exec {} -f -qq -o /dev/null -P '{}' -e inject=write:delay_enter=60000000:when=2 \"$@\"",
        program("strace"),
        path.display()
    );
    let begun = Instant::now();
    // What holds the write back holds the helper too: it is not waited for.
    let running = Running::below(&script, &words);
    let books = running.told();
    let took = begun.elapsed();
    assert_eq!(books["delivered"], 3, "{books}");
    let lost = books["unknown"].as_u64().unwrap() + books["late"].as_u64().unwrap();
    assert_eq!(lost, 2, "{books}");
    assert!(books["unknown"].as_u64() > Some(0), "{books}");
    assert_eq!(books["stuck"], "fapilog-rotating_file");
    assert!(took < promised(Duration::from_secs(3)), "it took {took:?}");
}

#[test]
fn a_flush_tells_that_nothing_is_left_on_the_way() {
    let scratch = Scratch::new("flush");
    let logged = Logged::to(RotatingFile::at(scratch.path("app.log")));
    logged.oracle.log(&logged.log);
    let report = logged.pipeline.flush_blocking(PATIENCE);
    assert!(
        report
            .sinks
            .iter()
            .all(|(_, outcome)| *outcome == FlushOutcome::Flushed)
    );
    assert_eq!(events(&scratch.path("app.log")).len(), 1);
}
