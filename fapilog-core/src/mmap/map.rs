//! [`Map`]: a file in memory, and the only `unsafe` of this module.
#![allow(unsafe_code)]

use std::{
    fs::File,
    io,
    sync::atomic::{
        AtomicU64,
        Ordering::{Acquire, Release},
    },
};

use memmap2::{MmapOptions, MmapRaw};

/// The first bytes of a file, mapped into memory.
///
/// To touch what has been cut off the file since is no error that Rust knows of: the system ends the
/// process (SIGBUS). Whoever calls this looks at the length of the file before, and holds its lock.
#[derive(Debug)]
pub(super) struct Map(MmapRaw);

impl Map {
    /// Maps so many bytes, which the file must have.
    pub(super) fn new(file: &File, length: u64) -> io::Result<Self> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        MmapOptions::new().len(length).map_raw(file).map(Self)
    }

    pub(super) fn length(&self) -> u64 {
        self.0.len() as u64
    }

    /// Copies bytes to a place.
    ///
    /// # Errors
    ///
    /// They would reach beyond the end; nothing is copied then.
    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let at = self.place(at, bytes.len())?;
        // SAFETY: `place` has checked that all bytes lie within the mapping, which lives as long
        // as `self`, is writable, and is no memory of Rust's, so `bytes` does not overlap with it.
        // Nobody else in this process refers to it: it is private to `self`, which is borrowed
        // exclusively, and hands out no reference. Other processes that change it are beyond what
        // Rust can rule out; the lock of the file keeps those away that heed it.
        unsafe {
            let to = self.0.as_mut_ptr().add(at);
            to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Ok(())
    }

    /// Stores eight bytes at once, after all that was written before.
    pub(super) fn store(&mut self, at: u64, word: [u8; 8]) -> io::Result<()> {
        let word = u64::from_ne_bytes(word);
        self.word(at).map(|place| place.store(word, Release))
    }

    /// The eight bytes at a place.
    pub(super) fn load(&self, at: u64) -> io::Result<[u8; 8]> {
        self.word(at).map(|place| place.load(Acquire).to_ne_bytes())
    }

    /// Waits until the disk has all of it.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.flush()
    }

    fn word(&self, at: u64) -> io::Result<&AtomicU64> {
        let at = self.place(at, size_of::<AtomicU64>())?;
        if at % align_of::<AtomicU64>() != 0 {
            return Err(io::Error::other("a place that is not aligned"));
        }
        // SAFETY: `place` has checked that the word lies within the mapping, which begins at a page,
        // so a multiple of eight is aligned. It is readable and writable as long as `self` lives, as
        // the reference does at most; every bit pattern is a number. While the reference lives,
        // `write`, which is not atomic, cannot be called, as it borrows `self` exclusively.
        Ok(unsafe { AtomicU64::from_ptr(self.0.as_mut_ptr().add(at).cast()) })
    }

    /// Where so many bytes begin that lie within.
    fn place(&self, at: u64, length: usize) -> io::Result<usize> {
        let at = usize::try_from(at).map_err(io::Error::other)?;
        match at.checked_add(length) {
            Some(end) if end <= self.0.len() => Ok(at),
            _ => Err(io::Error::other("a place beyond the mapping")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_beyond_the_mapping_or_between_words_is_refused() {
        let path = std::env::temp_dir().join(format!("fapilog-map-{}", std::process::id()));
        let file = File::create_new(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        file.set_len(100).unwrap();
        let mut map = Map::new(&file, 100).unwrap();
        assert!(map.write(0, &[7; 100]).is_ok());
        for (at, length) in [(0, 101), (1, 100), (100, 1), (u64::MAX, 1)] {
            assert!(map.write(at, &vec![0; length]).is_err(), "{at}");
        }
        assert!(map.store(88, [1; 8]).is_ok());
        for at in [93, 96, u64::MAX - 7, 4] {
            assert!(map.store(at, [0; 8]).is_err(), "{at}");
        }
        assert_eq!(map.load(80).unwrap(), [7; 8]);
        assert_eq!(map.load(88).unwrap(), [1; 8]);
    }
}
