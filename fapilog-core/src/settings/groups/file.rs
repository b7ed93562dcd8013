//! The rotating file.

use std::{path::PathBuf, time::Duration};

use super::MIB;
use crate::settings::{
    kind::{Choose, FilePath, Flag, Maybe, Rotation, Size, Text, Whole, choice},
    leaf::group,
};

group! {
    /// The sink `rotating_file`.
    pub struct FileSettings at [sink_config.rotating_file] {
        /// Where its files are. Defaults to the working directory.
        directory: Option<PathBuf> = None, Maybe(FilePath);
        /// How their names begin. Defaults to `fapilog`.
        filename_prefix: String = "fapilog".to_owned(), Text;
        /// What stands in them. Defaults to `json`.
        mode: FileMode = FileMode::Json, Choose::<FileMode>::NEW;
        /// Bytes after which a new file is begun. Defaults to 10 MiB.
        max_bytes: usize = 10 * MIB, Size::of(1, usize::MAX);
        /// Time after which a new file is begun. None by default.
        interval as "interval_seconds": Option<Duration> = None, Maybe(Rotation);
        /// Old files that are kept, at most. All by default.
        max_files: Option<usize> = None, Maybe(Whole::from(1));
        /// Bytes of old files that are kept, at most. All by default.
        max_total_bytes: Option<usize> = None, Maybe(Size::of(1, usize::MAX));
        /// Whether old files are compressed. Defaults to false.
        compress_rotated: bool = false, Flag;
    }
}

choice! {
    /// What stands in a file.
    pub enum FileMode {
        /// A JSON object a line.
        Json = "json",
        /// Lines for people.
        Text = "text",
    }
}
