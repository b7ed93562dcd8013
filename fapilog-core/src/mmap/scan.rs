//! [`Scan`]: the records of a file, one after the other. It reads instead of mapping, so a file that
//! others cut is a short read, and no signal.

use std::{fs::File, io, ops::Range, os::unix::fs::FileExt};

use super::{
    header::{self, Layout},
    record::{self, ALIGNMENT, HEAD, Head},
};

/// Bytes that are read at once.
const CHUNK: u64 = 64 * 1024;

/// What comes next in a file.
#[derive(Debug)]
pub(super) enum Piece {
    Record(Vec<u8>),
    /// Bytes in which there is no sound record.
    Damaged(Range<u64>),
}

/// A place in a file.
#[derive(Debug)]
pub(super) struct Scan {
    layout: Layout,
    at: u64,
    window: Window,
}

impl Scan {
    /// Before the first record.
    pub(super) fn new(layout: Layout) -> Self {
        Self::from(layout, header::LENGTH)
    }

    /// Before the record that begins there.
    pub(super) fn from(layout: Layout, at: u64) -> Self {
        Self {
            layout,
            at,
            window: Window::default(),
        }
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The next piece, of the first `end` bytes of the file.
    pub(super) fn next(&mut self, file: &File, end: u64) -> io::Result<Option<Piece>> {
        if self.at >= end {
            return Ok(None);
        }
        let (from, at) = (self.at, self.at);
        let (next, record) = match self.layout {
            Layout::Framed { salt } => self.frame(file, salt, at, end)?,
            Layout::Lines => self.line(file, at, end)?,
        };
        self.at = next;
        let damaged = Piece::Damaged(from..next);
        Ok(Some(record.map_or(damaged, Piece::Record)))
    }

    /// The framed record at a place, if it is sound, and where to go on.
    fn frame(
        &mut self,
        file: &File,
        salt: u32,
        at: u64,
        end: u64,
    ) -> io::Result<(u64, Option<Vec<u8>>)> {
        let mut next = at;
        while next < end {
            let bytes = self.window.at_least(HEAD, file, next, end)?;
            let room = (end - next).saturating_sub(HEAD);
            let head = Head::read(salt, next, bytes).filter(|head| head.length() <= room);
            let Some(head) = head else {
                next += ALIGNMENT;
                continue;
            };
            if next > at {
                break;
            }
            let whole = HEAD + head.length();
            let bytes = self.window.at_least(whole, file, at, end)?;
            let record = bytes.get(HEAD as usize..whole as usize);
            let sound = record.filter(|record| head.fits(bytes, record));
            return Ok((
                at + record::framed(head.length()),
                sound.map(<[u8]>::to_vec),
            ));
        }
        Ok((next.min(end), None))
    }

    /// The line at a place, if it is sound, and where to go on.
    fn line(&mut self, file: &File, at: u64, end: u64) -> io::Result<(u64, Option<Vec<u8>>)> {
        let mut least = 1;
        loop {
            let bytes = self.window.at_least(least, file, at, end)?;
            if let Some(length) = bytes.iter().position(|byte| *byte == b'\n') {
                let line = &bytes[..length];
                let sound = record::is_line(line).then(|| line.to_vec());
                return Ok((at + length as u64 + 1, sound));
            }
            let length = bytes.len() as u64;
            if length < least || at + length >= end {
                return Ok((end, None));
            }
            least = 2 * length;
        }
    }
}

/// A part of the file in memory. It never holds what was not committed when it was read, for that may
/// change.
#[derive(Debug, Default)]
struct Window {
    from: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// What the file has at a place: so many bytes or more, fewer only where the file, or its part
    /// up to `end`, is over.
    fn at_least(&mut self, least: u64, file: &File, at: u64, end: u64) -> io::Result<&[u8]> {
        let wanted = least.min(end - at);
        if self.after(at).is_none_or(|it| (it.len() as u64) < wanted) {
            self.bytes
                .resize(wanted.max(CHUNK).min(end - at) as usize, 0);
            let count = read_at(file, &mut self.bytes, at)?;
            self.bytes.truncate(count);
            self.from = at;
        }
        Ok(self.after(at).unwrap_or_default())
    }

    fn after(&self, at: u64) -> Option<&[u8]> {
        let skipped = at.checked_sub(self.from)?;
        self.bytes.get(skipped as usize..)
    }
}

/// Reads as much as there is.
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    let mut count = 0;
    while count < bytes.len() {
        match file.read_at(&mut bytes[count..], at + count as u64) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}
