//! Records in files that are mapped into memory.

mod damage;
mod disk;
mod growth;
mod kill;
mod reading;
mod recovery;
mod refused;
mod sink;
mod sync;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use fapilog_core::mmap::{
    MemoryMappedPersistence, MemoryMappedReader, MmapError, MmapMode, MmapOptions,
};
use serde_json::Value;

const MODES: [MmapMode; 2] = [MmapMode::Framed, MmapMode::Lines];
const HEADER: u64 = 64;

/// A folder of a test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Relaxed);
        let name = format!("mmap-{}-{number}", process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A file that was closed with these records.
    fn closed(&self, mode: MmapMode, records: &[&str]) -> PathBuf {
        let path = self.file("closed");
        let _ = fs::remove_file(&path);
        let mut file = small(mode).open(&path).unwrap();
        file.append_batch(records).unwrap();
        file.close().unwrap();
        path
    }

    /// What such a file is when its process is killed.
    fn killed(&self, mode: MmapMode, records: &[&str]) -> PathBuf {
        let (path, copy) = (self.file("open"), self.file("killed"));
        let _ = fs::remove_file(&path);
        let mut file = small(mode).open(&path).unwrap();
        file.append_batch(records).unwrap();
        fs::copy(&path, &copy).unwrap();
        copy
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file that grows often.
fn small(mode: MmapMode) -> MmapOptions {
    MemoryMappedPersistence::options()
        .initial_size(4096)
        .growth_step(4096)
        .growth_factor(1.0)
        .mode(mode)
}

/// All records of a file in which nothing is damaged.
fn read(path: &Path) -> Vec<String> {
    let reader = MemoryMappedReader::open(path).unwrap();
    let records = reader.map(|record| String::from_utf8(record.unwrap()).unwrap());
    records.collect()
}

/// The sound records of a file, and how many errors there are besides.
fn read_what_is_sound(path: &Path) -> (Vec<String>, usize) {
    let (mut sound, mut errors) = (Vec::new(), 0);
    for record in MemoryMappedReader::open(path).unwrap() {
        match record {
            Ok(record) => sound.push(String::from_utf8(record).unwrap()),
            Err(error) => {
                assert!(error.is_damaged(), "{error}");
                errors += 1;
            }
        }
    }
    (sound, errors)
}

/// What an open that must fail says.
fn refusal(opened: Result<MemoryMappedPersistence, MmapError>) -> String {
    let error = opened.map(drop).expect_err("it was opened");
    error.to_string()
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

#[test]
fn what_was_appended_is_read_in_order_and_appending_goes_on_after_each_opening() {
    let folder = Folder::new();
    for mode in MODES {
        let path = folder.file(&format!("{mode:?}"));
        let mut expected = Vec::new();
        for round in 0..4 {
            // Only the first one says what stands in it.
            let mut file = match round {
                0 => small(mode).open(&path).unwrap(),
                _ => MemoryMappedPersistence::open(&path).unwrap(),
            };
            assert_eq!((file.mode(), file.recovery()), (mode, None));
            let long = "x".repeat(3000 * round);
            file.append(b"").unwrap();
            file.append_line(long.as_bytes()).unwrap();
            file.append_batch(&["one", "two"]).unwrap();
            expected.extend(["", &long, "one", "two"].map(str::to_owned));
            assert_eq!(read(&path), expected, "while it is open");
            match round {
                2 => drop(file),
                _ => file.close().unwrap(),
            }
        }
        assert_eq!(read(&path), expected);
    }
}

#[test]
fn a_new_file_is_framed_and_takes_any_bytes() {
    let folder = Folder::new();
    let path = folder.file("any");
    let mut file = MemoryMappedPersistence::open(&path).unwrap();
    let records: Vec<Vec<u8>> = (0..=u8::MAX).map(|byte| vec![byte; 70]).collect();
    file.append_batch(&records).unwrap();
    assert_eq!(file.mode(), MmapMode::Framed);
    let read: Result<Vec<_>, _> = MemoryMappedReader::open(&path).unwrap().collect();
    assert_eq!(read.unwrap(), records);
}

#[test]
fn a_file_of_lines_is_text_whose_first_line_tells_its_length() {
    let folder = Folder::new();
    let path = folder.file("lines");
    let mut file = small(MmapMode::Lines).open(&path).unwrap();
    let lines: Vec<String> = (0..300).map(|n| format!(r#"{{"n":{n}}}"#)).collect();
    for line in &lines {
        file.append_line(line.as_bytes()).unwrap();
    }
    let committed = file.committed();
    for is_open in [true, false] {
        let text = fs::read(&path).unwrap();
        let text = String::from_utf8(text[..committed as usize].to_vec()).unwrap();
        let mut found = text.lines();
        let header: Value = serde_json::from_str(found.next().unwrap()).unwrap();
        assert_eq!(header["committed"], format!("{committed:08x}"));
        assert_eq!(header["open"], u8::from(is_open));
        assert!(found.eq(&lines));
        if is_open {
            file.flush().unwrap();
            drop(std::mem::replace(&mut file, other(&folder)));
        }
    }
    assert_eq!(length(&path), committed, "no space is left in it");
}

fn other(folder: &Folder) -> MemoryMappedPersistence {
    MemoryMappedPersistence::open(folder.file("other")).unwrap()
}

#[test]
fn a_batch_is_appended_as_a_whole_or_not_at_all() {
    let folder = Folder::new();
    for mode in MODES {
        let path = folder.file(&format!("{mode:?}"));
        let mut file = small(mode).max_size(8192).open(&path).unwrap();
        file.append_batch(&["a", "b"]).unwrap();
        let long = "x".repeat(3000);
        let before = file.committed();
        let error = file.append_batch(&[&long, &long, &long]).unwrap_err();
        assert!(error.is_full(), "{error}");
        if mode == MmapMode::Lines {
            file.append_batch(&["c", "d\ne"]).unwrap_err();
        }
        file.append_batch(&[""; 0]).unwrap();
        assert_eq!(file.committed(), before);
        assert_eq!(read(&path), ["a", "b"]);
        file.append_batch(&[&long, &long]).unwrap();
        assert_eq!(read(&path).len(), 4);
    }
}

#[test]
fn a_new_file_is_for_its_owner_and_group_whatever_the_umask_and_another_keeps_its_own() {
    let folder = Folder::new();
    let path = folder.file("new");
    for umask in ["000", "777"] {
        let _ = fs::remove_file(&path);
        let script = format!("umask {umask}; exec \"$0\" append \"$1\"");
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", &script, env!("CARGO_BIN_EXE_mapped")]);
        assert!(shell.arg(&path).status().unwrap().success());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o640, "umask {umask}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    drop(MemoryMappedPersistence::open(&path).unwrap());
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
}
