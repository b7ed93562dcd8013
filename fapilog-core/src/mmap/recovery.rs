//! [`Recovery`]: what is left of a file that was not closed.

use std::{ops::Range, os::unix::fs::FileExt};

use super::{
    error::MmapError,
    file::LockedFile,
    header::{self, Header, Layout},
    scan::{Piece, Scan},
};

/// Stands where the disk never got a part of a line: the character "substitute", that neither JSON
/// nor any text has in it.
const SUBSTITUTE: u8 = 0x1a;

/// What a recovery found, and did. After a process that was killed, nothing is damaged and nothing
/// cut; after a loss of power, what had not reached the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// The records that are sound.
    pub records: u64,
    /// The places between them where there is damage. They stay, and readers tell of them; in a file
    /// of lines, NUL bytes in them become the character U+001A.
    pub damaged: u64,
    /// The bytes of the file up to the end of the last sound record.
    pub kept: u64,
    /// The bytes that were committed behind it. They are gone.
    pub cut: u64,
}

/// Goes through all of a file, cuts it behind the last sound record, and marks it as closed.
pub(super) fn recover(file: &LockedFile, header: Header) -> Result<(Header, Recovery), MmapError> {
    let end = header.committed.min(file.length()?);
    let mut scan = Scan::new(header.layout);
    let (mut records, mut kept) = (0, header::LENGTH);
    let mut damaged: Vec<Range<u64>> = Vec::new();
    loop {
        let piece = scan.next(file.file(), end);
        match piece.map_err(|error| file.io("cannot be read", error))? {
            Some(Piece::Record(_)) => {
                records += 1;
                kept = scan.at();
            }
            Some(Piece::Damaged(range)) => damaged.push(range),
            None => break,
        }
    }
    damaged.retain(|range| range.end <= kept);
    if header.layout == Layout::Lines {
        for range in &damaged {
            substitute(file, range)?;
        }
    }
    let recovery = Recovery {
        records,
        damaged: damaged.len() as u64,
        kept,
        cut: header.committed - kept,
    };
    let header = Header {
        committed: kept,
        is_closed: true,
        ..header
    };
    // Should it end in between, the next recovery finds the same.
    file.cut(kept)?;
    file.sync()?;
    file.write_at(&header.bytes(), 0)?;
    file.sync()?;
    Ok((header, recovery))
}

/// Leaves no NUL byte in a line.
fn substitute(file: &LockedFile, range: &Range<u64>) -> Result<(), MmapError> {
    let mut line = vec![0; (range.end - range.start) as usize];
    let read = file.file().read_exact_at(&mut line, range.start);
    read.map_err(|error| file.io("cannot be read", error))?;
    for byte in line.iter_mut().filter(|byte| **byte == 0) {
        *byte = SUBSTITUTE;
    }
    file.write_at(&line, range.start)
}
