//! When what is written is forced onto the disk.

use super::*;

/// A command that keeps in `trace` how the helper forces files onto the disk.
fn traced(trace: &Path, inject: &str) -> String {
    let trace = trace.display();
    format!(
        "exec {} -f -qq -e trace=fdatasync {inject} -o '{trace}' \"$@\"",
        program("strace")
    )
}

fn count(trace: &Path) -> usize {
    // A call that another thread interrupts stands there in two parts.
    let text = fs::read_to_string(trace).unwrap_or_default();
    text.lines()
        .filter(|line| line.contains("fdatasync("))
        .count()
}

#[test]
fn a_batch_is_forced_onto_the_disk_before_it_counts_if_wanted_and_never_unless() {
    let scratch = Scratch::new("sync");
    for (policy, is_synced) in [("never", false), ("batch", true)] {
        let trace = scratch.path(&format!("trace-{policy}"));
        let logs = scratch.path(policy);
        let settings = format!(
            "export FAPILOG_FILE__DIRECTORY='{}' FAPILOG_FILE__SYNC={policy}; ",
            logs.display()
        );
        let script = settings + &traced(&trace, "");
        let mut running = Running::below(&script, "as:set log:1 ready wait");
        running.wait_until_ready();
        until("the event is written", || {
            logs.exists() && files(&logs).iter().any(|file| !events(file).is_empty())
        });
        if is_synced {
            until("it is forced onto the disk", || count(&trace) > 0);
        }
        running.go_on();
        assert_eq!(running.books()["delivered"], 1);
        assert_eq!(count(&trace) > 0, is_synced, "{policy}");
    }
}

#[test]
fn a_file_is_forced_onto_the_disk_within_the_interval_without_another_event() {
    let scratch = Scratch::new("sync-interval");
    let trace = scratch.path("trace");
    for (interval, is_synced) in [("1h", false), ("10ms", true)] {
        let settings = format!(
            "export FAPILOG_FILE__DIRECTORY='{}' FAPILOG_FILE__SYNC=interval \
             FAPILOG_FILE__SYNC_INTERVAL_SECONDS={interval}; ",
            scratch.path(interval).display()
        );
        let script = settings + &traced(&trace, "");
        let mut running = Running::below(&script, "as:set log:1 ready wait");
        running.wait_until_ready();
        until("the event is written", || {
            let logs = scratch.path(interval);
            logs.exists() && files(&logs).iter().any(|file| !events(file).is_empty())
        });
        match is_synced {
            true => until("it is forced onto the disk", || count(&trace) > 0),
            false => assert_eq!(count(&trace), 0),
        }
        running.go_on();
        assert_eq!(running.books()["delivered"], 1);
        // At the end in any case.
        assert!(count(&trace) > 0);
    }
}

#[test]
fn a_batch_that_could_not_be_forced_onto_the_disk_is_no_success_and_its_file_is_left() {
    let scratch = Scratch::new("sync-fails");
    let trace = scratch.path("trace");
    let path = scratch.path("app.log");
    // Each flush is one more, after that of the batch.
    let inject = "-e inject=fdatasync:error=EIO:when=3";
    let words = format!(
        "at:{} sync=batch {}",
        path.display(),
        "log:1 flush ".repeat(4)
    );
    let books = Running::below(&traced(&trace, inject), words.trim()).books();
    assert_eq!(
        (&books["delivered"], &books["failed"]),
        (&3.into(), &1.into())
    );
    let files = files(&scratch.0);
    let old = files
        .iter()
        .find(|file| **file != path && **file != trace)
        .unwrap();
    assert_eq!(events(old).len(), 2);
    let events = events(&path);
    assert_eq!(events.len(), 3);
    assert_eq!(events[0]["data"]["lost"], 1);
}

#[test]
fn a_file_that_could_not_be_forced_onto_the_disk_gets_nothing_more_while_it_has_to_stay() {
    let scratch = Scratch::new("sync-stuck");
    let trace = scratch.path("trace");
    let path = scratch.path("app.log");
    let words = "sync=3600000 log:1 flush ready wait log:1 flush ready wait log:1";
    let words = format!("at:{} {words}", path.display());
    let inject = "-e inject=fdatasync:error=EIO:when=1";
    let mut running = Running::below(&traced(&trace, inject), &words);
    running.wait_until_ready();
    // Somebody keeps it from being put aside.
    let other = fs::File::create(scratch.path(".app.log.lock")).unwrap();
    other.lock().unwrap();
    running.go_on();
    running.wait_until_ready();
    drop(other);
    running.go_on();
    let books = running.books();
    assert_eq!(
        (&books["delivered"], &books["failed"]),
        (&2.into(), &1.into())
    );
    assert_eq!(events(&path)[0]["data"]["lost"], 1);
    assert_eq!(events(&path).len(), 2);
}
