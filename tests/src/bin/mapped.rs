//! Appends to a file that is mapped into memory. Arguments: `append <path>` appends one record;
//! `number <path> <mode> <from>` appends records with numbers until it is killed, and tells on
//! stdout, as eight bytes, how many are committed; `fork <path>` appends before and after a fork
//! whose child tries to, and tells on stderr what came of that, and opens the file again while the
//! child lives.

// A child that shares our memory has no other way.
#![allow(unsafe_code)]

use std::{
    env,
    io::{Read, Write, stdout},
    os::unix::net::UnixStream,
    path::Path,
    process::exit,
};

use fapilog_core::mmap::{MemoryMappedPersistence, MmapError, MmapMode};
use fapilog_tests::{mapped::Numbered, tell};

fn main() {
    let words: Vec<_> = env::args().skip(1).collect();
    let path = Path::new(&words[1]);
    let done = match words[0].as_str() {
        "append" => append(path),
        "fork" => fork(path),
        _ => {
            let from = words[3].parse().expect("a number");
            number(path, &words[2], from)
        }
    };
    if let Err(error) = done {
        tell(error);
        exit(1);
    }
}

fn append(path: &Path) -> Result<(), MmapError> {
    let mut file = MemoryMappedPersistence::open(path)?;
    file.append(b"of the helper")?;
    file.close()
}

fn number(path: &Path, mode: &str, from: usize) -> Result<(), MmapError> {
    let mode = match mode {
        "Lines" => MmapMode::Lines,
        _ => MmapMode::Framed,
    };
    let options = MemoryMappedPersistence::options().mode(mode);
    let options = options.initial_size(4096).growth_step(4096);
    let mut file = options.growth_factor(1.0).open(path)?;
    let mut next = from;
    loop {
        let size = 1 + next % 4;
        let record = |number| Numbered {
            number,
            is_last: number + 1 == next + size,
        };
        let batch = (next..next + size).map(|number| record(number).to_bytes());
        file.append_batch(&batch.collect::<Vec<_>>())?;
        next += size;
        let committed = (next as u64).to_le_bytes();
        stdout().write_all(&committed).expect("somebody reads");
        stdout().flush().expect("somebody reads");
    }
}

fn fork(path: &Path) -> Result<(), MmapError> {
    let mut file = MemoryMappedPersistence::open(path)?;
    file.append(b"before the fork")?;
    let kept = MemoryMappedPersistence::open(path.with_extension("kept"))?;
    let (mut parent, mut child) = UnixStream::pair().expect("two ends");
    // SAFETY: this process has one thread, so its child finds no lock that another one holds.
    let id = unsafe { libc::fork() };
    if id == 0 {
        drop(parent);
        let refused = file
            .append(b"of the child")
            .expect_err("it is the parent's");
        tell(refused);
        drop(file);
        child.write_all(b"1").expect("the parent listens");
        // It lives until the parent is done.
        child.read_to_end(&mut Vec::new()).expect("the parent goes");
        exit(0);
    }
    drop(child);
    parent.read_exact(&mut [0]).expect("the child has tried");
    file.append(b"after it")?;
    file.close()?;
    MemoryMappedPersistence::open(path)?.append(b"once more")?;
    // The child has not closed this one.
    kept.close()?;
    MemoryMappedPersistence::open(path.with_extension("kept"))?.append(b"kept")?;
    drop(parent);
    let mut status = -1;
    // SAFETY: it waits for a child of ours, and writes to a number that lives here.
    unsafe { libc::waitpid(id, &raw mut status, 0) };
    assert_eq!(status, 0, "the child fails");
    Ok(())
}
