//! Old files that are compressed.

use fapilog_core::settings::FileSync;
use fapilog_tests::scaled;

use super::*;

/// What is in a file, compressed or not.
fn text(path: &Path) -> String {
    if path.extension().is_none_or(|it| it != "gz") {
        return fs::read_to_string(path).unwrap();
    }
    let gzip = |what| {
        let mut gzip = Command::new(program("gzip"));
        gzip.arg(what).arg(path).output().unwrap()
    };
    assert!(gzip("-t").status.success(), "{path:?} is broken");
    let unpacked = gzip("-dc");
    String::from_utf8(unpacked.stdout).unwrap()
}

fn is_compressed(name: &str) -> bool {
    name.ends_with(".gz")
}

#[test]
fn old_files_are_compressed_as_a_whole_and_the_active_one_is_not() {
    let scratch = Scratch::new("gzip");
    let logs = scratch.logs();
    let logged = Logged::to(
        RotatingFile::within(&logs, "app")
            .max_bytes(20_000)
            .compress_rotated(true),
    );
    logged.log(500);
    until("all but one are compressed", || {
        let names = names(&logs);
        names.iter().filter(|name| !is_compressed(name)).count() == 1
    });
    let files = files(&logs);
    assert!(files.len() > 5);
    let texts: Vec<_> = files.iter().map(|file| text(file)).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    assert_eq!(logged.oracle.judge(lines), 500);
    for file in files
        .iter()
        .filter(|file| is_compressed(&file.display().to_string()))
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(file).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    }
    logged.end();
}

#[test]
fn compressed_files_count_among_those_that_are_kept() {
    let scratch = Scratch::new("gzip-keep");
    let path = scratch.path("app.log");
    let file = RotatingFile::at(&path)
        .max_bytes(1)
        .max_files(2)
        .compress_rotated(true);
    let logged = Logged::to(file);
    for count in 1..10 {
        logged.log(1);
        let most = count.min(3);
        until("old ones are compressed and removed", || {
            let names = names(&scratch.0);
            names.len() == most && names.iter().filter(|it| is_compressed(it)).count() == most - 1
        });
    }
    logged.end();
}

#[test]
fn a_file_that_is_still_to_be_forced_onto_the_disk_is_compressed_at_once() {
    let scratch = Scratch::new("gzip-sync");
    let file = RotatingFile::within(scratch.logs(), "app")
        .max_bytes(1)
        .compress_rotated(true)
        .sync(FileSync::Interval)
        .sync_interval(Duration::from_secs(3600));
    let logged = Logged::to(file.clock(Hands::at(THEN)));
    logged.log(1);
    logged.log(1);
    until("it is compressed", || {
        names(&scratch.logs())
            == [
                "app-20260115-103000-1.jsonl",
                "app-20260115-103000.jsonl.gz",
            ]
    });
    logged.end();
}

#[test]
fn a_process_that_is_killed_while_it_compresses_leaves_each_file_whole() {
    let scratch = Scratch::new("gzip-killed");
    let logs = scratch.logs();
    let mut random = fapilog_tests::random();
    let big = "{\"message\":\"old\"}\n".repeat(40_000);
    for round in 0..scaled(20) {
        let _ = fs::remove_dir_all(&logs);
        fs::create_dir_all(&logs).unwrap();
        for number in 0..3 {
            fs::write(logs.join(format!("app-20250101-00000{number}.jsonl")), &big).unwrap();
        }
        let words = format!(
            "within:{} compress=yes log:1 flush ready wait",
            logs.display()
        );
        let mut running = Running::start(&words);
        running.wait_until_ready();
        let patience = Duration::from_micros(random.u64(0..60_000));
        let begun = Instant::now();
        while begun.elapsed() < patience {
            thread::yield_now();
        }
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        for number in 0..3 {
            let path = logs.join(format!("app-20250101-00000{number}.jsonl"));
            let packed = path.with_extension("jsonl.gz");
            assert!(path.exists() || packed.exists(), "round {round}: gone");
            if path.exists() {
                assert_eq!(text(&path).len(), big.len(), "round {round}");
            }
            if packed.exists() {
                assert_eq!(text(&packed).len(), big.len(), "round {round}");
            }
        }
        // The next process finishes that.
        let file = RotatingFile::within(&logs, "app").compress_rotated(true);
        let logged = Logged::to(file);
        logged.log(1);
        until("the rest is compressed", || {
            let names = all_names(&logs);
            let rest = names.iter().filter(|name| name.ends_with(".tmp"));
            let old = names.iter().filter(|name| name.ends_with(".jsonl"));
            rest.count() == 0 && old.count() == 1
        });
        logged.end();
    }
}

#[test]
fn a_file_that_another_process_writes_to_is_not_compressed() {
    let scratch = Scratch::new("gzip-busy");
    let path = scratch.path("app.log");
    let words = format!("at:{} log:1 flush ready wait", path.display());
    let mut other = Running::start(&words);
    other.wait_until_ready();
    let hands = Hands::at(THEN);
    let file = RotatingFile::at(&path).max_bytes(1).compress_rotated(true);
    let logged = Logged::to(file.clock(hands.clone()));
    let log = |seconds| {
        hands.set(THEN + seconds);
        logged.log(1);
        // The first one is still open in the other process.
        assert!(scratch.path("app-20260115-103000.log").exists());
    };
    let compressed = |seconds| {
        let name = format!("app-20260115-10300{seconds}.log.gz");
        until("it is compressed", || scratch.path(&name).exists());
    };
    log(0);
    log(1);
    log(2);
    // After the first one, had that been its turn.
    compressed(2);
    assert!(scratch.path("app-20260115-103000.log").exists());
    other.go_on();
    assert_eq!(other.books()["delivered"], 1);
    hands.set(THEN + 3);
    logged.log(1);
    compressed(0);
    logged.end();
}
