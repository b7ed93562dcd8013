//! When a new file begins.

use fapilog_core::info;

use super::*;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

#[test]
fn no_file_is_larger_than_wanted_and_nothing_is_lost_between_two() {
    let scratch = Scratch::new("size");
    let at = scratch.path("at/app.log");
    let sinks = [
        RotatingFile::at(&at),
        RotatingFile::within(scratch.path("within"), "app"),
    ];
    for sink in sinks {
        let logged = Logged::to(sink.max_bytes(64 * 1024));
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..fapilog_tests::scaled(500) {
                        logged.oracle.log(&logged.log);
                    }
                });
            }
        });
        logged.log(1);
        let name = if at.exists() { "at" } else { "within" };
        let name = if scratch.path("within").exists() {
            "within"
        } else {
            name
        };
        let files = files(&scratch.path(name));
        assert!(files.len() > 20, "{} files", files.len());
        for file in &files {
            let size = fs::metadata(file).unwrap().len();
            assert!((1..=64 * 1024).contains(&size), "{file:?} has {size} bytes");
        }
        logged.end_whole(files);
    }
}

#[test]
fn an_event_larger_than_a_file_has_one_of_its_own() {
    let scratch = Scratch::new("large");
    let path = scratch.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path).max_bytes(2000));
    for size in [10, 5000, 10, 3000] {
        info!(logger: logged.log, text = "x".repeat(size), "sized");
        logged.log(0);
    }
    let (_, report) = logged.end();
    assert_eq!(report.stats.sinks[0].delivered, 4);
    let files = files(&scratch.0);
    assert_eq!(files.len(), 4);
    assert!(files.iter().all(|file| events(file).len() == 1));
}

#[test]
fn files_of_one_second_are_numbered_and_never_overwritten() {
    let scratch = Scratch::new("numbers");
    let hands = Hands::at(THEN);
    let file = RotatingFile::within(scratch.logs(), "app").max_bytes(1);
    let logged = Logged::to(file.clock(hands.clone()));
    fs::create_dir_all(scratch.logs()).unwrap();
    let foreign = scratch.logs().join("app-20260115-103000-5.jsonl");
    fs::write(&foreign, "not ours").unwrap();
    let gone = scratch.logs().join("app-20260115-103000-7.jsonl.gz");
    fs::write(&gone, "compressed").unwrap();
    (0..12).for_each(|_| logged.log(1));
    // Set back: the names of that second are taken.
    hands.set(THEN - 1);
    logged.log(1);
    hands.set(THEN);
    logged.log(1);
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "not ours");
    let mut files = files(&scratch.logs());
    assert!(!files.contains(&scratch.logs().join("app-20260115-103000-7.jsonl")));
    files.retain(|file| *file != foreign && *file != gone);
    assert_eq!(files.len(), 14);
    logged.end_whole(files);
}

#[test]
fn a_day_ends_at_midnight_where_people_live() {
    let scratch = Scratch::new("day");
    // 23:30 in Berlin, 22:30 in UTC.
    let hands = Hands::at(THEN + 12 * HOUR);
    let file = |name| {
        RotatingFile::within(scratch.logs(), name)
            .interval(Duration::from_secs(DAY))
            .clock(hands.clone())
    };
    let utc = Logged::to(file("utc"));
    let berlin = Logged::to(file("berlin").time_zone("Europe/Berlin"));
    let log = |seconds| {
        hands.set(seconds);
        utc.log(1);
        berlin.log(1);
    };
    let count = |prefix: &str| {
        let names = names(&scratch.logs());
        names.iter().filter(|name| name.starts_with(prefix)).count()
    };
    log(THEN + 12 * HOUR);
    log(THEN + 12 * HOUR + HOUR / 2 - 1);
    assert_eq!((count("utc"), count("berlin")), (1, 1));
    log(THEN + 12 * HOUR + HOUR / 2);
    assert_eq!((count("utc"), count("berlin")), (1, 2));
    log(THEN + 13 * HOUR + HOUR / 2);
    assert_eq!((count("utc"), count("berlin")), (2, 2));
}

#[test]
fn size_and_time_work_together_and_a_clock_that_jumps_rotates_once() {
    let scratch = Scratch::new("both");
    let hands = Hands::at(THEN);
    let file = RotatingFile::within(scratch.logs(), "app")
        .interval(Duration::from_secs(HOUR))
        .max_bytes(20_000)
        .clock(hands.clone());
    let logged = Logged::to(file);
    let log = |seconds, count| {
        hands.set(seconds);
        logged.log(count);
        names(&scratch.logs()).len()
    };
    assert_eq!(log(THEN, 10), 1);
    assert_eq!(log(THEN + HOUR, 1), 2);
    let full = log(THEN + HOUR + 1, 100);
    assert!(full > 3);
    for (seconds, more) in [
        // Ten years on, and back; an hour back; to 1970, and back.
        (THEN + 3650 * DAY, 1),
        (THEN + 2 * HOUR, 1),
        (THEN + HOUR, 1),
        (0, 1),
        (THEN + HOUR, 2),
    ] {
        let files = log(seconds, 1);
        assert!(files <= full + more, "{files} files at {seconds}");
        assert_eq!(log(seconds, 1), files, "it goes on in the same file");
    }
    let begun = names(&scratch.logs()).len();
    assert_eq!(
        log(THEN + 2 * HOUR, 1),
        begun + 1,
        "the next period has one"
    );
    let files = files(&scratch.logs());
    logged.end_whole(files);
}

#[test]
fn after_a_restart_the_period_of_the_file_goes_on() {
    let scratch = Scratch::new("period");
    let path = scratch.path("app.log");
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let file = |seconds| {
        RotatingFile::at(&path)
            .interval(Duration::from_secs(DAY))
            .clock(Hands::at(seconds))
    };
    Logged::to(file(now)).log(1);
    Logged::to(file(now)).log(1);
    assert_eq!(names(&scratch.0), ["app.log"]);
    Logged::to(file(now + DAY)).log(1);
    assert_eq!(names(&scratch.0).len(), 2);
    assert_eq!(events(&path).len(), 1);
}
