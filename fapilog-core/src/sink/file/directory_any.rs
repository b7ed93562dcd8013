//! The directory of log files, where systems know neither links nor modes as Unix does.

use std::{
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::SystemTime,
};

#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

/// What makes a file the same one under whatever name, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity(Option<SystemTime>);

/// A regular file.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) changed: SystemTime,
}

impl Identity {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self(metadata.created().ok())
    }
}

/// An open file cannot be deleted.
pub(super) fn is_deleted(_: &Metadata) -> bool {
    false
}

/// Locks keep others from writing here, rather than tell them something: there are none.
pub(super) fn lock(_: &File) -> Result<(), TryLockError> {
    Ok(())
}

/// See [`lock`].
pub(super) fn share(_: &File) -> Result<(), TryLockError> {
    Ok(())
}

impl Directory {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    pub(super) fn append_to(&self, name: &str) -> io::Result<File> {
        self.options().open(self.path.join(name))
    }

    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        self.options().create_new(true).open(self.path.join(name))
    }

    fn options(&self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).append(true);
        options
    }

    pub(super) fn try_lock(&self, name: &str) -> io::Result<Option<File>> {
        let file = self.options().create(true).open(self.path.join(name))?;
        Ok(super::active::is_free(&file).then_some(file))
    }

    pub(super) fn has(&self, name: &str) -> io::Result<bool> {
        self.path.join(name).try_exists()
    }

    pub(super) fn is(&self, name: &str, file: &File) -> io::Result<bool> {
        let named = fs::symlink_metadata(self.path.join(name))?;
        Ok(Identity::of(&named) == Identity::of(&file.metadata()?))
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    #[cfg(feature = "gzip")]
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn link(&self, _: &str, _: &str) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(super) fn files(&self) -> io::Result<Vec<Found>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let (Ok(name), Ok(metadata)) = (entry.file_name().into_string(), entry.metadata())
            else {
                continue;
            };
            if metadata.is_file() {
                let changed = metadata.modified()?;
                let bytes = metadata.len();
                files.push(Found {
                    name,
                    bytes,
                    changed,
                });
            }
        }
        Ok(files)
    }
}
