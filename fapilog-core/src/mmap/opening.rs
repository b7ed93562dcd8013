//! What has to be done to a file before anything is appended.

use super::{
    MmapMode, MmapOptions, Recovery,
    error::MmapError,
    file::LockedFile,
    header::{self, Header, Layout},
    recovery::recover,
};

/// Sees to it that a file has a header, and was closed.
pub(super) fn prepare(
    file: &LockedFile,
    options: &MmapOptions,
) -> Result<(Header, Option<Recovery>), MmapError> {
    let length = file.length()?;
    if length == 0 {
        let header = Header {
            layout: Layout::new(options.mode.unwrap_or(MmapMode::Framed)),
            committed: header::LENGTH,
            is_closed: true,
        };
        file.begin(&header)?;
        return Ok((header, None));
    }
    let header = file.header()?;
    let found = header.layout.mode();
    if let Some(mode) = options.mode.filter(|mode| *mode != found) {
        let what = format!("was made in the mode {found:?}: open it in that, not in {mode:?}");
        return Err(MmapError::other(file.path(), what));
    }
    if header.is_closed && header.committed == length {
        return Ok((header, None));
    }
    recover(file, header).map(|(header, recovery)| (header, Some(recovery)))
}
