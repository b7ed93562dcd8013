//! [`MemoryMappedPersistence`]: appends records to a file.

use std::{path::Path, slice, time::Instant};

use super::{
    MmapMode, MmapOptions, MmapSync, Recovery,
    error::{Kind, MmapError},
    file::{LockedFile, NOT_SYNCED},
    header::{self, COMMITTED_AT, Header, Layout, STATE_AT},
    map::Map,
    opening::prepare,
    record,
    recovery::recover,
};
use crate::pipeline::process::{forks, notice_forks};

/// Bytes that a healthy file has room for.
const ROOM: u64 = 4096;

/// A file that records are appended to; the [module](super) tells what it promises.
///
/// Dropping it closes it, without a word about errors.
#[derive(Debug)]
pub struct MemoryMappedPersistence {
    file: LockedFile,
    map: Map,
    layout: Layout,
    options: MmapOptions,
    committed: u64,
    synced: Instant,
    recovery: Option<Recovery>,
    /// In a child that was forked, the file is the parent's.
    forks: u32,
    is_closed: bool,
}

impl MemoryMappedPersistence {
    /// Opens a file, or makes it, with the default [options](MmapOptions). A new file has the
    /// permissions 0640, whatever the umask; an existing one keeps its own. What is appended
    /// follows the last record that was committed.
    ///
    /// A file that was not closed is [recovered](Self::recover) first, which
    /// [`recovery`](Self::recovery) tells of.
    ///
    /// # Errors
    ///
    /// The file is open elsewhere ([`MmapError::is_in_use`]); is a link, has several names, or is no
    /// regular file; is no file of records, or its header is damaged, and is left as it is; there is
    /// no room for it ([`MmapError::is_full`]); or what else the system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, MmapError> {
        Self::options().open(path)
    }

    /// How to open a file otherwise.
    pub fn options() -> MmapOptions {
        MmapOptions::new()
    }

    /// Checks every record of a file that is not open, cuts off what is damaged behind the last sound
    /// one, and closes it.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); there is no such file.
    pub fn recover(path: impl AsRef<Path>) -> Result<Recovery, MmapError> {
        let file = LockedFile::open(path.as_ref(), false)?;
        let (_, recovery) = recover(&file, file.header()?)?;
        Ok(recovery)
    }

    pub(super) fn open_with(path: &Path, options: MmapOptions) -> Result<Self, MmapError> {
        notice_forks();
        let file = LockedFile::open(path, true)?;
        let (header, recovery) = prepare(&file, &options)?;
        let Header {
            layout, committed, ..
        } = header;
        let size = options.size_at_first(layout, committed);
        file.reserve(committed, size)?;
        file.write_at(&[header::OPEN], STATE_AT)?;
        Ok(Self {
            map: map(&file, size)?,
            file,
            layout,
            options,
            committed,
            synced: Instant::now(),
            recovery,
            forks: forks(),
            is_closed: false,
        })
    }

    /// Appends a record. When this returns, it is committed: it outlives the process, however that
    /// ends, and readers have it; [`MmapSync`] says when the disk does.
    ///
    /// # Errors
    ///
    /// There is no room ([`MmapError::is_full`]), or the record cannot stand in this file: nothing
    /// has changed. Somebody has cut, overwritten or deleted the file: open it anew. The disk
    /// fails: the record is committed, but the disk may not have it.
    pub fn append(&mut self, record: &[u8]) -> Result<(), MmapError> {
        self.append_batch(slice::from_ref(&record))
    }

    /// Appends a line, given without its end: as [`append`](Self::append), but it must be one line
    /// in either mode.
    ///
    /// # Errors
    ///
    /// Those of `append`; there is a line break or a NUL byte in it.
    pub fn append_line(&mut self, line: &[u8]) -> Result<(), MmapError> {
        match record::is_line(line) {
            true => self.append(line),
            false => Err(MmapError::other(self.path(), record::NO_LINE)),
        }
    }

    /// Appends records, all or none: they are committed together.
    ///
    /// # Errors
    ///
    /// As for [`append`](Self::append).
    pub fn append_batch(&mut self, records: &[impl AsRef<[u8]>]) -> Result<(), MmapError> {
        let mut end = self.committed;
        for record in records {
            let record = record.as_ref();
            if let Some(why) = self.layout.refusal(record) {
                return Err(MmapError::other(self.path(), why));
            }
            end = end.saturating_add(self.layout.size(record));
        }
        self.check()?;
        self.make_room(end)?;
        let mut at = self.committed;
        for record in records {
            let record = record.as_ref();
            let written = self.layout.write(&mut self.map, at, record);
            written.map_err(|error| self.file.io("cannot be written to", error))?;
            at += self.layout.size(record);
        }
        self.commit(at)?;
        match self.options.sync {
            MmapSync::EveryAppend => self.sync(),
            MmapSync::Interval(time) if self.synced.elapsed() >= time => self.sync(),
            _ => Ok(()),
        }
    }

    /// Waits until the disk has all that was appended.
    ///
    /// # Errors
    ///
    /// The disk fails, and may not have all of it; or the file was cut or deleted.
    pub fn flush(&mut self) -> Result<(), MmapError> {
        self.check()?;
        self.sync()
    }

    /// Cuts off the space that was reserved, waits until the disk has the file, and marks it as
    /// closed.
    ///
    /// # Errors
    ///
    /// Those of [`flush`](Self::flush). The file is unlocked all the same, and will be recovered when
    /// it is opened again.
    pub fn close(mut self) -> Result<(), MmapError> {
        self.finish()
    }

    /// Says whether the file is in order, and has room for 4 KiB more.
    ///
    /// # Errors
    ///
    /// There is another file at the path, or none; the file was cut or overwritten; there is no room
    /// ([`MmapError::is_full`]).
    pub fn health_check(&self) -> Result<(), MmapError> {
        self.check()?;
        self.file.check_place()?;
        let needed = self.committed.saturating_add(ROOM);
        self.check_limit(needed)?;
        let more = needed.saturating_sub(self.map.length());
        self.file.check_room(more)
    }

    /// What was found when the file was opened, if it had not been closed.
    pub fn recovery(&self) -> Option<&Recovery> {
        self.recovery.as_ref()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// What stands in it.
    pub fn mode(&self) -> MmapMode {
        self.layout.mode()
    }

    /// The bytes that are committed, those of the header with them: the size of the file, once it is
    /// closed.
    pub fn committed(&self) -> u64 {
        self.committed
    }

    /// Fails if the file is not as this left it, which would end the process at the next access or
    /// lose what is appended.
    fn check(&self) -> Result<(), MmapError> {
        self.check_owner()?;
        self.file.check_length(self.map.length())?;
        let word = self.map.load(COMMITTED_AT);
        match word.is_ok_and(|word| word == self.layout.word(self.committed)) {
            true => Ok(()),
            false => Err(self.file.changed("was overwritten by somebody else")),
        }
    }

    fn check_owner(&self) -> Result<(), MmapError> {
        if forks() == self.forks {
            return Ok(());
        }
        let what = "belongs to the parent of this process, which was forked: open another one";
        Err(MmapError::other(self.path(), what))
    }

    fn check_limit(&self, needed: u64) -> Result<(), MmapError> {
        let limit = self.options.limit(self.layout);
        if needed <= limit {
            return Ok(());
        }
        let what =
            format!("is full, at {limit} bytes: begin another file, or set a larger max_size");
        Err(MmapError::new(self.path(), Kind::Full, what))
    }

    /// Makes the mapping long enough, or changes nothing.
    fn make_room(&mut self, needed: u64) -> Result<(), MmapError> {
        let size = self.map.length();
        if needed <= size {
            return Ok(());
        }
        self.check_limit(needed)?;
        let next = self.options.next_size(self.layout, size, needed);
        let grown = match self.file.reserve(size, next) {
            Err(error) if error.is_full() && next > needed => {
                self.file.reserve(size, needed).map(|()| needed)
            }
            reserved => reserved.map(|()| next),
        };
        self.map = map(&self.file, grown?)?;
        Ok(())
    }

    /// Makes what was written count.
    fn commit(&mut self, end: u64) -> Result<(), MmapError> {
        let stored = self.map.store(COMMITTED_AT, self.layout.word(end));
        stored.map_err(|error| self.file.io("cannot be written to", error))?;
        self.committed = end;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), MmapError> {
        let synced = self.map.sync();
        synced.map_err(|error| self.file.io(NOT_SYNCED, error))?;
        self.synced = Instant::now();
        Ok(())
    }

    fn finish(&mut self) -> Result<(), MmapError> {
        if self.is_closed {
            return Ok(());
        }
        self.is_closed = true;
        self.check_owner()?;
        let sealed = self.seal();
        // A forked child may keep the file open for long.
        self.file.unlock();
        sealed
    }

    fn seal(&mut self) -> Result<(), MmapError> {
        self.check()?;
        // The disk has the records before it has the mark, or it would vouch for what is not there.
        self.sync()?;
        self.file.cut(self.committed)?;
        self.file.write_at(&[header::CLOSED], STATE_AT)?;
        self.file.sync()
    }
}

impl Drop for MemoryMappedPersistence {
    fn drop(&mut self) {
        // Nobody is left to hear of an error; the next one who opens the file recovers it.
        let _ = self.finish();
    }
}

fn map(file: &LockedFile, length: u64) -> Result<Map, MmapError> {
    let mapped = Map::new(file.file(), length);
    mapped.map_err(|error| file.io("cannot be mapped into memory", error))
}
