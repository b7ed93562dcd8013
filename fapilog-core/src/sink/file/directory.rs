//! The directory of log files, held open: nobody can put another in its place while we work in it.

use std::{
    fs::{self, File, Metadata, TryLockError},
    io::{self, ErrorKind},
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt, PermissionsExt},
    },
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustix::{
    fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat},
    io::Errno,
};

/// Readable by the group of the process, by nobody else, whatever the umask says.
const FILE: u32 = 0o640;
const DIRECTORY: u32 = 0o750;

#[derive(Debug)]
pub(super) struct Directory {
    fd: OwnedFd,
    /// Others may make files in it, though not remove ours.
    is_shared: bool,
}

/// What makes a file the same one under whatever name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

/// A regular file of a single name.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) changed: SystemTime,
}

impl Identity {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

/// Whether the file has no name any more.
pub(super) fn is_deleted(metadata: &Metadata) -> bool {
    metadata.nlink() == 0
}

/// Takes a file for oneself alone, unless others use it.
pub(super) fn lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

/// Takes a file to use it, unless somebody has it for himself alone.
pub(super) fn share(file: &File) -> Result<(), TryLockError> {
    file.try_lock_shared()
}

impl Directory {
    /// Opens the directory; makes it, and those above it, if they are missing.
    ///
    /// # Errors
    ///
    /// Also if anybody may rename and remove what is in it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let open = || rustix::fs::openat(CWD, path, flags, Mode::empty());
        let fd = match open() {
            Err(Errno::NOENT) => {
                make(path)?;
                open()?
            }
            opened => opened?,
        };
        let mode = File::from(fd.try_clone()?).metadata()?.mode();
        let is_shared = mode & 0o002 != 0;
        if is_shared && mode & 0o1000 == 0 {
            return Err(refused("a directory that anybody may change", path));
        }
        Ok(Self { fd, is_shared })
    }

    /// Opens a file that is there, to append to it.
    ///
    /// # Errors
    ///
    /// Also if it is a link, has several names, or is no regular file; and in a directory where
    /// anybody may make files, if it is somebody else's.
    pub(super) fn append_to(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::APPEND;
        let file = self.open_at(name, flags)?;
        let metadata = file.metadata()?;
        let name = Path::new(name);
        if !metadata.is_file() {
            return Err(refused("what is no regular file", name));
        }
        if metadata.nlink() > 1 {
            return Err(refused("a file of several names", name));
        }
        let own = rustix::process::geteuid().as_raw();
        if self.is_shared && metadata.uid() != own {
            return Err(refused("somebody else's file", name));
        }
        Ok(file)
    }

    /// Makes a file that is not there yet, to append to it.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let file = self.open_at(name, flags)?;
        file.set_permissions(fs::Permissions::from_mode(FILE))?;
        Ok(file)
    }

    /// Never through a link, and never waiting for the other end of a pipe.
    fn open_at(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let careful = OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let mode = Mode::from_raw_mode(FILE);
        match rustix::fs::openat(&self.fd, name, flags | careful, mode) {
            Err(Errno::LOOP) => Err(refused("a symbolic link", Path::new(name))),
            Err(Errno::NXIO) => Err(refused("what is no regular file", Path::new(name))),
            opened => Ok(opened?.into()),
        }
    }

    /// Takes a lock that processes do something under, unless one holds it.
    pub(super) fn try_lock(&self, name: &str) -> io::Result<Option<File>> {
        let file = match self.create(name) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.append_to(name)?,
            created => created?,
        };
        Ok(super::active::is_free(&file).then_some(file))
    }

    pub(super) fn has(&self, name: &str) -> io::Result<bool> {
        match self.stat(name) {
            Err(Errno::NOENT) => Ok(false),
            found => found.map(|_| true).map_err(Into::into),
        }
    }

    /// Whether this name is that file's.
    pub(super) fn is(&self, name: &str, file: &File) -> io::Result<bool> {
        let own = rustix::fs::fstat(file)?;
        match self.stat(name) {
            Err(Errno::NOENT) => Ok(false),
            named => Ok(named.map(|it| (it.st_dev, it.st_ino) == (own.st_dev, own.st_ino))?),
        }
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.fd, from, &self.fd, to)?)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    /// Makes the names as durable as what they name.
    #[cfg(feature = "gzip")]
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.fd)?)
    }

    /// Lets a link show to a file from now on. What is there and is no link is left alone.
    pub(super) fn link(&self, link: &str, to: &str) -> io::Result<()> {
        match self.stat(link) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink => {
                return Err(refused(
                    "what is no link, in the place of one",
                    Path::new(link),
                ));
            }
            _ => {}
        }
        // A link cannot be changed; another one can take its place.
        let new = format!(".{link}");
        let _ = self.remove(&new);
        rustix::fs::symlinkat(to, &self.fd, &new)?;
        self.rename(&new, link)
    }

    /// All regular files with a single name that is text.
    pub(super) fn files(&self) -> io::Result<Vec<Found>> {
        let mut files = Vec::new();
        for entry in Dir::read_from(&self.fd)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            // It may be gone by now.
            let Ok(stat) = self.stat(name) else { continue };
            let is_regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
            if is_regular && stat.st_nlink == 1 {
                let seconds = u64::try_from(stat.st_mtime).unwrap_or(0);
                files.push(Found {
                    name: name.to_owned(),
                    bytes: u64::try_from(stat.st_size).unwrap_or(0),
                    changed: UNIX_EPOCH + Duration::from_secs(seconds),
                });
            }
        }
        Ok(files)
    }

    fn stat(&self, name: &str) -> Result<Stat, Errno> {
        rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)
    }
}

/// Makes a directory, and those above it.
fn make(path: &Path) -> io::Result<()> {
    let made = match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let above = path.parent().ok_or(error)?;
            make(above)?;
            fs::create_dir(path)
        }
        made => made,
    };
    match made {
        // Not through a link that has taken its place.
        Ok(()) => {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let made = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
            Ok(rustix::fs::fchmod(made, Mode::from_raw_mode(DIRECTORY))?)
        }
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn refused(what: &str, path: &Path) -> io::Error {
    io::Error::other(format!(
        "log files are not written to {what}: {}",
        path.display()
    ))
}
