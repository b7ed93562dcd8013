//! [`MemoryMappedReader`]: the records of a file.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::atomic::{Ordering::Acquire, fence},
    thread,
    time::{Duration, Instant},
};

use super::{
    MmapMode,
    error::{Kind, MmapError},
    file::{open_to_read, read_header},
    header::{COMMITTED_AT, Layout},
    scan::{Piece, Scan},
};

/// Between two looks at a file in which there is nothing new.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Reads the records of a file, oldest first, also while another process appends to it.
///
/// It reads instead of mapping, so whatever becomes of the file, the worst is an error. What is
/// damaged is an error of [`MmapError::is_damaged`], each place once, and the next call goes on
/// behind it; no record is delivered that is not as it was written. (In a file of lines there are no
/// checksums: there, only what is missing is found.) `None` says that there is nothing more yet: a
/// later call finds what was appended since. After any other error, there is nothing more at all.
#[derive(Debug)]
pub struct MemoryMappedReader {
    path: PathBuf,
    file: File,
    layout: Layout,
    scan: Scan,
    /// The end of what is committed and there.
    end: u64,
    /// The end of what is committed, if not all of it is there.
    missing: Option<u64>,
    has_told_of_missing: bool,
    is_over: bool,
}

impl MemoryMappedReader {
    /// Opens a file, whether anybody appends to it or not.
    ///
    /// # Errors
    ///
    /// There is no such file, or it is no file of records.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, MmapError> {
        let path = path.as_ref();
        let file = open_to_read(path)?;
        let layout = read_header(path, &file)?.layout;
        let scan = Scan::new(layout);
        Ok(Self {
            end: scan.at(),
            path: path.to_owned(),
            file,
            layout,
            scan,
            missing: None,
            has_told_of_missing: false,
            is_over: false,
        })
    }

    /// What stands in the file.
    pub fn mode(&self) -> MmapMode {
        self.layout.mode()
    }

    /// The next record, for which this waits so long: it looks again after 1 ms, then after
    /// pauses that grow to 50 ms. `None` if none comes in this time.
    ///
    /// # Errors
    ///
    /// As for the iterator.
    pub fn next_within(&mut self, patience: Duration) -> Option<Result<Vec<u8>, MmapError>> {
        let begun = Instant::now();
        let mut pause = SHORTEST_PAUSE;
        loop {
            let next = self.next();
            let left = patience.saturating_sub(begun.elapsed());
            if next.is_some() || self.is_over || left.is_zero() {
                return next;
            }
            thread::sleep(pause.min(left));
            pause = LONGEST_PAUSE.min(2 * pause);
        }
    }

    fn piece(&mut self) -> Result<Option<Vec<u8>>, MmapError> {
        if self.scan.at() >= self.end {
            self.look()?;
        }
        let piece = self.scan.next(&self.file, self.end);
        let piece = piece.map_err(|error| self.over("cannot be read", error))?;
        match piece {
            Some(Piece::Record(record)) => Ok(Some(record)),
            Some(Piece::Damaged(range)) => {
                let what = format!("is damaged in its bytes {} to {}", range.start, range.end);
                Err(self.damaged(what))
            }
            None => match self.missing {
                Some(end) if !self.has_told_of_missing => {
                    self.has_told_of_missing = true;
                    let what = format!("ends at {} of {end} bytes", self.end);
                    Err(self.damaged(what))
                }
                _ => Ok(None),
            },
        }
    }

    /// Finds out how far the file has come.
    fn look(&mut self) -> Result<(), MmapError> {
        let (committed, length) = (self.committed()?, self.file.metadata());
        let length = length.map_err(|error| self.over("cannot be looked at", error))?;
        let (at, length) = (self.scan.at(), length.len());
        self.end = committed.min(length);
        self.missing = (committed > length).then_some(committed);
        self.has_told_of_missing &= self.missing.is_some();
        if committed >= at {
            return Ok(());
        }
        // Before its next record, lest the middle of one be taken for the beginning.
        self.scan = Scan::from(self.layout, committed);
        let what = format!("was cut by a recovery, from {at} to {committed} bytes");
        Err(self.damaged(what))
    }

    /// What the header says. A read may see the halves of two stores, but not twice.
    fn committed(&mut self) -> Result<u64, MmapError> {
        let mut last = None;
        loop {
            let mut word = [0; 8];
            let read = self.file.read_exact_at(&mut word, COMMITTED_AT);
            read.map_err(|error| self.over("cannot be read", error))?;
            if last == Some(word) {
                // The records are read after it.
                fence(Acquire);
                let committed = self.layout.committed(word);
                return committed.ok_or_else(|| {
                    self.is_over = true;
                    self.damaged("has a header that is damaged".to_owned())
                });
            }
            last = Some(word);
        }
    }

    fn over(&mut self, what: &str, error: std::io::Error) -> MmapError {
        self.is_over = true;
        MmapError::io(&self.path, what, error)
    }

    fn damaged(&self, what: String) -> MmapError {
        MmapError::new(&self.path, Kind::Damaged, what)
    }
}

impl Iterator for MemoryMappedReader {
    type Item = Result<Vec<u8>, MmapError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.is_over {
            true => None,
            false => self.piece().transpose(),
        }
    }
}
