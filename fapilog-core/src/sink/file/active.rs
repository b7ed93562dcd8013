//! [`Active`]: the file that events are appended to.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind, Seek as _, Write as _},
    ops::Range,
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

use super::{
    directory::{Identity, is_deleted, lock, share},
    mend::{is_torn, mend, torn_part},
};
use crate::sink::console::Torn;

/// An open file. It is held by a shared lock, which tells other processes, and the thread that
/// compresses, that it is in use.
#[derive(Debug)]
pub(super) struct Active {
    file: Arc<File>,
    pub(super) name: String,
    identity: Identity,
    /// How long it was when that was last looked up.
    pub(super) size: u64,
    /// It ends with a part of a line that could not be taken back.
    cut: bool,
    /// Others have written to it since this process did.
    is_shared: bool,
}

/// What stands at the path of a file that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The file itself, or nobody can tell.
    Same,
    /// Nothing, or another file; this one still has a name.
    Renamed,
    /// Nothing, or another file; this one has no name any more.
    Deleted,
}

impl Active {
    /// Takes a file over. If nobody else uses it, a part of a line at its end, which a process left
    /// that was killed, is removed; else it is overwritten before the first write.
    ///
    /// Returns `None` if another process has it for itself, which lasts as long as it takes to mend
    /// or compress it.
    pub(super) fn new(file: File, name: String, is_json: bool) -> io::Result<Option<Self>> {
        if is_torn(&file)? && is_free(&file) {
            mend(&file, is_json)?;
        }
        if is_locked(share(&file)) {
            return Ok(None);
        }
        let metadata = file.metadata()?;
        Ok(Some(Self {
            identity: Identity::of(&metadata),
            size: metadata.len(),
            file: Arc::new(file),
            name,
            cut: false,
            is_shared: true,
        }))
    }

    /// Looks what stands at the path of the file now, and how long the file is.
    pub(super) fn look(&mut self, path: &Path) -> Look {
        let found = fs::symlink_metadata(path);
        match &found {
            Ok(found) if Identity::of(found) == self.identity => {
                self.is_shared |= found.len() != self.size;
                self.size = found.len();
                return Look::Same;
            }
            Err(error) if !is_missing(error) => return Look::Same,
            _ => {}
        }
        let own = self.file.metadata();
        match own.is_ok_and(|own| is_deleted(&own)) {
            true => Look::Deleted,
            false => Look::Renamed,
        }
    }

    /// When it was last written to.
    pub(super) fn changed(&self) -> io::Result<std::time::SystemTime> {
        self.file.metadata()?.modified()
    }

    /// Writes whole lines, with one `write(2)` unless it is interrupted or cut short. What a cut
    /// leaves of a line is overwritten with blanks, which JSON may begin with, so that no process
    /// ever reads half of one; other processes may have written behind it already.
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<(), Torn> {
        /// How often a system may say that it is busy, a millisecond each.
        const PATIENCE: usize = 100;
        let mut patience = PATIENCE;
        let torn = |written, error| Torn { written, error };
        if std::mem::take(&mut self.is_shared) {
            self.clear();
        }
        if self.cut {
            self.file.write_all(b"\n").map_err(|error| torn(0, error))?;
            self.cut = false;
        }
        let mut written = 0;
        let mut stalled = false;
        while written < lines.len() {
            let rest = &lines[written..];
            match self.file.write(rest) {
                Ok(count) => {
                    self.size += count as u64;
                    let newline = rest[..count].iter().rposition(|byte| *byte == b'\n');
                    let whole = newline.map_or(0, |at| at + 1);
                    if whole < count {
                        self.cut = self.blank(count - whole).is_err();
                    }
                    written += whole;
                    // Twice not one line: what the second write says is told then.
                    if self.cut || (whole == 0 && std::mem::replace(&mut stalled, true)) {
                        return Err(torn(written, ErrorKind::WriteZero.into()));
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock && patience > 0 => {
                    patience -= 1;
                    thread::sleep(Duration::from_millis(1));
                }
                Err(error) => return Err(torn(written, error)),
            }
        }
        Ok(())
    }

    /// Overwrites the part of a line that another process left which died while it wrote. One that
    /// lives, and of whose line the disk took a part only, does the same.
    fn clear(&mut self) {
        // Not found, or not overwritten: then half a line is in one with the next, as it is there.
        if let Ok(Some(part)) = torn_part(&self.file) {
            let _ = self.overwrite(part);
        }
    }

    /// Overwrites the last bytes of the last write.
    fn blank(&mut self, count: usize) -> io::Result<()> {
        let end = self.file.stream_position()?;
        let from = end.checked_sub(count as u64);
        let from = from.ok_or(ErrorKind::UnexpectedEof)?;
        self.overwrite(from..end)
    }

    /// Puts blanks in the place of what is there.
    #[cfg(unix)]
    fn overwrite(&mut self, part: Range<u64>) -> io::Result<()> {
        use rustix::fs::{OFlags, fcntl_setfl};
        use std::os::unix::fs::FileExt as _;

        // Nothing is written behind the end of a file that was cut to nothing meanwhile.
        if self.length() < part.end {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let count = usize::try_from(part.end - part.start).map_err(io::Error::other)?;
        fcntl_setfl(&self.file, OFlags::empty())?;
        let blanked = self.file.write_all_at(&vec![b' '; count], part.start);
        fcntl_setfl(&self.file, OFlags::APPEND)?;
        blanked
    }

    #[cfg(not(unix))]
    fn overwrite(&mut self, _: Range<u64>) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn length(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    pub(super) fn file(&self) -> &Arc<File> {
        &self.file
    }
}

/// Takes a file for oneself, unless it stays in use for 20 ms: as long as a process that we start
/// may have all that we have open, until it becomes another program. Where there are no locks,
/// nothing is in use.
pub(super) fn is_free(file: &File) -> bool {
    const ATTEMPTS: usize = 20;
    (0..ATTEMPTS).any(|attempt| {
        if attempt > 0 {
            thread::sleep(Duration::from_millis(1));
        }
        !is_locked(lock(file))
    })
}

fn is_locked(tried: Result<(), TryLockError>) -> bool {
    matches!(tried, Err(TryLockError::WouldBlock))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
