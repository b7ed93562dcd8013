//! Compressing an old file.

use std::{
    fs::File,
    io::{self, Read, Write},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use flate2::{Compression, write::GzEncoder};

use super::{
    directory::{Directory, Found},
    name::{COMPRESSED, Names},
};

/// Whether this can be done.
pub(super) const IS_BUILT: bool = true;

/// Puts a compressed file in the place of this one, unless `ended` comes first. At any moment one of
/// the two is there and whole: the compressed one gets its name when it is on disk, and only then
/// the original is removed.
pub(super) fn file(
    directory: &Directory,
    found: &Found,
    file: &File,
    ended: &AtomicBool,
) -> io::Result<()> {
    let temporary = Names::temporary(&found.name);
    let new = directory.create(&temporary)?;
    let written = write(file, &new, ended).and_then(|is_whole| {
        if is_whole {
            // As old as what is in it.
            new.set_modified(found.changed)?;
            new.sync_all()?;
            directory.rename(&temporary, &format!("{}{COMPRESSED}", found.name))?;
            directory.sync()?;
            directory.remove(&found.name)?;
        }
        Ok(is_whole)
    });
    if !matches!(written, Ok(true)) {
        // Gone already if it has its name.
        let _ = directory.remove(&temporary);
    }
    written.map(|_| ())
}

/// Returns whether it came to the end.
fn write(mut from: &File, to: &File, ended: &AtomicBool) -> io::Result<bool> {
    let mut encoder = GzEncoder::new(to, Compression::default());
    let mut part = vec![0; 64 * 1024];
    while !ended.load(Relaxed) {
        match from.read(&mut part)? {
            0 => return encoder.finish().map(|_| true),
            count => encoder.write_all(&part[..count])?,
        }
    }
    Ok(false)
}
