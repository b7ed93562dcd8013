//! What somebody else puts in the place of a log file.

use std::os::unix::{
    fs::{PermissionsExt, chown, symlink},
    net::UnixListener,
};

use super::*;

/// Puts something at a path; it may use what stands at the other one.
type Attack = fn(&Path, &Path);

fn make(program: &str, arguments: &[&str], path: &Path) {
    let made = Command::new(program).arg(path).args(arguments).status();
    assert!(made.unwrap().success(), "{program}, as root");
}

/// All that no log file may be.
const ATTACKS: [(&str, Attack); 8] = [
    ("a link", |at, victim| symlink(victim, at).unwrap()),
    ("a link to nothing", |at, victim| {
        symlink(victim.with_extension("new"), at).unwrap()
    }),
    ("a link to a directory", |at, victim| {
        symlink(victim.parent().unwrap(), at).unwrap()
    }),
    ("a second name", |at, victim| {
        fs::hard_link(victim, at).unwrap()
    }),
    ("a pipe", |at, _| make("mkfifo", &[], at)),
    ("a device", |at, _| make("mknod", &["c", "1", "3"], at)),
    ("a socket", |at, _| drop(UnixListener::bind(at).unwrap())),
    ("a directory", |at, _| fs::create_dir(at).unwrap()),
];

/// A place for an attack, and a file that it is after.
fn scene(name: &str) -> (Scratch, PathBuf) {
    // A socket's path must be short.
    let scratch =
        Scratch(std::env::temp_dir().join(format!("fapilog-{name}-{}", std::process::id())));
    let _ = fs::remove_dir_all(&scratch.0);
    fs::create_dir_all(scratch.logs()).unwrap();
    fs::create_dir_all(scratch.path("else")).unwrap();
    let victim = scratch.path("else").join("victim");
    fs::write(&victim, "precious").unwrap();
    (scratch, victim)
}

fn assert_unharmed(victim: &Path, what: &str) {
    assert_eq!(fs::read_to_string(victim).unwrap(), "precious", "{what}");
    assert_eq!(all_names(victim.parent().unwrap()), ["victim"], "{what}");
    let mode = fs::metadata(victim).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o644, "{what}");
}

#[test]
fn what_is_no_file_of_one_name_is_not_written_to() {
    for (what, attack) in ATTACKS {
        let (scratch, victim) = scene("active");
        fs::set_permissions(&victim, fs::Permissions::from_mode(0o644)).unwrap();
        let path = scratch.logs().join("app.log");
        attack(&path, &victim);
        let logged = Logged::to(RotatingFile::at(&path));
        logged.log(5);
        let failed = logged.pipeline.stats().sinks[0].dropped.get("sink_failed");
        assert_eq!(failed, 5, "{what}");
        assert_unharmed(&victim, what);
        // When it is gone, the file is begun, and tells.
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir(&path);
        logged.log(1);
        let events = events(&path);
        assert_eq!(events[0]["data"]["lost"], 5, "{what}");
        assert_eq!(events.len(), 2, "{what}");
        assert_unharmed(&victim, what);
    }
}

#[test]
fn what_takes_the_place_of_the_file_while_it_is_written_to_gets_nothing() {
    for (what, attack) in ATTACKS {
        let (scratch, victim) = scene("swap");
        fs::set_permissions(&victim, fs::Permissions::from_mode(0o644)).unwrap();
        let path = scratch.logs().join("app.log");
        let logged = Logged::to(RotatingFile::at(&path).max_bytes(2000));
        logged.log(1);
        fs::rename(&path, scratch.path("aside")).unwrap();
        attack(&path, &victim);
        logged.log(20);
        assert_unharmed(&victim, what);
        // The old file has still a name: it takes the events.
        logged.end_whole([scratch.path("aside")]);
        assert_unharmed(&victim, what);
    }
}

#[test]
fn what_stands_at_the_names_to_come_is_passed_over() {
    for (what, attack) in ATTACKS {
        let (scratch, victim) = scene("names");
        fs::set_permissions(&victim, fs::Permissions::from_mode(0o644)).unwrap();
        let logs = scratch.logs();
        for name in [
            "app-20260115-103000.jsonl",
            "app-20260115-103000-1.jsonl",
            "app-20260115-103000-3.jsonl.gz",
        ] {
            attack(&logs.join(name), &victim);
        }
        let before = names(&logs);
        let file = RotatingFile::within(&logs, "app").max_bytes(1);
        let logged = Logged::to(file.clock(Hands::at(THEN)));
        (0..4).for_each(|_| logged.log(1));
        let mut files = files(&logs);
        files.retain(|path| !before.iter().any(|name| path.ends_with(name)));
        assert_eq!(files.len(), 4, "{what}");
        logged.end_whole(files);
        assert_unharmed(&victim, what);
    }
}

#[test]
fn what_stands_at_the_names_of_locks_and_copies_is_not_followed() {
    for (what, attack) in ATTACKS {
        let (scratch, victim) = scene("dots");
        fs::set_permissions(&victim, fs::Permissions::from_mode(0o644)).unwrap();
        let logs = scratch.logs();
        let path = logs.join("app.log");
        let old = "app-20260101-000000.log";
        fs::write(logs.join(old), "{}\n").unwrap();
        for name in [".app.log.lock", ".app.log.tidy", &format!(".{old}.gz.tmp")] {
            attack(&logs.join(name), &victim);
        }
        let file = RotatingFile::at(&path).max_bytes(1);
        let logged = Logged::to(file.max_files(1).compress_rotated(true));
        (0..4).for_each(|_| logged.log(1));
        let (oracle, report) = logged.end();
        assert_eq!(report.stats.sinks[0].delivered, oracle.issued(), "{what}");
        assert_unharmed(&victim, what);
    }
}

#[test]
fn a_directory_that_anybody_may_change_is_not_written_to() {
    let (scratch, _) = scene("open");
    let path = scratch.logs().join("app.log");
    let allow =
        |mode| fs::set_permissions(scratch.logs(), fs::Permissions::from_mode(mode)).unwrap();
    allow(0o777);
    let logged = Logged::to(RotatingFile::at(&path));
    logged.log(2);
    assert_eq!(
        logged.pipeline.stats().sinks[0].dropped.get("sink_failed"),
        2
    );
    assert!(!path.exists());
    // Where nobody may remove another's files, only the files of others are refused.
    allow(0o1777);
    fs::write(&path, "").unwrap();
    chown(&path, Some(65_534), None).expect("as root");
    logged.log(3);
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
    fs::remove_file(&path).unwrap();
    logged.log(1);
    assert_eq!(events(&path)[0]["data"]["lost"], 5);
    assert_eq!(events(&path).len(), 2);
}

#[test]
fn a_name_cannot_lead_out_of_its_directory() {
    let (scratch, _) = scene("prefix");
    for prefix in [
        "../app", "a/b", "/etc/app", ".app", "", "a\nb", "..", "a\0b",
    ] {
        let logged = Logged::to(RotatingFile::within(scratch.logs(), prefix));
        logged.log(1);
        let (_, report) = logged.end();
        assert_eq!(
            report.stats.sinks[0].dropped.get("sink_failed"),
            1,
            "{prefix:?}"
        );
        assert_eq!(all_names(&scratch.logs()), [""; 0], "{prefix:?}");
        assert_eq!(all_names(&scratch.0), ["else", "logs"], "{prefix:?}");
    }
}
