//! How files grow, and how they do not.

use std::path::PathBuf;

use fapilog_core::mmap::{MemoryMappedPersistence, MmapMode, MmapOptions, MmapSync};

use super::{Folder, length, read, refusal, small};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// The sizes of a file, from the first, while so many records of a kilobyte are appended.
fn sizes(options: MmapOptions, count: usize) -> (PathBuf, Folder, Vec<u64>) {
    let folder = Folder::new();
    let path = folder.file("growing");
    let mut file = options.open(&path).unwrap();
    let mut sizes = vec![length(&path)];
    for number in 0..count {
        file.append(&[number as u8 % 128; 1024]).unwrap();
        let now = length(&path);
        if sizes.last() != Some(&now) {
            sizes.push(now);
        }
    }
    (path, folder, sizes)
}

fn default() -> MmapOptions {
    MemoryMappedPersistence::options()
}

#[test]
fn a_file_begins_with_a_mebibyte_and_doubles() {
    let (.., sizes) = sizes(default(), 4000);
    assert_eq!(sizes, [MIB, 2 * MIB, 4 * MIB]);
}

#[test]
fn a_file_grows_by_its_factor_but_never_less_than_its_step() {
    let small = default().initial_size(4 * KIB).growth_step(8 * KIB);
    let (.., stepwise) = sizes(small.clone().growth_factor(1.0), 20);
    assert_eq!(stepwise, [4, 12, 20, 28].map(|it| it * KIB));
    let (.., fast) = sizes(small.growth_factor(4.0), 100);
    assert_eq!(fast, [4, 16, 64, 256].map(|it| it * KIB));
}

#[test]
fn a_file_grows_by_64_mib_at_most_unless_a_record_needs_more() {
    let (.., sizes) = sizes(default().growth_factor(1e300), 1025);
    assert_eq!(sizes, [MIB, 65 * MIB]);
    let folder = Folder::new();
    let path = folder.file("one");
    let mut file = default().open(&path).unwrap();
    file.append(&vec![7; 70 * MIB as usize]).unwrap();
    assert_eq!(length(&path), 64 + 12 + 70 * MIB);
}

#[test]
fn what_was_appended_survives_a_hundred_mappings() {
    let (path, _folder, sizes) = sizes(small(MmapMode::Framed), 500);
    assert!(sizes.len() > 100, "{sizes:?}");
    let records = read(&path);
    assert_eq!(records.len(), 500);
    let sound = |(number, record): (usize, &String)| {
        let byte = number as u8 % 128;
        record.len() == 1024 && record.bytes().all(|it| it == byte)
    };
    assert!(records.iter().enumerate().all(sound));
}

#[test]
fn a_file_never_exceeds_its_largest_size_and_takes_what_still_fits() {
    let folder = Folder::new();
    let path = folder.file("limited");
    let mut file = small(MmapMode::Lines).max_size(10_000).open(&path).unwrap();
    let record = [b'x'; 999];
    let mut count = 0;
    let error = loop {
        assert!(count < 20, "it grows without bound");
        match file.append(&record) {
            Ok(()) => count += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((count, length(&path)), (9, 10_000), "9 times 1000, and 64");
    assert!(error.is_full());
    let text = error.to_string();
    assert!(text.contains("limited is full, at 10000 bytes"), "{text}");
    assert!(file.health_check().unwrap_err().is_full());
    file.append(&[b'y'; 935]).unwrap();
    assert!(file.append(b"").unwrap_err().is_full());
    file.close().unwrap();
    assert_eq!(length(&path), 10_000);
    // What is full for one is not for another.
    let mut file = small(MmapMode::Lines).max_size(20_000).open(&path).unwrap();
    file.append(&record).unwrap();
    file.health_check().unwrap();
    assert_eq!(read(&path).len(), 11);
}

#[test]
fn a_value_that_cannot_work_is_named_with_what_would() {
    let folder = Folder::new();
    let path = folder.file("never");
    let interval = MmapSync::Interval(std::time::Duration::ZERO);
    let bad = [
        (
            default().initial_size(4095),
            "initial_size is 4095: give it 4096 to",
        ),
        (
            default().mode(MmapMode::Lines).initial_size(5 << 30),
            "to 4294967295 bytes",
        ),
        (
            default().growth_step(1),
            "growth_step is 1: give it 4096 bytes or more",
        ),
        (
            default().growth_factor(0.9),
            "growth_factor is 0.9: give it a number from 1",
        ),
        (default().growth_factor(f64::NAN), "growth_factor is NaN"),
        (
            default().growth_factor(f64::INFINITY),
            "growth_factor is inf",
        ),
        (
            default().max_size(MIB - 1),
            "max_size is 1048575: give it 1048576 bytes",
        ),
        (
            default().sync(interval),
            "sync is an interval of 0 s: give it more",
        ),
    ];
    for (options, expected) in bad {
        let text = refusal(options.open(&path));
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("never cannot be opened"), "{text}");
        assert!(!path.exists());
    }
}
