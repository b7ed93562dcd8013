//! Compressing an old file, without the feature that does it.

use std::{
    fs::File,
    io::{self, ErrorKind},
    sync::atomic::AtomicBool,
};

use super::directory::{Directory, Found};

/// Whether this can be done.
pub(super) const IS_BUILT: bool = false;

/// It cannot.
pub(super) fn file(_: &Directory, _: &Found, _: &File, _: &AtomicBool) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
