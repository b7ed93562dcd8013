//! What is no file of ours alone.

use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
    path::Path,
};

use fapilog_core::mmap::{MemoryMappedPersistence, MemoryMappedReader, MmapMode};

use super::{Folder, MODES, read, refusal, small};
use crate::life::process::run;

const HELPER: &str = env!("CARGO_BIN_EXE_mapped");

fn open(path: &Path) -> String {
    let text = refusal(MemoryMappedPersistence::open(path));
    assert!(text.starts_with(path.to_str().unwrap()), "{text}");
    text
}

#[test]
fn a_second_handle_is_refused_until_the_first_is_closed() {
    let folder = Folder::new();
    let path = folder.file("held");
    let mut file = MemoryMappedPersistence::open(&path).unwrap();
    let error = MemoryMappedPersistence::open(&path).map(drop).unwrap_err();
    assert!(error.is_in_use());
    assert_eq!(error.path(), path);
    assert!(open(&path).contains("is open elsewhere"));
    let error = MemoryMappedPersistence::recover(&path).unwrap_err();
    assert!(error.is_in_use(), "{error}");
    file.append(b"undisturbed").unwrap();
    file.close().unwrap();
    MemoryMappedPersistence::open(&path).unwrap();
    assert_eq!(read(&path), ["undisturbed"]);
}

#[test]
fn a_second_process_is_refused_until_the_first_has_ended() {
    let folder = Folder::new();
    let path = folder.file("held");
    let words = format!("append {}", path.display());
    let file = MemoryMappedPersistence::open(&path).unwrap();
    let dead = run(HELPER, &words, &[]);
    assert!(!dead.status.success());
    let said = format!(
        "{} is open elsewhere, in this process or another",
        path.display()
    );
    assert!(dead.stderr.contains(&said), "{}", dead.stderr);
    file.close().unwrap();
    let dead = run(HELPER, &words, &[]);
    assert!(dead.status.success(), "{}", dead.stderr);
    assert_eq!(read(&path), ["of the helper"]);
}

#[test]
fn a_forked_child_neither_appends_nor_closes_what_is_its_parents() {
    let folder = Folder::new();
    let path = folder.file("forked");
    let dead = run(HELPER, &format!("fork {}", path.display()), &[]);
    assert!(dead.status.success(), "{}", dead.stderr);
    assert!(
        dead.stderr.contains("belongs to the parent"),
        "{}",
        dead.stderr
    );
    assert_eq!(read(&path), ["before the fork", "after it", "once more"]);
    assert_eq!(read(&path.with_extension("kept")), ["kept"]);
}

#[test]
fn links_pipes_and_all_else_that_is_no_regular_file_are_refused() {
    let folder = Folder::new();
    let file = folder.closed(MmapMode::Framed, &["kept"]);
    let before = fs::read(&file).unwrap();
    let (link, dangling) = (folder.file("link"), folder.file("dangling"));
    symlink(&file, &link).unwrap();
    symlink(folder.file("nothing"), &dangling).unwrap();
    let hard = folder.file("hard");
    fs::hard_link(&file, &hard).unwrap();
    let pipe = folder.file("pipe");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let socket = folder.file("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let wrong = [
        (link.as_path(), "is a symbolic link"),
        (&dangling, "is a symbolic link"),
        (&hard, "has several names"),
        (&file, "has several names"),
        (&pipe, "is no regular file"),
        (&socket, "cannot be opened"),
        (&folder.0, "cannot be opened: Is a directory"),
        (Path::new("/dev/null"), "is no regular file"),
        (
            &folder.file("no/such/folder"),
            "cannot be opened: No such file",
        ),
    ];
    for (path, expected) in wrong {
        let text = open(path);
        assert!(text.contains(expected), "{text}");
    }
    assert!(!folder.file("nothing").exists());
    assert_eq!(fs::read(&file).unwrap(), before);
    for path in [&pipe, &folder.0, &folder.file("none")] {
        MemoryMappedReader::open(path).map(drop).unwrap_err();
        MemoryMappedPersistence::recover(path).unwrap_err();
    }
}

#[test]
fn a_file_of_something_else_is_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.file("foreign");
    let json = format!("{}\n", r#"{"message":"an event"}"#.repeat(10));
    let short = "{\"fapilog_mmap\":1, ";
    for text in [json.as_str(), short, &"\0".repeat(4096), "x"] {
        fs::write(&path, text).unwrap();
        assert!(open(&path).contains("is no file of records"));
        MemoryMappedPersistence::recover(&path).unwrap_err();
        MemoryMappedReader::open(&path).map(drop).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_header_that_is_damaged_is_left_as_it_is_whichever_bit_it_was() {
    let folder = Folder::new();
    for mode in MODES {
        let path = folder.closed(mode, &["kept"]);
        let sound = fs::read(&path).unwrap();
        // What follows may change in a file, and any value of it may be right.
        for bit in 0..32 * 8 {
            let mut bytes = sound.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &bytes).unwrap();
            open(&path);
            MemoryMappedPersistence::recover(&path).unwrap_err();
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        let mut bytes = sound;
        bytes[32..40].copy_from_slice(&[0xff; 8]);
        fs::write(&path, &bytes).unwrap();
        assert!(open(&path).contains("has a header that is damaged"));
    }
}

#[test]
fn a_file_is_not_opened_in_another_mode() {
    let folder = Folder::new();
    let path = folder.closed(MmapMode::Lines, &["a line"]);
    let text = refusal(small(MmapMode::Framed).open(&path));
    assert!(text.contains("was made in the mode Lines"), "{text}");
    assert_eq!(read(&path), ["a line"]);
}

#[test]
fn what_is_no_line_is_refused_and_the_next_line_is_not() {
    let folder = Folder::new();
    for mode in MODES {
        let path = folder.file(&format!("{mode:?}"));
        let mut file = small(mode).open(&path).unwrap();
        for text in ["two\nlines", "an end\n", "\r", "a\0b"] {
            let error = file.append_line(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("takes no line with"), "{error}");
            // Bytes are what framed records are.
            let appended = file.append(text.as_bytes());
            assert_eq!(appended.is_ok(), mode == MmapMode::Framed);
        }
        file.append_line("ä line".as_bytes()).unwrap();
        assert_eq!(read(&path).last().unwrap(), "ä line");
    }
}
