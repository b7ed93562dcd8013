//! When the disk has what was appended.

use std::{fs, path::Path, time::Duration};

use fapilog_core::mmap::{MemoryMappedPersistence, MmapSync};

use super::Folder;

#[test]
fn an_append_waits_for_the_disk_when_the_policy_says_so_and_a_flush_always_does() {
    let folder = Folder::new();
    let policies = [
        (MmapSync::Never, false),
        (MmapSync::Interval(Duration::from_secs(3600)), false),
        (MmapSync::Interval(Duration::from_nanos(1)), true),
        (MmapSync::EveryAppend, true),
    ];
    for (number, (sync, waits)) in policies.into_iter().enumerate() {
        let path = folder.file(&format!("policy-{number}"));
        let options = MemoryMappedPersistence::options().sync(sync);
        let mut file = options.open(&path).unwrap();
        // The system may write by itself in between, but not each time.
        let left = (0..5).filter(|_| {
            file.append(&[7; 5000]).unwrap();
            not_on_disk(&path) > 0
        });
        match waits {
            true => assert_eq!(left.count(), 0, "{sync:?}"),
            false => assert!(left.count() > 0, "{sync:?}"),
        }
        file.flush().unwrap();
        assert_eq!(not_on_disk(&path), 0, "{sync:?}");
    }
}

/// Kilobytes of the mapping of a file that only memory has.
fn not_on_disk(path: &Path) -> u64 {
    let maps = fs::read_to_string("/proc/self/smaps").unwrap();
    let of_file = maps.split_once(path.to_str().unwrap()).expect("a mapping");
    let of_file = of_file.1.split("VmFlags").next().unwrap();
    let dirty = of_file.lines().filter(|line| line.contains("_Dirty:"));
    let dirty = dirty.filter_map(|line| line.split_whitespace().nth(1));
    dirty
        .map(|kilobytes| kilobytes.parse::<u64>().unwrap())
        .sum()
}
