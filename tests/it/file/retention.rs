//! Which old files are removed.

use fapilog_tests::scaled;

use super::*;

const DAY: u64 = 24 * 3600;

#[test]
fn so_many_old_files_are_kept_over_restarts_too() {
    let scratch = Scratch::new("keep");
    let path = scratch.path("app.log");
    for _ in 0..5 {
        let logged = Logged::to(RotatingFile::at(&path).max_bytes(1).max_files(3));
        (0..4).for_each(|_| logged.log(1));
        logged.end();
        assert_eq!(names(&scratch.0).len(), 1 + 3, "{:?}", names(&scratch.0));
        assert!(path.exists());
    }
}

#[test]
fn the_newest_files_are_the_ones_that_are_kept() {
    let scratch = Scratch::new("newest");
    let hands = Hands::at(THEN);
    let file = RotatingFile::within(scratch.logs(), "app")
        .max_bytes(1)
        .max_files(2);
    let logged = Logged::to(file.clock(hands.clone()));
    for second in 0..5 {
        hands.set(THEN + second);
        logged.log(1);
    }
    logged.end();
    let kept = [2, 3, 4].map(|second| format!("app-20260115-10300{second}.jsonl"));
    assert_eq!(names(&scratch.logs()), kept);
}

#[test]
fn old_files_are_kept_as_long_and_as_many_bytes_as_wanted() {
    let scratch = Scratch::new("age");
    let now = SystemTime::now();
    fs::create_dir_all(scratch.logs()).unwrap();
    let make = |day: u64, bytes: usize| {
        let name = format!("app-202601{day:02}-000000.jsonl");
        let path = scratch.logs().join(&name);
        fs::write(&path, "x".repeat(bytes)).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(now - Duration::from_secs((31 - day) * DAY))
            .unwrap();
        name
    };
    let old = [1, 10, 20, 30].map(|day| make(day, 1000));
    let kept = |file: RotatingFile| {
        Logged::to(file).end();
        old.iter()
            .filter(|name| scratch.logs().join(name).exists())
            .count()
    };
    let file = || RotatingFile::within(scratch.logs(), "app");
    assert_eq!(kept(file()), 4);
    assert_eq!(kept(file().max_age(Duration::from_secs(28 * DAY))), 3);
    assert_eq!(kept(file().max_total_bytes(2500)), 2);
    assert_eq!(kept(file().max_total_bytes(10)), 0);
}

#[test]
fn nothing_is_removed_that_is_not_a_file_of_this_sink_to_the_last_letter() {
    let mut random = fapilog_tests::random();
    for round in 0..scaled(20) {
        let scratch = Scratch::new(&format!("foreign-{round}"));
        let logs = scratch.logs();
        fs::create_dir_all(&logs).unwrap();
        let (mut own, mut foreign) = (0, Vec::new());
        for number in 0..50 {
            let stamp = format!(
                "20250{}{:02}-1030{:02}",
                random.u8(1..=9),
                random.u8(10..28),
                number
            );
            let ours = format!("app-{stamp}.jsonl");
            let name = match random.u8(0..12) {
                0 => format!("app-errors-{stamp}.jsonl"),
                1 => format!("app-{stamp}.jsonl.bak"),
                2 => format!("application-{stamp}.jsonl"),
                3 => format!("app-{stamp}.txt"),
                4 => format!("app-{stamp}-01.jsonl"),
                5 => format!("App-{stamp}.jsonl"),
                _ => ours.clone(),
            };
            let path = logs.join(&name);
            let mut is_own = name == ours;
            match random.u8(0..8) {
                0 => fs::create_dir(&path).unwrap(),
                1 => std::os::unix::fs::symlink("/etc/passwd", &path).unwrap(),
                2 => {
                    fs::write(scratch.path(&name), "elsewhere").unwrap();
                    fs::hard_link(scratch.path(&name), &path).unwrap();
                }
                _ => {
                    fs::write(&path, "{}\n").unwrap();
                    own += usize::from(is_own);
                    if !is_own {
                        foreign.push(path);
                    }
                    continue;
                }
            }
            is_own = false;
            assert!(!is_own);
            foreign.push(path);
        }
        {
            use std::os::unix::ffi::OsStrExt;
            let strange = std::ffi::OsStr::from_bytes(b"app-20250101-\xff03000.jsonl");
            fs::write(logs.join(strange), "strange").unwrap();
            foreign.push(logs.join(strange));
        }
        let logged = Logged::to(RotatingFile::within(&logs, "app").max_files(3));
        logged.log(1);
        logged.end();
        for path in &foreign {
            assert!(fs::symlink_metadata(path).is_ok(), "{path:?} was removed");
        }
        let left = fs::read_dir(&logs).unwrap().filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            !name.as_encoded_bytes().starts_with(b".")
        });
        assert_eq!(left.count(), foreign.len() + own.min(3) + 1);
    }
}

#[test]
fn the_files_of_another_sink_are_left_alone_and_so_is_one_in_use() {
    let scratch = Scratch::new("others");
    let busy = Logged::to(RotatingFile::within(scratch.logs(), "app").clock(Hands::at(THEN)));
    let other =
        Logged::to(RotatingFile::within(scratch.logs(), "app-worker").clock(Hands::at(THEN)));
    busy.log(1);
    other.log(1);
    let file = RotatingFile::within(scratch.logs(), "app")
        .max_bytes(1)
        .max_files(1);
    let logged = Logged::to(file.clock(Hands::at(THEN + 1)));
    (0..5).for_each(|_| logged.log(1));
    logged.end();
    let names = names(&scratch.logs());
    assert_eq!(names.len(), 4, "{names:?}");
    busy.log(1);
    busy.end_whole([scratch.logs().join("app-20260115-103000.jsonl")]);
    other.end_whole([scratch.logs().join("app-worker-20260115-103000.jsonl")]);
}
