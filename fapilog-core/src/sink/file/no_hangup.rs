//! [`Hangup`], where there is no such signal.

use std::io::{self, ErrorKind};

use super::FileHandle;

/// It does not come.
#[derive(Debug)]
pub(super) struct Hangup;

impl Hangup {
    pub(super) fn watch(_: FileHandle) -> io::Result<Self> {
        Err(ErrorKind::Unsupported.into())
    }
}
