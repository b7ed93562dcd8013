//! [`Header`]: the first 64 bytes of a file.
//!
//! | bytes | framed | lines |
//! |---|---|---|
//! | 0 to 31 | magic, version, salt, checksum, all in little-endian order | the beginning of a JSON object, with the version |
//! | 32 to 39 | the bytes committed, in little-endian order | the same as eight hexadecimal digits |
//! | 49 | `0` if the file was closed, else `1` | the same |
//! | others | zero | the rest of the object, blanks, a line break |

use crc32fast::hash;

use super::MmapMode;

pub(super) const LENGTH: u64 = 64;
/// A multiple of eight, so that a single store commits.
pub(super) const COMMITTED_AT: u64 = 32;
pub(super) const STATE_AT: u64 = 49;
pub(super) const CLOSED: u8 = b'0';
pub(super) const OPEN: u8 = b'1';

const VERSION: u32 = 1;
const MAGIC: [u8; 8] = *b"fapimmap";
const LINE: &[u8; LENGTH as usize] =
    b"{\"fapilog_mmap\":1, \"committed\":\"00000000\",\"open\":0}            \n";
const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(super) type Bytes = [u8; LENGTH as usize];

/// How records lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// The salt is part of each checksum, so that no record of another file, nor one that somebody
    /// logs as text, is taken for one of this.
    Framed {
        salt: u32,
    },
    Lines,
}

impl Layout {
    pub(super) fn new(mode: MmapMode) -> Self {
        match mode {
            MmapMode::Framed => Layout::Framed {
                salt: fastrand::u32(..),
            },
            MmapMode::Lines => Layout::Lines,
        }
    }

    pub(super) fn mode(self) -> MmapMode {
        match self {
            Layout::Framed { .. } => MmapMode::Framed,
            Layout::Lines => MmapMode::Lines,
        }
    }

    /// The bytes that a file can have at most.
    pub(super) fn largest(self) -> u64 {
        match self {
            Layout::Framed { .. } => i64::MAX as u64,
            Layout::Lines => u64::from(u32::MAX),
        }
    }

    /// How the header says so many bytes.
    pub(super) fn word(self, committed: u64) -> [u8; 8] {
        match self {
            Layout::Framed { .. } => committed.to_le_bytes(),
            Layout::Lines => std::array::from_fn(|digit| {
                let shift = 4 * (7 - digit);
                DIGITS[(committed >> shift) as usize % 16]
            }),
        }
    }

    /// What it says, unless that is damaged.
    pub(super) fn committed(self, word: [u8; 8]) -> Option<u64> {
        let committed = match self {
            Layout::Framed { .. } => u64::from_le_bytes(word),
            Layout::Lines => word.iter().try_fold(0, |number, digit| {
                let digit = char::from(*digit).to_digit(16)?;
                Some(number * 16 + u64::from(digit))
            })?,
        };
        (LENGTH..=self.largest())
            .contains(&committed)
            .then_some(committed)
    }

    /// A header, but for what changes.
    fn constant(self) -> Bytes {
        match self {
            Layout::Framed { salt } => {
                let mut bytes = [0; LENGTH as usize];
                bytes[..8].copy_from_slice(&MAGIC);
                bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
                bytes[12..16].copy_from_slice(&salt.to_le_bytes());
                let checksum = hash(&bytes[..16]);
                bytes[16..20].copy_from_slice(&checksum.to_le_bytes());
                bytes
            }
            Layout::Lines => *LINE,
        }
    }

    /// The layout of a file, by its header.
    fn of(bytes: &Bytes) -> Option<Self> {
        let salt = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
        let constant = |header: &Bytes| -> Bytes {
            let mut rest = *header;
            rest[COMMITTED_AT as usize..][..8].fill(0);
            rest[STATE_AT as usize] = 0;
            rest
        };
        let mut known = [Layout::Framed { salt }, Layout::Lines].into_iter();
        known.find(|layout| constant(&layout.constant()) == constant(bytes))
    }
}

/// What a file says about itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) layout: Layout,
    /// The bytes that count, those of the header with them.
    pub(super) committed: u64,
    /// The file was closed after the last append.
    pub(super) is_closed: bool,
}

impl Header {
    pub(super) fn bytes(&self) -> Bytes {
        let mut bytes = self.layout.constant();
        bytes[COMMITTED_AT as usize..][..8].copy_from_slice(&self.layout.word(self.committed));
        bytes[STATE_AT as usize] = if self.is_closed { CLOSED } else { OPEN };
        bytes
    }

    /// # Errors
    ///
    /// Why it is none.
    pub(super) fn read(bytes: &Bytes) -> Result<Self, &'static str> {
        let Some(layout) = Layout::of(bytes) else {
            let is_ours = bytes.starts_with(&MAGIC) || bytes.starts_with(&LINE[..16]);
            return Err(match is_ours {
                true => "has a header that is damaged, or of another version: move it away",
                false => "is no file of records: name another one",
            });
        };
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[COMMITTED_AT as usize..][..8]);
        let committed = layout.committed(word);
        Ok(Self {
            layout,
            committed: committed.ok_or("has a header that is damaged: move it away")?,
            is_closed: bytes[STATE_AT as usize] == CLOSED,
        })
    }
}
