//! How a [`RotatingFile`] is set up.

use std::{path::PathBuf, sync::Arc, time::Duration};

use super::{FileHandle, Place, RotatingFile};
use crate::{
    clock::Clock,
    settings::{FileMode, FileSync},
};

/// Each of these is a setting of `sink_config.rotating_file` too.
impl RotatingFile {
    /// Sets what stands in the file. Defaults to [`FileMode::Json`].
    pub fn mode(mut self, mode: FileMode) -> Self {
        self.settings.mode = mode;
        self
    }

    /// Sets after how many bytes a new file is begun: before the event that would not fit. Defaults
    /// to 10 MiB. An event that is longer has a file of its own.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_bytes = bytes;
        self
    }

    /// Sets after what time a new file is begun, with the first event of the new period; `None`, the
    /// default, for never. Periods of one hour, one day and one week begin with the hour, at
    /// midnight and on Monday in the [`time_zone`](Self::time_zone); others are counted from 1970 on.
    pub fn interval(mut self, interval: impl Into<Option<Duration>>) -> Self {
        self.settings.interval = interval.into();
        self
    }

    /// Sets where hours, days and weeks begin, by the name of the IANA database, such as
    /// `Europe/Berlin`. Defaults to `UTC`. Names of files are in UTC in any case.
    pub fn time_zone(mut self, name: impl Into<String>) -> Self {
        self.settings.time_zone = name.into();
        self
    }

    /// Sets how many old files are kept; `None`, the default, for all.
    pub fn max_files(mut self, files: impl Into<Option<usize>>) -> Self {
        self.settings.max_files = files.into();
        self
    }

    /// Sets how long old files are kept after they were last written to; `None`, the default, for
    /// ever. They are looked through when a file is begun.
    pub fn max_age(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.settings.max_age = age.into();
        self
    }

    /// Sets how many bytes old files may have together; `None`, the default, for any number.
    pub fn max_total_bytes(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.settings.max_total_bytes = bytes.into();
        self
    }

    /// Sets whether old files are compressed (feature `gzip`), on a thread of low priority. Defaults
    /// to false.
    pub fn compress_rotated(mut self, compress: bool) -> Self {
        self.settings.compress_rotated = compress;
        self
    }

    /// Sets whether the file of an earlier process is continued. Defaults to true for
    /// [`at`](Self::at), and to false for [`within`](Self::within).
    pub fn append(mut self, append: bool) -> Self {
        self.settings.append = append;
        self
    }

    /// Sets when what is written is forced onto the disk. Defaults to [`FileSync::Never`]: the
    /// system does it when it likes, and a crash of the machine, not of the process, may cost the
    /// last half minute.
    pub fn sync(mut self, sync: FileSync) -> Self {
        self.settings.sync = sync;
        self
    }

    /// Sets how long after it was written a file is forced onto the disk with
    /// [`FileSync::Interval`]. Defaults to 1 s.
    pub fn sync_interval(mut self, interval: Duration) -> Self {
        self.settings.sync_interval = interval;
        self
    }

    /// Keeps a symbolic link `{prefix}-latest` to the file that is written to. Defaults to false;
    /// without effect for [`at`](Self::at), where the path is always the latest.
    pub fn latest_link(mut self, link: bool) -> Self {
        self.settings.latest_link = link;
        self
    }

    /// Opens the file anew at SIGHUP, which then does not end the process any more. Defaults to
    /// false. It is seldom needed, see [`FileHandle::reopen`].
    pub fn reopen_on_hangup(mut self, reopen: bool) -> Self {
        self.settings.reopen_on_hangup = reopen;
        self
    }

    /// Names the sink in the books. Defaults to `rotating_file`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets where the time of day comes from that decides on rotation and age. Defaults to the
    /// operating system.
    pub fn clock(self, clock: impl Clock) -> Self {
        self.shared_clock(Arc::new(clock))
    }

    /// A hold on the file that is left when a pipeline has taken the sink over.
    pub fn handle(&self) -> FileHandle {
        self.handle.clone()
    }

    pub(crate) fn shared_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    pub(super) fn of_place(place: Place) -> Self {
        Self {
            name: "rotating_file".to_owned(),
            place,
            ..Self::default()
        }
    }

    pub(super) fn directory(&self) -> PathBuf {
        let directory = self.settings.directory.clone();
        directory.unwrap_or_else(|| PathBuf::from("."))
    }
}
