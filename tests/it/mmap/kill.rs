//! Processes that are killed while they append: see `src/bin/mapped.rs`.

use std::{hint, io::Read, os::unix::process::ExitStatusExt, path::Path, process::Stdio};

use fapilog_core::mmap::{MemoryMappedPersistence, MemoryMappedReader, MmapMode};
use fapilog_tests::{mapped::Numbered, random, scaled};

use super::{Folder, MODES};
use crate::life::process::{command, wait};

/// After so many, a new file is begun.
const KILLS_OF_A_FILE: usize = 10;

#[test]
fn whatever_the_moment_a_process_is_killed_all_it_had_committed_is_there() {
    let mut random = random();
    for mode in MODES {
        let folder = Folder::new();
        let mut count = 0;
        for round in 0..scaled(25) {
            let path = folder.file(&(round / KILLS_OF_A_FILE).to_string());
            if round % KILLS_OF_A_FILE == 0 {
                count = 0;
            }
            // Often while the file is made, opened and recovered.
            let told_before = if random.bool() {
                random.usize(0..400)
            } else {
                0
            };
            let spins = random.usize(0..200_000);
            let told = killed(&path, mode, count, told_before, spins);
            let Some(found) = check(&path) else {
                assert_eq!(told, 0, "it has told of what is not there");
                continue;
            };
            assert!(found >= told, "{told} were committed, {found} are there");
            assert!(found >= count, "{count} had been there before, {found} are");
            count = found;
            if random.bool() {
                count += recovered(&path, mode, count);
            }
        }
    }
}

/// Starts the helper, kills it after it has told of so many records, and then spun for so long, and
/// tells how many it said were there.
fn killed(path: &Path, mode: MmapMode, from: usize, told_before: usize, spins: usize) -> usize {
    let words = format!("number {} {mode:?} {from}", path.display());
    let mut command = command(env!("CARGO_BIN_EXE_mapped"), &words, &[]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut told = 0;
    let mut word = [0; 8];
    for _ in 0..told_before {
        stdout.read_exact(&mut word).expect("it goes on for ever");
        told = u64::from_le_bytes(word);
    }
    (0..spins).for_each(|_| hint::spin_loop());
    child.kill().unwrap();
    let status = wait(&mut child);
    assert_eq!(status.signal(), Some(9), "{status}");
    while stdout.read_exact(&mut word).is_ok() {
        told = u64::from_le_bytes(word);
    }
    told as usize
}

/// How many records there are, of which none is torn and no batch is in part, if there is a file
/// yet.
fn check(path: &Path) -> Option<usize> {
    if std::fs::metadata(path).map_or(0, |it| it.len()) == 0 {
        return None;
    }
    let mut batch_ends = true;
    let mut count = 0;
    for record in MemoryMappedReader::open(path).unwrap() {
        let numbered = Numbered::parse(&record.expect("all of it is sound"));
        assert_eq!(numbered.number, count);
        batch_ends = numbered.is_last;
        count += 1;
    }
    assert!(batch_ends, "a part of a batch is there");
    Some(count)
}

/// Opens what a killed process has left, appends a record, and closes it: one record more.
fn recovered(path: &Path, mode: MmapMode, count: usize) -> usize {
    let mut file = MemoryMappedPersistence::open(path).unwrap();
    assert_eq!(file.mode(), mode);
    if let Some(recovery) = file.recovery() {
        let found = (recovery.records as usize, recovery.damaged, recovery.cut);
        assert_eq!(found, (count, 0, 0));
    }
    let record = Numbered {
        number: count,
        is_last: true,
    };
    file.append(&record.to_bytes()).unwrap();
    file.close().unwrap();
    assert_eq!(check(path), Some(count + 1));
    1
}
