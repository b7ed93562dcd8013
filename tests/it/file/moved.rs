//! Files that are put aside, removed or cut by others while they are written to.

use fapilog_tests::scaled;

use super::*;

#[test]
fn a_file_that_is_renamed_gets_no_event_after_that_and_nothing_is_lost() {
    let scratch = Scratch::new("renamed");
    let path = scratch.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path));
    for round in 0..scaled(20) {
        logged.log(3);
        fs::rename(&path, scratch.path(&format!("app.log.{round}"))).unwrap();
        if round % 2 == 0 {
            // As logrotate does with `create`.
            fs::write(&path, "").unwrap();
        }
        logged.log(1);
        assert_eq!(events(&path).len(), 1, "round {round}");
    }
    logged.end_whole(files(&scratch.0));
}

#[test]
fn a_file_that_is_renamed_under_load_loses_nothing() {
    let scratch = Scratch::new("load");
    let path = scratch.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path));
    logged.log(1);
    thread::scope(|scope| {
        let logging = scope.spawn(|| {
            for _ in 0..scaled(20_000) {
                logged.oracle.log(&logged.log);
            }
        });
        let mut round = 0;
        while !logging.is_finished() {
            if fs::rename(&path, scratch.path(&format!("app.log.{round}"))).is_ok() {
                round += 1;
            }
        }
        assert!(round > 1, "renamed {round} times");
    });
    logged.log(1);
    logged.end_whole(files(&scratch.0));
}

#[test]
fn a_file_that_is_removed_takes_nothing_along_but_what_was_in_it() {
    let scratch = Scratch::new("removed");
    let path = scratch.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path));
    for _ in 0..scaled(20) {
        logged.log(3);
        fs::remove_file(&path).unwrap();
        logged.log(2);
        assert_eq!(events(&path).len(), 2);
        fs::remove_file(&path).unwrap();
    }
    let (oracle, report) = logged.end();
    assert_eq!(report.stats.sinks[0].delivered, oracle.issued());
}

#[test]
fn a_directory_that_is_renamed_or_removed_is_made_anew() {
    let scratch = Scratch::new("directory-gone");
    let sinks = [
        RotatingFile::at(scratch.logs().join("app.log")),
        RotatingFile::within(scratch.logs(), "app"),
    ];
    for (number, file) in sinks.into_iter().enumerate() {
        let logged = Logged::to(file);
        logged.log(3);
        fs::rename(scratch.logs(), scratch.path(&format!("old-{number}"))).unwrap();
        logged.log(2);
        let now = files(&scratch.logs());
        assert_eq!((now.len(), events(&now[0]).len()), (1, 2));
        fs::remove_dir_all(scratch.logs()).unwrap();
        logged.log(1);
        assert_eq!(events(&files(&scratch.logs())[0]).len(), 1);
        let (oracle, report) = logged.end();
        assert_eq!(report.stats.sinks[0].delivered, oracle.issued());
        fs::remove_dir_all(scratch.logs()).unwrap();
    }
}

#[test]
fn a_file_that_is_copied_and_cut_goes_on_at_its_new_end() {
    let scratch = Scratch::new("copied");
    let path = scratch.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path));
    for round in 0..scaled(50) {
        logged.log(5);
        fs::copy(&path, scratch.path(&format!("app.log.{round}"))).unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(0)
            .unwrap();
    }
    logged.log(5);
    assert!(!fs::read(&path).unwrap().contains(&0), "a hole");
    logged.end_whole(files(&scratch.0));
}

#[test]
fn a_file_is_opened_anew_when_that_is_asked_for() {
    let scratch = Scratch::new("asked");
    let words = "log:1 flush ready wait reopen log:1 flush ready wait";
    let (mut running, opens) = traced(&scratch, words);
    running.wait_until_ready();
    assert_eq!(opens(), 1);
    running.go_on();
    running.wait_until_ready();
    assert_eq!(opens(), 2);
    running.go_on();
    assert_eq!(running.books()["delivered"], 2);
    assert_eq!(events(&scratch.path("app.log")).len(), 2);
}

#[test]
fn a_file_that_cannot_be_opened_anew_goes_on_until_it_can() {
    let scratch = Scratch::new("asked-in-vain");
    let path = scratch.path("app.log");
    let words = "log:1 flush exhaust reopen log:5 flush release log:1";
    let words = format!("at:{} {words}", path.display());
    let books = Running::below("ulimit -n 64; \"$@\"", &words).books();
    assert_eq!(books["delivered"], 7, "{books}");
    assert_eq!(judge(&Oracle::having_issued(7), [path]), 7);
}

#[test]
fn a_file_is_opened_anew_at_the_signal_that_is_meant_for_that() {
    let scratch = Scratch::new("signal");
    let rounds = "log:1 flush ready wait ".repeat(1000);
    let settings = format!(
        "export FAPILOG_FILE__DIRECTORY='{}' FAPILOG_FILE__REOPEN_ON_HANGUP=yes; exec \"$@\"",
        scratch.logs().display()
    );
    let mut running = Running::below(&settings, &format!("as:set {}", rounds.trim()));
    let round = |running: &mut Running| {
        running.wait_until_ready();
        running.go_on();
    };
    (0..3).for_each(|_| round(&mut running));
    assert_eq!(names(&scratch.logs()).len(), 1);
    let helper = running.child.id().to_string();
    let sent = Command::new("kill").args(["-HUP", &helper]).status();
    assert!(sent.unwrap().success());
    // The signal comes when it comes; the event after it stands in another file.
    until("the file is opened anew", || {
        round(&mut running);
        names(&scratch.logs()).len() == 2
    });
}

/// The helper, and how often it has opened its file so far.
fn traced(scratch: &Scratch, words: &str) -> (Running, impl Fn() -> usize + use<>) {
    let trace = scratch.path("trace");
    let script = format!(
        "exec {} -f -qq -e trace=openat -o '{}' \"$@\"",
        program("strace"),
        trace.display()
    );
    let words = format!("at:{} {words}", scratch.path("app.log").display());
    let running = Running::below(&script, &words);
    let opens = move || {
        let trace = fs::read_to_string(&trace).unwrap();
        let opens = trace
            .lines()
            .filter(|line| line.contains("\"app.log\", O_RDWR"));
        // A new file is looked for before it is made.
        opens.filter(|line| !line.contains("ENOENT")).count()
    };
    (running, opens)
}

#[test]
fn a_link_shows_to_the_file_that_is_written_to() {
    let scratch = Scratch::new("latest");
    let hands = Hands::at(THEN);
    let file = RotatingFile::within(scratch.logs(), "app").max_bytes(1);
    let logged = Logged::to(file.latest_link(true).clock(hands.clone()));
    let link = scratch.logs().join("app-latest");
    for second in 0..3 {
        hands.set(THEN + second);
        logged.log(1);
        let name = format!("app-20260115-10300{second}.jsonl");
        assert_eq!(fs::read_link(&link).unwrap(), Path::new(&name));
    }
    logged.end();
    assert_eq!(names(&scratch.logs()).len(), 4);
    // What is no link is not replaced by one.
    fs::remove_file(&link).unwrap();
    fs::write(&link, "mine").unwrap();
    let file = RotatingFile::within(scratch.logs(), "app").latest_link(true);
    let logged = Logged::to(file);
    logged.log(1);
    let (_, report) = logged.end();
    assert_eq!(report.stats.sinks[0].delivered, 1);
    assert!(report.last_error.unwrap().contains("cannot link"));
    assert_eq!(fs::read_to_string(&link).unwrap(), "mine");
}
