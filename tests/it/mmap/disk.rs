//! Disks that are full, or no disks.

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
    process::Command,
};

use fapilog_core::mmap::MmapMode;

use super::{Folder, MODES, length, read, refusal, small};

/// A file system of its own, which takes root.
struct Mounted(Folder);

impl Mounted {
    fn new(kind: &str, options: &str) -> Self {
        let folder = Folder::new();
        let path = folder.0.to_str().unwrap();
        run(&["mount", "-t", kind, "-o", options, kind, path]);
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.file(name)
    }

    /// Takes all the space that is left.
    fn fill(&self) {
        let mut ballast = File::create(self.file("ballast")).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.file("ballast")).unwrap();
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        run(&["umount", "--lazy", self.0.0.to_str().unwrap()]);
    }
}

fn run(words: &[&str]) {
    let ran = Command::new(words[0]).args(&words[1..]).status();
    let succeeded = ran.is_ok_and(|status| status.success());
    assert!(succeeded, "as root, this has to work: {}", words.join(" "));
}

#[test]
fn a_full_disk_is_an_error_that_changes_nothing_and_goes_away_with_the_want_of_room() {
    for mode in MODES {
        let disk = Mounted::new("tmpfs", "size=1m");
        let path = disk.file("records");
        // It would rather grow by more than there is.
        let options = small(mode).growth_step(512 * 1024);
        let mut file = options.open(&path).unwrap();
        let record = "x".repeat(1000);
        let mut count = 0;
        let error = loop {
            match file.append(record.as_bytes()) {
                Ok(()) => count += 1,
                Err(error) => break error,
            }
        };
        assert!(error.is_full(), "{error}");
        assert!(error.to_string().contains("as there is no room"), "{error}");
        assert!(count > 980, "{count} KB are all that went in");
        let (committed, size) = (file.committed(), length(&path));
        for _ in 0..3 {
            assert!(file.append(record.as_bytes()).unwrap_err().is_full());
        }
        assert_eq!((file.committed(), length(&path)), (committed, size));
        assert!(file.health_check().unwrap_err().is_full());
        run(&["mount", "-o", "remount,size=2m", disk.0.0.to_str().unwrap()]);
        file.health_check().unwrap();
        for _ in 0..500 {
            file.append(record.as_bytes()).unwrap();
        }
        file.close().unwrap();
        assert_eq!(read(&path), vec![record; count + 500]);
    }
}

#[test]
fn a_file_is_not_begun_on_a_full_disk_and_is_once_there_is_room() {
    let disk = Mounted::new("tmpfs", "size=1m");
    let path = disk.file("records");
    disk.fill();
    for _ in 0..2 {
        let error = small(MmapMode::Framed).open(&path).map(drop).unwrap_err();
        assert!(error.is_full(), "{error}");
    }
    disk.free();
    let mut file = small(MmapMode::Framed).open(&path).unwrap();
    file.append(b"room").unwrap();
    file.close().unwrap();
    // One that exists wants room for more.
    disk.fill();
    let larger = small(MmapMode::Framed).initial_size(64 * 1024);
    assert!(larger.open(&path).map(drop).unwrap_err().is_full());
    assert_eq!(read(&path), ["room"]);
    disk.free();
    small(MmapMode::Framed)
        .open(&path)
        .unwrap()
        .append(b"more")
        .unwrap();
    assert_eq!(read(&path), ["room", "more"]);
}

#[test]
fn a_file_system_that_cannot_reserve_space_is_refused() {
    let disk = Mounted::new("ramfs", "mode=700");
    let text = refusal(small(MmapMode::Framed).open(disk.file("records")));
    assert!(text.contains("space cannot be reserved"), "{text}");
}
