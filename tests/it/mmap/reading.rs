//! Readers beside somebody who appends.

use std::{
    fs,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::mmap::{MemoryMappedPersistence, MemoryMappedReader};
use fapilog_tests::{PATIENCE, random, scaled};

use super::{Folder, MODES, small};

fn text(number: usize) -> String {
    format!("{number} {}", "x".repeat(number * 7919 % 700))
}

#[test]
fn a_reader_beside_a_writer_sees_each_record_once_in_order_and_as_it_was_written() {
    let count = scaled(20_000);
    for mode in MODES {
        let folder = Folder::new();
        let path = folder.file("living");
        let mut file = small(mode).open(&path).unwrap();
        let mut random = random();
        let mut reader = MemoryMappedReader::open(&path).unwrap();
        assert_eq!(reader.mode(), mode);
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut next = 0;
                while next < count {
                    let end = count.min(next + random.usize(1..4));
                    let batch: Vec<_> = (next..end).map(text).collect();
                    file.append_batch(&batch).unwrap();
                    next = end;
                }
            });
            for number in 0..count {
                let record = reader.next_within(PATIENCE).expect("another one").unwrap();
                assert_eq!(record, text(number).as_bytes());
            }
        });
        assert!(reader.next().is_none(), "also of what was closed since");
    }
}

#[test]
fn a_reader_waits_as_long_as_it_is_told_and_no_longer_than_for_the_next_record() {
    let folder = Folder::new();
    let path = folder.file("waited-for");
    let mut file = MemoryMappedPersistence::open(&path).unwrap();
    let mut reader = MemoryMappedReader::open(&path).unwrap();
    let (patience, begun) = (Duration::from_millis(120), Instant::now());
    assert!(reader.next_within(patience).is_none());
    assert!(begun.elapsed() >= patience);
    assert!(reader.next().is_none());
    let (ask, asked) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            asked.recv().unwrap();
            file.append(b"here it is").unwrap();
        });
        ask.send(()).unwrap();
        let hour = Duration::from_secs(3600);
        assert_eq!(reader.next_within(hour).unwrap().unwrap(), b"here it is");
    });
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn a_reader_finds_out_that_a_recovery_has_cut_what_it_had_passed() {
    let folder = Folder::new();
    for mode in MODES {
        let path = folder.closed(mode, &["one", "two"]);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.iter_mut().rfind(|byte| **byte == b'w').unwrap() = 0;
        fs::write(&path, &bytes).unwrap();
        let mut reader = MemoryMappedReader::open(&path).unwrap();
        assert_eq!(reader.next().unwrap().unwrap(), b"one");
        assert!(reader.next().unwrap().unwrap_err().is_damaged());
        assert!(reader.next().is_none());
        assert!(MemoryMappedPersistence::recover(&path).unwrap().cut > 0);
        let error = reader.next().unwrap().unwrap_err();
        assert!(
            error.to_string().contains("was cut by a recovery"),
            "{error}"
        );
        assert!(reader.next().is_none());
        let mut file = MemoryMappedPersistence::open(&path).unwrap();
        file.append(b"three").unwrap();
        assert_eq!(reader.next().unwrap().unwrap(), b"three");
    }
}

#[test]
fn a_reader_of_a_file_that_vanishes_under_it_gets_errors_and_no_signal() {
    let folder = Folder::new();
    for mode in MODES {
        let path = folder.closed(mode, &["one", "two"]);
        let mut reader = MemoryMappedReader::open(&path).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len(0).unwrap();
        assert!(reader.next().unwrap().is_err());
        assert!(reader.next().is_none(), "it is over");
        assert!(reader.next_within(PATIENCE).is_none());
    }
}
