//! Compressing a body.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

/// Whether this can be done.
pub(super) const IS_BUILT: bool = true;

/// The bytes, compressed.
pub(super) fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}
