//! [`LockedFile`]: the file, as long as it is ours alone.

use std::{
    fs::{self, File, Metadata, TryLockError},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FallocateFlags, Mode, OFlags, fallocate, fchmod, fstat, fstatvfs},
    io::{Errno, retry_on_intr},
};

use super::{
    error::{Kind, MmapError},
    header::{self, Header},
};

/// Its owner writes, its group reads.
const MODE: Mode = Mode::from_raw_mode(0o640);

/// A regular file with one name, and a lock on it.
#[derive(Debug)]
pub(super) struct LockedFile {
    path: PathBuf,
    file: File,
}

impl LockedFile {
    /// Opens and locks a file, or makes an empty one if it may.
    pub(super) fn open(path: &Path, may_create: bool) -> Result<Self, MmapError> {
        let file = open_or_create(path, may_create)?;
        let metadata = regular(path, &file)?;
        if metadata.nlink() > 1 {
            let what = "has several names (hard links): records take a file with one";
            return Err(MmapError::other(path, what));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = "is open elsewhere, in this process or another: close it there, or \
                            name another file";
                return Err(MmapError::new(path, Kind::InUse, what));
            }
            Err(TryLockError::Error(error)) => {
                return Err(MmapError::io(path, "cannot be locked", error));
            }
        }
        let path = path.to_owned();
        let locked = Self { path, file };
        // Somebody else may have moved it between the opening and the lock.
        locked.check_place().map(|()| locked)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn length(&self) -> Result<u64, MmapError> {
        let metadata = self.file.metadata();
        let metadata = metadata.map_err(|error| self.io("cannot be looked at", error))?;
        Ok(metadata.len())
    }

    /// Fails if the file has no name any more, or fewer bytes than these.
    pub(super) fn check_length(&self, least: u64) -> Result<(), MmapError> {
        let stat = fstat(&self.file).map_err(|error| self.io("cannot be looked at", error))?;
        if stat.st_nlink == 0 {
            return Err(MmapError::other(
                &self.path,
                "was deleted: open it anew, to begin another file",
            ));
        }
        match u64::try_from(stat.st_size) {
            Ok(size) if size >= least => Ok(()),
            _ => Err(self.changed("was cut by somebody else")),
        }
    }

    /// Fails if there is another file at the path, or none.
    pub(super) fn check_place(&self) -> Result<(), MmapError> {
        let place = |it: &Metadata| (it.dev(), it.ino());
        let here = self.file.metadata().map(|it| place(&it));
        let here = here.map_err(|error| self.io("cannot be looked at", error))?;
        match fs::symlink_metadata(&self.path) {
            Ok(there) if place(&there) == here => Ok(()),
            Ok(_) => Err(self.changed("is another file by now")),
            Err(error) => Err(self.io("is not to be found any more", error)),
        }
    }

    /// Fails if the disk has no room for so many bytes more.
    pub(super) fn check_room(&self, bytes: u64) -> Result<(), MmapError> {
        let disk = fstatvfs(&self.file).map_err(|error| self.io("cannot be looked at", error))?;
        match disk.f_bavail.saturating_mul(disk.f_frsize) >= bytes {
            true => Ok(()),
            false => Err(MmapError::new(&self.path, Kind::Full, DISK_IS_FULL)),
        }
    }

    pub(super) fn header(&self) -> Result<Header, MmapError> {
        read_header(&self.path, &self.file)
    }

    /// Writes a header, and waits until the disk has the file, and its name.
    pub(super) fn begin(&self, header: &Header) -> Result<(), MmapError> {
        let begun = || {
            self.file.write_all_at(&header.bytes(), 0)?;
            self.file.sync_all()?;
            let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        begun().map_err(|error| self.want_of_room(error))
    }

    /// Writes bytes within the file.
    pub(super) fn write_at(&self, bytes: &[u8], at: u64) -> Result<(), MmapError> {
        let written = self.file.write_all_at(bytes, at);
        written.map_err(|error| self.io("cannot be written to", error))
    }

    /// Makes the file longer, with blocks of the disk for all of it: where they lacked, a write to
    /// the mapping would end the process.
    pub(super) fn reserve(&self, from: u64, to: u64) -> Result<(), MmapError> {
        if to <= from {
            return Ok(());
        }
        let allocate = || fallocate(&self.file, FallocateFlags::empty(), from, to - from);
        retry_on_intr(allocate).map_err(|error| {
            // Some file systems leave what they could get. If that stays, it does no harm.
            let _ = self.file.set_len(from);
            self.want_of_room(error.into())
        })
    }

    /// Makes the file shorter.
    pub(super) fn cut(&self, length: u64) -> Result<(), MmapError> {
        let cut = self.file.set_len(length);
        cut.map_err(|error| self.io("cannot be cut to its length", error))
    }

    /// Lets others have it.
    pub(super) fn unlock(&self) {
        // If that fails, the lock goes with the last handle.
        let _ = self.file.unlock();
    }

    /// Waits until the disk has all of it.
    pub(super) fn sync(&self) -> Result<(), MmapError> {
        let synced = self.file.sync_all();
        synced.map_err(|error| self.io(NOT_SYNCED, error))
    }

    pub(super) fn io(&self, what: &str, error: impl Into<io::Error>) -> MmapError {
        MmapError::io(&self.path, what, error)
    }

    /// Somebody does not heed the lock.
    pub(super) fn changed(&self, what: &str) -> MmapError {
        let what = format!("{what}: keep others away from it, and open it anew");
        MmapError::new(&self.path, Kind::Damaged, what)
    }

    fn want_of_room(&self, error: io::Error) -> MmapError {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull, Unsupported};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => self.io(DISK_IS_FULL, error).full(),
            Unsupported => self.io("lies where space cannot be reserved", error),
            _ => self.io("cannot be made longer", error),
        }
    }
}

pub(super) const NOT_SYNCED: &str = "may not be on the disk as a whole";
const DISK_IS_FULL: &str = "cannot grow, as there is no room: free some, or set a smaller max_size";

/// Opens a file to be read. It must be a regular one.
pub(super) fn open_to_read(path: &Path) -> Result<File, MmapError> {
    let file = open(path, OFlags::RDONLY).map_err(|error| refused(path, error))?;
    regular(path, &file).map(|_| file)
}

pub(super) fn read_header(path: &Path, file: &File) -> Result<Header, MmapError> {
    let mut bytes = [0; header::LENGTH as usize];
    match file.read_exact_at(&mut bytes, 0) {
        Ok(()) => Header::read(&bytes).map_err(|what| MmapError::other(path, what)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            let what = "is no file of records: it is too short for a header";
            Err(MmapError::other(path, what))
        }
        Err(error) => Err(MmapError::io(path, "cannot be read", error)),
    }
}

fn open_or_create(path: &Path, may_create: bool) -> Result<File, MmapError> {
    let existing = || open(path, OFlags::RDWR);
    let opened = match existing() {
        Err(Errno::NOENT) if may_create => {
            match open(path, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL) {
                // The umask takes away from what was asked for.
                Ok(file) => fchmod(&file, MODE).map(|()| file),
                Err(Errno::EXIST) => existing(),
                Err(error) => Err(error),
            }
        }
        opened => opened,
    };
    opened.map_err(|error| refused(path, error))
}

/// Follows no link at the end of the path, and does not wait for the other end of a pipe.
fn open(path: &Path, how: OFlags) -> rustix::io::Result<File> {
    let always = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    retry_on_intr(|| rustix::fs::open(path, how | always, MODE)).map(File::from)
}

fn refused(path: &Path, error: Errno) -> MmapError {
    match error {
        Errno::LOOP => MmapError::other(path, "is a symbolic link: name the file itself"),
        error => MmapError::io(path, "cannot be opened", error),
    }
}

fn regular(path: &Path, file: &File) -> Result<Metadata, MmapError> {
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(metadata),
        Ok(_) => Err(MmapError::other(path, "is no regular file: name one")),
        Err(error) => Err(MmapError::io(path, "cannot be looked at", error)),
    }
}
