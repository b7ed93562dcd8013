//! [`Active`]: the file that events are appended to.

use std::{
    fs::{self, File, TryLockError},
    io::{self, BufRead, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

use serde_core::de::IgnoredAny;

use super::directory::{Identity, is_deleted, lock, share};
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
    /// that was killed, is removed.
    ///
    /// Returns `None` if another process has it for itself, which lasts as long as it takes to mend
    /// or compress it.
    pub(super) fn new(mut file: File, name: String, is_json: bool) -> io::Result<Option<Self>> {
        if is_torn(&mut file)? && is_free(&file) {
            mend(&mut file, is_json)?;
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
        }))
    }

    /// Looks what stands at the path of the file now, and how long the file is.
    pub(super) fn look(&mut self, path: &Path) -> Look {
        let found = fs::symlink_metadata(path);
        match &found {
            Ok(found) if Identity::of(found) == self.identity => {
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
        self.size += written as u64;
        Ok(())
    }

    /// Overwrites the last bytes of the last write.
    #[cfg(unix)]
    fn blank(&mut self, count: usize) -> io::Result<()> {
        use rustix::fs::{OFlags, fcntl_setfl};
        use std::os::unix::fs::FileExt as _;

        let end = self.file.stream_position()?;
        // Nothing is written behind the end of a file that was cut to nothing meanwhile.
        let from = end
            .checked_sub(count as u64)
            .filter(|_| self.length() >= end);
        let from = from.ok_or(ErrorKind::UnexpectedEof)?;
        fcntl_setfl(&self.file, OFlags::empty())?;
        let blanked = self.file.write_all_at(&vec![b' '; count], from);
        fcntl_setfl(&self.file, OFlags::APPEND)?;
        blanked
    }

    #[cfg(not(unix))]
    fn blank(&mut self, _: usize) -> io::Result<()> {
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

/// Whether there is something behind the last line break.
fn is_torn(file: &mut File) -> io::Result<bool> {
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(last != [b'\n'])
}

/// Ends the last line of a file: with a line break if only that is missing, else by removing it.
fn mend(file: &mut File, is_json: bool) -> io::Result<()> {
    let length = file.metadata()?.len();
    let Some(begin) = last_line(file, length)? else {
        return file.write_all(b"\n");
    };
    let tail = |file: &mut File| {
        file.seek(SeekFrom::Start(begin))?;
        Ok::<_, io::Error>(BufReader::new(file.try_clone()?.take(length - begin)))
    };
    if is_blank(tail(file)?)? {
        return Ok(());
    }
    let is_whole = !is_json || serde_json::from_reader::<_, IgnoredAny>(tail(file)?).is_ok();
    match is_whole {
        true => file.write_all(b"\n"),
        false => file.set_len(begin),
    }
}

fn is_blank(mut text: impl BufRead) -> io::Result<bool> {
    loop {
        let part = text.fill_buf()?;
        if part.is_empty() || part.iter().any(|byte| *byte != b' ') {
            return Ok(part.is_empty());
        }
        let count = part.len();
        text.consume(count);
    }
}

/// Where the last line begins, unless it is longer than any of ours.
fn last_line(file: &mut File, length: u64) -> io::Result<Option<u64>> {
    const STEP: u64 = 64 * 1024;
    const LONGEST: u64 = 64 * 1024 * 1024;
    let mut start = length;
    while start > 0 && length - start < LONGEST {
        let from = start.saturating_sub(STEP);
        let mut part = vec![0; usize::try_from(start - from).unwrap_or(0)];
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(Some(from + at as u64 + 1));
        }
        start = from;
    }
    Ok((start == 0).then_some(0))
}
