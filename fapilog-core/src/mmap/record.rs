//! How a record lies in a file.
//!
//! Framed, each begins at a multiple of four:
//!
//! | bytes | |
//! |---|---|
//! | 4 | its length |
//! | 4 | checksum of the salt, the place in the file, and the length |
//! | 4 | checksum of the same and the record |
//! | … | the record, and up to three bytes of nothing |
//!
//! A checksum of the head alone lets the next record be found behind one that is damaged, in one
//! pass; the place in it lets no record count anywhere else.

use std::io;

use crc32fast::Hasher;

use super::{header::Layout, map::Map};

pub(super) const HEAD: u64 = 12;
pub(super) const ALIGNMENT: u64 = 4;

impl Layout {
    /// Why such a record cannot be stored.
    pub(super) fn refusal(self, record: &[u8]) -> Option<&'static str> {
        match self {
            Layout::Framed { .. } if u32::try_from(record.len()).is_err() => {
                Some("takes no record of 4 GiB or more: divide it")
            }
            Layout::Lines if !is_line(record) => Some(NO_LINE),
            _ => None,
        }
    }

    /// The bytes that it takes.
    pub(super) fn size(self, record: &[u8]) -> u64 {
        let length = record.len() as u64;
        match self {
            Layout::Framed { .. } => framed(length),
            Layout::Lines => length + 1,
        }
    }

    /// Writes it to a place.
    pub(super) fn write(self, map: &mut Map, at: u64, record: &[u8]) -> io::Result<()> {
        let length = record.len() as u64;
        match self {
            Layout::Framed { salt } => {
                let head = Head::of(salt, at, record.len() as u32);
                map.write(at, &head.with(record))?;
                map.write(at + HEAD, record)
            }
            Layout::Lines => {
                map.write(at, record)?;
                map.write(at + length, b"\n")
            }
        }
    }
}

pub(super) const NO_LINE: &str =
    "takes no line with a line break or a NUL byte in it: escape them, or take MmapMode::Framed";

/// Whether bytes are a line, without its end. NUL bytes are what is left of one whose page never
/// reached the disk.
pub(super) fn is_line(bytes: &[u8]) -> bool {
    // Without an early end, the compiler looks at many bytes at once.
    let breaks = |found, byte: &u8| found | matches!(byte, b'\n' | b'\r' | 0);
    !bytes.iter().fold(false, breaks)
}

/// The bytes that a framed record of this length takes.
pub(super) fn framed(length: u64) -> u64 {
    (HEAD + length).next_multiple_of(ALIGNMENT)
}

/// What stands before a framed record.
#[derive(Debug)]
pub(super) struct Head {
    length: u32,
    hasher: Hasher,
}

impl Head {
    fn of(salt: u32, at: u64, length: u32) -> Self {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&salt.to_le_bytes());
        bytes[4..12].copy_from_slice(&at.to_le_bytes());
        bytes[12..].copy_from_slice(&length.to_le_bytes());
        let mut hasher = Hasher::new();
        hasher.update(&bytes);
        Self { length, hasher }
    }

    /// The head at a place, unless there is none, or a damaged one.
    pub(super) fn read(salt: u32, at: u64, bytes: &[u8]) -> Option<Self> {
        let head = Self::of(salt, at, number(bytes, 0)?);
        (head.checksum() == number(bytes, 4)?).then_some(head)
    }

    pub(super) fn length(&self) -> u64 {
        u64::from(self.length)
    }

    /// Whether this is the record of the head that these bytes begin with.
    pub(super) fn fits(&self, bytes: &[u8], record: &[u8]) -> bool {
        number(bytes, 8) == Some(self.checksum_with(record))
    }

    fn with(&self, record: &[u8]) -> [u8; HEAD as usize] {
        let mut bytes = [0; HEAD as usize];
        bytes[..4].copy_from_slice(&self.length.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.checksum().to_le_bytes());
        bytes[8..].copy_from_slice(&self.checksum_with(record).to_le_bytes());
        bytes
    }

    fn checksum(&self) -> u32 {
        self.hasher.clone().finalize()
    }

    fn checksum_with(&self, record: &[u8]) -> u32 {
        let mut hasher = self.hasher.clone();
        hasher.update(record);
        hasher.finalize()
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}
