//! Files that others cut, and bits that flip.

use std::{fs, path::Path};

use fapilog_core::mmap::{MemoryMappedPersistence, MemoryMappedReader, MmapMode};

use super::{Folder, HEADER, MODES, length, read, read_what_is_sound, small};

const RECORDS: [&str; 5] = [
    "first",
    "the second one",
    "",
    "4th",
    "the fifth and last record",
];

/// Whether these are some of the records, in their order.
fn are_of_ours(sound: &[String]) -> bool {
    let mut ours = RECORDS.iter();
    sound.iter().all(|record| ours.any(|it| it == record))
}

#[test]
fn a_bit_that_flips_costs_one_record_at_most_and_never_makes_another_of_it() {
    let folder = Folder::new();
    let path = folder.closed(MmapMode::Framed, &RECORDS);
    let original = fs::read(&path).unwrap();
    let mut found = 0;
    for bit in HEADER as usize * 8..original.len() * 8 {
        let mut bytes = original.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bytes).unwrap();
        let (sound, errors) = read_what_is_sound(&path);
        assert!(are_of_ours(&sound), "bit {bit}: {sound:?}");
        // Between records are bytes that mean nothing.
        assert_eq!(
            (sound.len(), errors),
            (5 - errors, errors.min(1)),
            "bit {bit}"
        );
        found += errors;
        let recovery = MemoryMappedPersistence::recover(&path).unwrap();
        assert_eq!(recovery.records, sound.len() as u64);
        assert_eq!(recovery.kept, length(&path));
        assert_eq!(recovery.kept + recovery.cut, original.len() as u64);
        let (recovered, left) = read_what_is_sound(&path);
        assert_eq!(recovered, sound);
        assert_eq!(left as u64, recovery.damaged);
    }
    let of_records = RECORDS.iter().map(|record| 12 + record.len());
    assert_eq!(found, 8 * of_records.sum::<usize>());
}

#[test]
fn a_bit_that_flips_in_what_changes_of_a_header_makes_no_record_of_anything() {
    let folder = Folder::new();
    let path = folder.closed(MmapMode::Framed, &RECORDS);
    let original = fs::read(&path).unwrap();
    for bit in 32 * 8..HEADER as usize * 8 {
        let mut bytes = original.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bytes).unwrap();
        if let Ok(reader) = MemoryMappedReader::open(&path) {
            let sound: Vec<_> = reader.filter_map(Result::ok).collect();
            let text = |record| String::from_utf8(record).unwrap();
            let sound: Vec<_> = sound.into_iter().map(text).collect();
            assert!(are_of_ours(&sound), "bit {bit}: {sound:?}");
        }
        if let Ok(mut file) = MemoryMappedPersistence::open(&path) {
            file.append(b"new").unwrap();
            drop(file);
            let (mut sound, _) = read_what_is_sound(&path);
            assert_eq!(sound.pop().unwrap(), "new");
            assert!(are_of_ours(&sound), "bit {bit}: {sound:?}");
        }
    }
}

#[test]
fn of_a_file_that_was_cut_anywhere_all_whole_records_are_read_and_appending_goes_on() {
    let folder = Folder::new();
    for mode in MODES {
        let path = folder.closed(mode, &RECORDS);
        let original = fs::read(&path).unwrap();
        for length in HEADER as usize..original.len() {
            fs::write(&path, &original[..length]).unwrap();
            let (sound, errors) = read_what_is_sound(&path);
            assert_eq!(sound, RECORDS[..sound.len()], "{length} bytes");
            assert!((1..=2).contains(&errors), "{errors} at {length} bytes");
            let mut file = MemoryMappedPersistence::open(&path).unwrap();
            let recovery = file.recovery().copied().unwrap();
            assert_eq!(recovery.records, sound.len() as u64);
            file.append(b"new").unwrap();
            let mut expected = sound;
            expected.push("new".to_owned());
            assert_eq!(read(&path), expected, "{length} bytes");
        }
    }
}

#[test]
fn a_file_that_others_cut_while_it_is_open_is_an_error_and_no_signal() {
    let folder = Folder::new();
    for mode in MODES {
        for left in [0, 10, HEADER, 200, 4095] {
            let path = folder.file(&format!("{mode:?}-{left}"));
            let mut file = small(mode).open(&path).unwrap();
            file.append(b"a record").unwrap();
            cut(&path, left);
            let error = file.append(b"another").unwrap_err();
            assert!(error.is_damaged());
            assert!(error.to_string().contains("was cut by somebody"), "{error}");
            assert!(file.append_batch(&["b", "c"]).is_err());
            assert!(file.flush().is_err());
            assert!(file.health_check().is_err());
            if left < HEADER {
                cut(&path, 4096);
                let text = file.append(b"another").unwrap_err().to_string();
                assert!(text.contains("was overwritten by somebody"), "{text}");
            }
            let _ = file.close();
        }
    }
}

fn cut(path: &Path, length: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
}

#[test]
fn a_file_that_is_deleted_or_replaced_is_an_error_of_its_health() {
    let folder = Folder::new();
    let path = folder.file("moved");
    let mut file = MemoryMappedPersistence::open(&path).unwrap();
    file.health_check().unwrap();
    fs::rename(&path, folder.file("elsewhere")).unwrap();
    assert!(file.health_check().is_err());
    fs::write(&path, "").unwrap();
    let text = file.health_check().unwrap_err().to_string();
    assert!(text.contains("is another file by now"), "{text}");
    file.append(b"it still has a name").unwrap();
    fs::remove_file(folder.file("elsewhere")).unwrap();
    let text = file.append(b"lost").unwrap_err().to_string();
    assert!(text.contains("was deleted"), "{text}");
    assert!(file.close().is_err());
    assert_eq!(length(&path), 0);
}
