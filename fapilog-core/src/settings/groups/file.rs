//! The rotating file.

use std::{path::PathBuf, time::Duration};

use super::MIB;
use crate::settings::{
    kind::{Choose, FilePath, Flag, Maybe, Rotation, Seconds, Size, Text, Whole, Zone, choice},
    leaf::group,
};

group! {
    /// The sink `rotating_file`.
    pub struct FileSettings at [sink_config.rotating_file] {
        /// Where its files are. Where no sink is named, it is the one if this is set. Defaults to the
        /// working directory.
        directory: Option<PathBuf> = None, Maybe(FilePath);
        /// How their names begin. Defaults to `fapilog`.
        filename_prefix: String = "fapilog".to_owned(), Text;
        /// What stands in them. Defaults to `json`.
        mode: FileMode = FileMode::Json, Choose::<FileMode>::NEW;
        /// Bytes after which a new file is begun. Defaults to 10 MiB.
        max_bytes: usize = 10 * MIB, Size::of(1, usize::MAX);
        /// Time after which a new file is begun; hours, days and weeks begin when they do in `time_zone`.
        /// None by default.
        interval as "interval_seconds": Option<Duration> = None, Maybe(Rotation);
        /// Old files that are kept, at most. All by default.
        max_files: Option<usize> = None, Maybe(Whole::from(1));
        /// How long old files are kept after they were last written to. For ever by default.
        max_age as "max_age_seconds": Option<Duration> = None, Maybe(Seconds::SOME);
        /// Bytes of old files that are kept, at most. All by default.
        max_total_bytes: Option<usize> = None, Maybe(Size::of(1, usize::MAX));
        /// Whether old files are compressed (feature `gzip`). Defaults to false.
        compress_rotated: bool = false, Flag;
        /// Whether the file of an earlier process is continued. Defaults to false.
        append: bool = false, Flag;
        /// Where hours, days and weeks begin, by the name of the IANA database. Defaults to `UTC`.
        time_zone: String = "UTC".to_owned(), Zone;
        /// When what is written is forced onto the disk. Defaults to `never`: when the system likes.
        sync: FileSync = FileSync::Never, Choose::<FileSync>::NEW;
        /// How long at most it is not, if `sync` is `interval`. Defaults to 1 s.
        sync_interval as "sync_interval_seconds": Duration = Duration::from_secs(1), Seconds::SOME;
        /// Whether a symbolic link `{prefix}-latest` shows to the file that is written to. Defaults to
        /// false.
        latest_link: bool = false, Flag;
        /// Whether the file is opened anew at SIGHUP, which then does not end the process any more.
        /// Defaults to false.
        reopen_on_hangup: bool = false, Flag;
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

choice! {
    /// When what is written to a file is forced onto the disk.
    pub enum FileSync {
        /// When the system likes.
        Never = "never",
        /// So long after it was written, at most.
        Interval = "interval",
        /// Before it counts as delivered.
        Batch = "batch",
    }
}
