//! What is left after a loss of power, which takes pages that had not reached the disk.

use std::{fs, path::Path};

use fapilog_core::mmap::{MemoryMappedPersistence, MmapMode, Recovery};

use super::{Folder, HEADER, MODES, length, read, read_what_is_sound};

const PAGE: usize = 4096;

/// A file of two hundred records whose process was killed, and these.
fn killed(folder: &Folder, mode: MmapMode) -> (std::path::PathBuf, Vec<String>) {
    let record = |number| format!("{{\"number\":{number},\"text\":\"{}\"}}", "x".repeat(99));
    let records: Vec<String> = (0..200).map(record).collect();
    let texts: Vec<&str> = records.iter().map(String::as_str).collect();
    (folder.killed(mode, &texts), records)
}

/// Opens it, appends a record, closes it, and tells what was recovered.
fn go_on(path: &Path) -> Recovery {
    let mut file = MemoryMappedPersistence::open(path).unwrap();
    let recovery = file.recovery().copied().expect("it was not closed");
    assert_eq!(file.committed(), recovery.kept);
    file.append(b"new").unwrap();
    file.close().unwrap();
    recovery
}

#[test]
fn a_process_that_is_killed_leaves_nothing_to_cut() {
    let folder = Folder::new();
    for mode in MODES {
        let (path, mut records) = killed(&folder, mode);
        let recovery = go_on(&path);
        assert_eq!(
            (recovery.records, recovery.damaged, recovery.cut),
            (200, 0, 0)
        );
        records.push("new".to_owned());
        assert_eq!(read(&path), records);
        assert_eq!(
            MemoryMappedPersistence::open(&path).unwrap().recovery(),
            None
        );
    }
}

#[test]
fn of_pages_that_are_missing_only_the_records_in_them_are_lost() {
    let folder = Folder::new();
    for mode in MODES {
        let (path, records) = killed(&folder, mode);
        let mut bytes = fs::read(&path).unwrap();
        bytes[2 * PAGE..4 * PAGE].fill(0);
        fs::write(&path, &bytes).unwrap();
        let recovery = go_on(&path);
        assert_eq!(recovery.cut, 0);
        let (sound, errors) = read_what_is_sound(&path);
        assert_eq!(sound.last().unwrap(), "new");
        let kept = sound.iter().filter(|it| records.contains(it)).count();
        assert_eq!(kept as u64, recovery.records);
        // About 130 bytes a record.
        assert!((130..140).contains(&kept), "{kept}");
        match mode {
            // One whose head was left, and what was missing behind it.
            MmapMode::Framed => assert_eq!((recovery.damaged, errors), (2, 2)),
            _ => {
                assert_eq!((recovery.damaged, errors), (1, 0));
                let torn = sound.iter().filter(|it| it.contains('\u{1a}'));
                assert_eq!(torn.count(), 1);
            }
        }
    }
}

#[test]
fn pages_that_are_missing_at_the_end_are_cut_and_told_of() {
    let folder = Folder::new();
    for mode in MODES {
        let (path, records) = killed(&folder, mode);
        let mut bytes = fs::read(&path).unwrap();
        bytes[3 * PAGE..].fill(0);
        fs::write(&path, &bytes).unwrap();
        let recovery = go_on(&path);
        assert!(recovery.cut > 200, "{recovery:?}");
        assert!(recovery.kept <= 3 * PAGE as u64, "{recovery:?}");
        let sound = read(&path);
        let count = sound.len() - 1;
        assert_eq!(sound[..count], records[..count]);
        assert_eq!(recovery.records as usize, count);
        assert!((85..100).contains(&count), "{count}");
    }
}

#[test]
fn no_nul_byte_is_left_in_lines_and_nothing_that_was_not_committed() {
    let folder = Folder::new();
    let (path, _) = killed(&folder, MmapMode::Lines);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    // Half an append, that another one would not overwrite.
    bytes.resize(end + 50, b'?');
    for hole in [300..301, 5000..5200, 8000..end] {
        bytes[hole].fill(0);
    }
    fs::write(&path, &bytes).unwrap();
    let mut file = MemoryMappedPersistence::open(&path).unwrap();
    assert_eq!(file.recovery().unwrap().damaged, 2);
    let all = fs::read(&path).unwrap();
    let (lines, rest) = all.split_at(file.committed() as usize);
    assert!(lines.iter().all(|byte| *byte != 0));
    assert!(
        rest.iter().all(|byte| *byte == 0),
        "what is reserved is blank"
    );
    file.append(b"new").unwrap();
    file.close().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains('\0') && !text.contains('?'));
    assert!(text.ends_with("}\nnew\n"));
}

#[test]
fn a_file_may_be_checked_as_a_whole_and_says_what_is_in_it() {
    let folder = Folder::new();
    for mode in MODES {
        let path = folder.closed(mode, &["one", "two", "three"]);
        let before = fs::read(&path).unwrap();
        let recovery = MemoryMappedPersistence::recover(&path).unwrap();
        assert_eq!(
            (recovery.records, recovery.damaged, recovery.cut),
            (3, 0, 0)
        );
        assert_eq!(recovery.kept, length(&path));
        assert_eq!(fs::read(&path).unwrap(), before);
        let empty = folder.closed(mode, &[]);
        let recovery = MemoryMappedPersistence::recover(&empty).unwrap();
        assert_eq!((recovery.records, recovery.kept), (0, HEADER));
    }
}
