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

/// What makes a name of ours another one: a part of it, or its end, and what stands there instead;
/// the same for what is no text.
const CHANGES: [(&str, &str); 27] = [
    ("app-", "app-worker-"),
    ("app-", "app-20250101-000000-"),
    ("app-", "application-"),
    ("app-", "App-"),
    ("app-", "xapp-"),
    ("app-", "app_"),
    ("app-", "app--"),
    ("app-", "app"),
    ("app-", "-"),
    ("app-", ".app-"),
    ("app-", "app- "),
    ("app-", "app-1"),
    ("app-", "app-\u{ff11}"),
    (".", "-0."),
    (".", "-01."),
    (".", "-+1."),
    (".", "-."),
    (".", "-99999999999."),
    (".", "-1-1."),
    (".", "\n."),
    (".", ".."),
    (".", "."),
    ("l", "L"),
    ("l", "x"),
    ("", ".bak"),
    ("", "~"),
    ("", ".gz.gz"),
];

/// When a file was begun, the how manieth of that second it is, and its name.
type Named = (String, u32, String);

fn own_name(random: &mut fastrand::Rng, endings: &[&str]) -> Named {
    let digits = |random: &mut fastrand::Rng, count| -> String {
        (0..count).map(|_| random.digit(10)).collect()
    };
    let stamp = format!("{}-{}", digits(random, 8), digits(random, 6));
    let (number, dash) = match random.u32(0..20) {
        0..10 => (0, String::new()),
        number => (number, format!("-{number}")),
    };
    let ending = endings[random.usize(..endings.len())];
    let packed = if random.bool() { ".gz" } else { "" };
    let name = format!("app-{stamp}{dash}{ending}{packed}");
    (stamp, number, name)
}

fn foreign_name(random: &mut fastrand::Rng, endings: &[&str]) -> std::ffi::OsString {
    use std::os::unix::ffi::OsStringExt;
    let (.., name) = own_name(random, endings);
    match CHANGES[random.usize(..CHANGES.len())] {
        ("", tail) => (name + tail).into(),
        (from, to) if from == to => {
            let mut name = name.into_bytes();
            let place = random.usize(..name.len());
            name.insert(place, b'\xff');
            std::ffi::OsString::from_vec(name)
        }
        (from, to) => name.replacen(from, to, 1).into(),
    }
}

/// Puts something else than a file there.
fn make_no_file(random: &mut fastrand::Rng, path: &Path, elsewhere: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    match random.u8(0..4) {
        0 => fs::create_dir(path).unwrap(),
        1 => std::os::unix::fs::symlink("/etc/passwd", path).unwrap(),
        2 => mknodat(CWD, path, FileType::Fifo, Mode::RUSR, 0).unwrap(),
        _ => {
            fs::write(elsewhere, "elsewhere").unwrap();
            fs::hard_link(elsewhere, path).unwrap();
        }
    }
}

#[test]
fn nothing_is_removed_that_is_not_a_file_of_this_sink_to_the_last_letter() {
    let mut random = fapilog_tests::random();
    for round in 0..scaled(20) {
        let scratch = Scratch::new(&format!("foreign-{round}"));
        let logs = scratch.logs();
        fs::create_dir_all(&logs).unwrap();
        let is_dated = round % 2 == 0;
        let endings: &[&str] = if is_dated {
            &[".jsonl", ".log"]
        } else {
            &[".log"]
        };
        let (mut own, mut foreign) = (Vec::<Named>::new(), Vec::new());
        for number in 0..500 {
            let named = own_name(&mut random, endings);
            let path = logs.join(&named.2);
            let is_new = !own.iter().any(|it| (&it.0, it.1) == (&named.0, named.1));
            match random.u8(0..4) {
                _ if path.exists() || !is_new => {}
                0 => {
                    make_no_file(&mut random, &path, &scratch.path(&format!("{number}")));
                    foreign.push(path);
                }
                1 => {
                    fs::write(&path, "{}\n").unwrap();
                    own.push(named);
                }
                _ => {
                    let path = logs.join(foreign_name(&mut random, endings));
                    fs::write(&path, "foreign\n").unwrap();
                    foreign.push(path);
                }
            }
        }
        let file = match is_dated {
            true => RotatingFile::within(&logs, "app"),
            false => RotatingFile::at(logs.join("app.log")),
        };
        let logged = Logged::to(file.max_files(3));
        logged.log(1);
        logged.end();
        for path in &foreign {
            assert!(fs::symlink_metadata(path).is_ok(), "{path:?} was removed");
        }
        own.sort();
        let kept = own.len() - 3;
        for (index, (.., name)) in own.iter().enumerate() {
            assert_eq!(logs.join(name).exists(), index >= kept, "{name}");
        }
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
