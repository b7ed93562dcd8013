//! [`MmapError`]: why a file of records could not be used.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use crate::error::SinkError;

/// Why a file could not be opened, appended to or read. Its text names the file, what is wrong with
/// it, and what helps.
#[derive(Debug)]
pub struct MmapError {
    path: PathBuf,
    kind: Kind,
    what: String,
    cause: Option<io::Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    InUse,
    Full,
    Damaged,
    Other,
}

impl MmapError {
    pub(super) fn new(path: &Path, kind: Kind, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            what: what.into(),
            cause: None,
        }
    }

    pub(super) fn other(path: &Path, what: impl Into<String>) -> Self {
        Self::new(path, Kind::Other, what)
    }

    /// What the system refused.
    pub(super) fn io(path: &Path, what: &str, cause: impl Into<io::Error>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::other(path, what)
        }
    }

    /// The same for want of space.
    pub(super) fn full(self) -> Self {
        let kind = Kind::Full;
        Self { kind, ..self }
    }

    /// Another process, or another handle of this one, has the file open.
    pub fn is_in_use(&self) -> bool {
        self.kind == Kind::InUse
    }

    /// There is no room: the disk is full, or the file as large as it may be. Nothing was changed,
    /// and once there is room, the same call works.
    pub fn is_full(&self) -> bool {
        self.kind == Kind::Full
    }

    /// What was committed is not there, or not as it was written.
    pub fn is_damaged(&self) -> bool {
        self.kind == Kind::Damaged
    }

    /// The file that could not be used.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for MmapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path.display(), self.what)?;
        let mut causes = self.cause.iter();
        causes.try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl Error for MmapError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

impl From<MmapError> for SinkError {
    fn from(error: MmapError) -> Self {
        Self::new(error)
    }
}
