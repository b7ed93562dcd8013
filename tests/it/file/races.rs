//! Processes that get in each other's way between two steps.

use super::*;

/// The helper, stopped when it has made a system call for the first time that has to do with a path.
struct Halted {
    running: Running,
    trace: PathBuf,
}

impl Halted {
    fn after(call: &str, path: &str, trace: PathBuf, words: &str) -> Self {
        let script = format!(
            "exec {} -f -qq -o '{}' -P '{path}' -e inject={call}:signal=STOP:when=1 \"$@\"",
            program("strace"),
            trace.display()
        );
        let running = Running::below(&script, words);
        let halted = Self { running, trace };
        until("it has stopped", || {
            let trace = fs::read_to_string(&halted.trace);
            trace.is_ok_and(|it| it.contains("stopped by SIGSTOP"))
        });
        halted
    }

    /// Lets it go on.
    fn released(self) -> Running {
        let strace = self.running.child.id();
        let helper = fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap();
        let sent = Command::new("kill").args(["-CONT", helper.trim()]).status();
        assert!(sent.unwrap().success());
        self.running
    }
}

#[test]
fn a_file_that_was_just_begun_is_not_taken_for_an_old_one() {
    let scratch = Scratch::new("begun");
    let logs = scratch.logs();
    let name = "app-20260115-103000-1.jsonl";
    let words = format!(
        "within:{} clock={THEN} max=1 log:1 flush log:1",
        logs.display()
    );
    let halted = Halted::after("openat", name, scratch.path("trace"), &words);
    assert!(logs.join(name).exists());
    let other = RotatingFile::within(&logs, "app").compress_rotated(true);
    let other = Logged::to(other.clock(Hands::at(THEN + 1)));
    until("the file is compressed, empty as it is", || {
        logs.join(format!("{name}.gz")).exists() && !logs.join(name).exists()
    });
    assert_eq!(halted.released().books()["delivered"], 2);
    let mut files = files(&logs);
    files.retain(|it| it.extension().is_some_and(|it| it == "jsonl"));
    assert_eq!(judge(&Oracle::having_issued(2), files), 2);
    other.end();
}

#[test]
fn what_is_put_aside_is_not_removed_with_what_held_its_name() {
    let scratch = Scratch::new("aside");
    let (path, aside) = (scratch.path("app.log"), "app-20260115-103000.log");
    let words = format!(
        "at:{} clock={THEN} max=1 log:1 flush log:1 flush",
        path.display()
    );
    let halted = Halted::after("openat", aside, scratch.path("trace"), &words);
    assert_eq!(fs::metadata(scratch.path(aside)).unwrap().len(), 0);
    // Another process takes that for an old file, and is stopped when it is about to remove it.
    let words = format!("at:{} clock={THEN} compress=yes wait", path.display());
    let packed = format!(".{aside}.gz.tmp");
    let keeper = Halted::after("renameat", &packed, scratch.path("keeper"), &words);
    assert_eq!(halted.released().books()["delivered"], 2);
    let mut keeper = keeper.released();
    until("it has removed what it takes for an old file", || {
        fs::metadata(scratch.path(aside)).is_ok_and(|it| it.len() > 0)
            || !scratch.path(aside).exists()
    });
    keeper.go_on();
    keeper.books();
    let mut files = files(&scratch.0);
    files.retain(|it| it.extension().is_some_and(|it| it == "log"));
    assert_eq!(judge(&Oracle::having_issued(2), files), 2);
}

#[test]
fn a_file_that_another_process_has_just_begun_is_not_put_aside() {
    let scratch = Scratch::new("whose");
    let path = scratch.path("app.log");
    let words = format!("at:{} max=1 from:1 log:1 flush log:1", path.display());
    // It is about to take the lock.
    let halted = Halted::after("openat", ".app.log.lock", scratch.path("trace"), &words);
    let other = Logged::to(RotatingFile::at(&path).max_bytes(1));
    assert_eq!(other.oracle.log(&other.log), 0);
    other.end();
    assert_eq!(halted.released().books()["delivered"], 2);
    let mut files = files(&scratch.0);
    files.retain(|it| it.extension().is_some_and(|it| it == "log"));
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(judge(&Oracle::having_issued(3), files), 3);
}

#[test]
fn the_mode_of_another_directory_is_not_changed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let scratch = Scratch::new("modes");
    let victim = scratch.path("victim");
    fs::create_dir(&victim).unwrap();
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o700)).unwrap();
    let logs = scratch.logs();
    let words = format!("within:{} log:1", logs.display());
    let made = logs.display().to_string();
    let halted = Halted::after("mkdir", &made, scratch.path("trace"), &words);
    fs::remove_dir(&logs).unwrap();
    symlink(&victim, &logs).unwrap();
    halted.released().books();
    let mode = fs::metadata(&victim).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
}
