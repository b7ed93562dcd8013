//! A file that its owner alone may read, to append to.

use std::{
    fs::File,
    io::{self, ErrorKind},
    path::Path,
};

use super::directory::Directory;

/// Opens the file with the care of log files, and makes it if it is missing: with mode 0600.
///
/// # Errors
///
/// See [`Directory::open`] and [`Directory::append_to`].
pub(crate) fn append_in_private(path: &Path) -> io::Result<File> {
    let above = path.parent().filter(|it| !it.as_os_str().is_empty());
    let directory = Directory::open(above.unwrap_or(Path::new(".")))?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "no name of a file"))?;
    match directory.create(name) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => directory.append_to(name),
        Ok(file) => {
            #[cfg(unix)]
            file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
            Ok(file)
        }
        failed => failed,
    }
}
